"""A brief of a large day: `python -m eval.bench.brief_making TEXTS... --n 300`.

Takes real articles (JSON Lines, perhaps packed), gives all of them one date, has `yiwen tag` and
`yiwen brief` make the day's brief, and prints the seconds of each. Then kills both (SIGKILL) at
random moments and starts them again: reports and brief must be the same as without a kill, and
every article in the library once.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Annotated

import typer
from rich.console import Console

from data.command import run_command
from eval.bench.http_server import COMMAND, ROOT
from eval.bench.library_search import read_texts
from serving.brief.check import check_file
from serving.brief.making import article_finder
from serving.home.database import open_store
from serving.home.folder import HOME_VARIABLE, STORE_NAME
from serving.library.articles import ArticleFilter, list_articles

EXIT_FAILED_LINES = 3
DAY = "2024-05-16"
KILLS = 6
MIN_CHARS = 100


@dataclass(frozen=True)
class Day:
    """A day's articles in a folder, with a home of its own, and what is made of them."""

    folder: Path

    @property
    def reports(self) -> Path:
        """What `yiwen tag` writes."""
        return self.folder / "reports.jsonl"

    @property
    def brief(self) -> Path:
        """What `yiwen brief` writes."""
        return self.folder / "brief.txt"

    @property
    def store_url(self) -> str:
        """The address of the home's store."""
        return f"sqlite:///{self.folder / 'home' / STORE_NAME}"

    def start(self, step: str) -> subprocess.Popen[bytes]:
        """Start a step, `tag` or `brief`."""
        reports, brief = self.reports.name, self.brief.name
        commands = {
            "tag": ["in.jsonl", "-o", reports],
            "brief": [reports, "--date", DAY, "--all", "-o", brief],
        }
        # In the folder, so that reports name the same source whatever folder it is.
        variables = {HOME_VARIABLE: str(self.folder / "home"), "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(  # noqa: S603 # this program
            [*COMMAND, step, *commands[step]], cwd=self.folder, stderr=subprocess.DEVNULL,
            env={**os.environ, **variables},
        )  # fmt: skip

    def finish(self, step: str) -> float:
        """Do a step to its end; return the seconds."""
        start = monotonic()
        with self.start(step) as process:
            if process.wait() not in (0, EXIT_FAILED_LINES):
                raise SystemExit(f"yiwen {step} ended with status {process.returncode}")
        return monotonic() - start

    def find_faults(self) -> Iterator[str]:
        """Yield what is wrong with the library and the brief."""
        rows = [json.loads(line) for line in self.reports.read_text("utf-8").splitlines()]
        wanted = {row["text"] for row in rows if "error" not in row}
        store = open_store(self.store_url)
        kept = list_articles(store, ArticleFilter(), limit=2 * len(rows))
        if len(kept) != len(wanted):
            yield f"{len(kept)} articles in the library in place of {len(wanted)}"
        yield from check_file(self.brief, article_finder(store)).faults
        store.dispose()


def choose_texts(paths: list[Path], n: int) -> list[str]:
    """Return texts that are articles, no two alike."""
    texts = (text for path in paths for text in read_texts(path) if len(text) >= MIN_CHARS)
    return list(islice(dict.fromkeys(texts), n))


def start_day(folder: Path, texts: list[str]) -> Day:
    """Write a day's articles into a new folder."""
    folder.mkdir()
    rows = ({"id": str(i), "date": DAY, "text": text} for i, text in enumerate(texts))
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "in.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Day(folder)


def kill_on_the_way(day: Day, step: str, whole_s: float, kills: int, dice: random.Random) -> int:
    """Start a step and kill it, so many times; return how many were still at work."""
    n_killed = 0
    for _ in range(kills):
        with day.start(step) as process:
            sleep(dice.uniform(0, whole_s))
            process.kill()
            n_killed += process.wait() != 0
    return n_killed


def main(
    texts: Annotated[list[Path], typer.Argument(help="JSON Lines with `text`, or packed ones.")],
    n: Annotated[int, typer.Option(help="How many articles.", min=1)] = 300,
    kills: Annotated[int, typer.Option(help="Kills of each step.", min=0)] = KILLS,
) -> None:
    """Print seconds and faults; exit with 1 where there is a fault."""
    chosen, console = choose_texts(texts, n), Console()
    with TemporaryDirectory() as scratch:
        quiet = start_day(Path(scratch) / "quiet", chosen)
        seconds = {step: quiet.finish(step) for step in ("tag", "brief")}
        console.print(
            f"{len(chosen)} articles: tag {seconds['tag']:.1f} s, brief {seconds['brief']:.1f} s, "
            f"together {sum(seconds.values()):.1f} s", highlight=False,
        )  # fmt: skip
        faults = list(quiet.find_faults())
        killed, dice, n_killed = start_day(Path(scratch) / "killed", chosen), random.Random(1), 0  # noqa: S311
        for step, spent in seconds.items():
            n_killed += kill_on_the_way(killed, step, spent, kills, dice)
            killed.finish(step)
        faults += killed.find_faults()
        for name in ("reports", "brief"):
            if getattr(quiet, name).read_bytes() != getattr(killed, name).read_bytes():
                faults.append(f"another file after kills: {name}")
    console.print(f"killed {n_killed} times; faults: {len(faults)}", highlight=False)
    for fault in faults:
        console.print(fault, highlight=False, markup=False)
    if faults:
        raise typer.Exit(1)


if __name__ == "__main__":
    run_command(main)
