"""Judging: a blind sheet on which people say which summaries they would file unedited.

`python -m eval.judging make sheet.html DATA.jsonl SYSTEM=REPORTS.jsonl...`
`python -m eval.judging count sheet.html ANSWERS.json...`

DATA are articles with `id` and `text`, and perhaps a reference `summary`; REPORTS are what `yiwen
tag` wrote, or lines with `id` and `summary`. References and the first 150 characters (the lead) are
put among them. The sheet shows one article with one summary at a time and asks four questions, by
keys; which system wrote a summary stands nowhere on it, but in `sheet.html.key`. The answers are
kept in the browser and saved as a file, which `count` reads.
"""

from __future__ import annotations

import hashlib
import html
import json
import math
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from jinja2 import Environment, FileSystemLoader

from data.corpus.import_rows import read_lines
from model import InputError, YiwenError
from model.summary import DEFAULT_CHARS

QUESTIONS = (
    ("filed", "可以一字不改放进简报吗？"),
    ("main", "最要紧的事都说了吗？"),
    ("named", "点明了是谁、在哪里吗？"),
    ("whole", "通顺完整、没有悬空的指代吗？"),
)
REFERENCE, LEAD = "参考", "开头"
_Z = 1.96  # of a 95% interval


@dataclass(frozen=True)
class Item:
    """One summary to judge; `id` says nothing of the system that wrote it."""

    id: str
    system: str
    article: str
    text: str
    summary: str


def list_items(data: Path, reports: dict[str, Path], n_articles: int, seed: int) -> list[Item]:
    """List the summaries of a sample of articles, in an order that tells nothing.

    Raises:
        InputError: no article has a summary of every system.
    """
    articles = {str(line["id"]): line for line in read_lines(data)}
    found: dict[str, dict[str, str]] = {
        system: {str(line["id"]): _words(line) for line in read_lines(path) if "error" not in line}
        for system, path in reports.items()
    }
    found[REFERENCE] = {name: a["summary"] for name, a in articles.items() if a.get("summary")}
    found[LEAD] = {name: a["text"][:DEFAULT_CHARS] for name, a in articles.items()}
    common = sorted(set.intersection(*(set(own) for own in found.values())))
    if not common:
        raise InputError("没有一篇文章各家都有摘要", code="no_articles")
    drawn = random.Random(seed)  # noqa: S311 # no secret
    chosen = drawn.sample(common, min(n_articles, len(common)))
    items = [
        Item(_name(name, own[name]), system, name, articles[name]["text"], own[name])
        for name in chosen
        for system, own in found.items()
    ]
    return drawn.sample(items, len(items))


def _words(line: dict[str, Any]) -> str:
    summary = line["summary"]
    return str(summary["text"] if isinstance(summary, dict) else summary)


def _name(article: str, summary: str) -> str:
    return hashlib.sha256(f"{article}\n{summary}".encode()).hexdigest()[:12]


def write_sheet(items: Sequence[Item], path: Path) -> None:
    """Write the sheet, and beside it which system wrote what."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True
    )
    shown = [{"id": item.id, "text": item.text, "summary": item.summary} for item in items]
    page = environment.get_template("judging.html.j2").render(
        data=json.dumps(shown, ensure_ascii=False).replace("<", "\\u003c"),
        questions=json.dumps(QUESTIONS, ensure_ascii=False),
        title=html.escape(path.stem),
    )
    path.write_text(page, encoding="utf-8")
    key: dict[str, list[str]] = defaultdict(list)
    for item in items:
        key[item.id].append(item.system)
    _key_path(path).write_text(json.dumps(key, ensure_ascii=False, indent=1), encoding="utf-8")


def _key_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.key")


@dataclass(frozen=True)
class Share:
    """How many of `n` summaries of a system got a yes; `low` and `high` bound the true share."""

    system: str
    question: str
    n_yes: int
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the share (Wilson, 1927)."""
        share, squared = self.n_yes / self.n, _Z * _Z
        middle = share + squared / (2 * self.n)
        half = _Z * math.sqrt(share * (1 - share) / self.n + squared / (4 * self.n * self.n))
        scale = 1 + squared / self.n
        return (middle - half) / scale, (middle + half) / scale


def count_answers(sheet: Path, answers: Sequence[Path]) -> Iterator[Share]:
    """Count the yeses by system and question; each reader's answer counts by itself."""
    key = json.loads(_key_path(sheet).read_text(encoding="utf-8"))
    votes: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for path in answers:
        for name, own in json.loads(path.read_text(encoding="utf-8")).items():
            for system in key.get(name, ()):
                for question, yes in own.items():
                    votes[system, question].append(bool(yes))
    for (system, question), yes in sorted(votes.items()):
        yield Share(system, question, sum(yes), len(yes))


app = typer.Typer(help=__doc__, no_args_is_help=True)


@app.command()
def make(
    sheet: Annotated[Path, typer.Argument(help="the sheet to write")],
    data: Annotated[Path, typer.Argument(help="articles as JSON Lines")],
    reports: Annotated[list[str], typer.Argument(help="SYSTEM=REPORTS.jsonl")],
    articles: Annotated[int, typer.Option(help="how many articles", min=1)] = 40,
    seed: Annotated[int, typer.Option(help="of the sample and the order")] = 0,
) -> None:
    """Write a sheet."""
    named = dict(report.split("=", 1) for report in reports)
    items = list_items(data, {name: Path(path) for name, path in named.items()}, articles, seed)
    write_sheet(items, sheet)
    print(f"{sheet}：{len(items)} 条摘要")


@app.command()
def count(
    sheet: Annotated[Path, typer.Argument(help="the sheet")],
    answers: Annotated[list[Path], typer.Argument(help="saved answers, one file a reader")],
) -> None:
    """Print the share of yeses of each system, with its 95% interval."""
    names = dict(QUESTIONS)
    for share in count_answers(sheet, answers):
        low, high = share.interval
        print(
            f"{share.system}\t{names[share.question]}\t{share.n_yes}/{share.n}\t"
            f"{share.n_yes / share.n:.2f}（{low:.2f}–{high:.2f}）"
        )


if __name__ == "__main__":
    try:
        app()
    except (YiwenError, OSError) as error:
        sys.exit(f"错误：{error}")
