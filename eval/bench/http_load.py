"""The HTTP service under load, beside `yiwen tag`: `python -m eval.bench.http_load --clients 20`.

Starts a service with an empty store on this machine. Every client sends the next article as soon as
the last one is answered; at 429 it waits as long as it is told. In turn with it `yiwen tag` does
some of the same articles, so that what else the machine does slows both alike; printed are their
rates round by round, and the processor time that each takes for an article. Clients share the
machine with the service, as `yiwen tag` reads and writes files on it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Annotated

import httpx
import typer
from rich.console import Console

from data.command import run_command
from eval.bench.http_server import COMMAND, ROOT, open_service
from eval.bench.load_test import make_article
from eval.bench.measure_archive import ResourceUse

ANSWER_TIMEOUT_S = 300.0
TAGGED = 300
ROUNDS = 5
_BUSY, _OK = 429, 200
_SAMPLE_EVERY_S = 1.0


@dataclass
class Load:
    """What clients met: waiting times of answered articles in seconds, and how often which status.

    `seconds` is from the first article sent to the last answered.
    """

    waits_s: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Articles a second."""
        return len(self.waits_s) / self.seconds if self.seconds else 0.0

    def describe(self) -> str:
        """Return the figures as a line."""
        ends = quantiles(self.waits_s, n=20, method="inclusive") if len(self.waits_s) > 1 else [0.0]
        return (
            f"{len(self.waits_s)} articles in {self.seconds:.0f} s: {self.rate:.2f} a second, "
            f"median {median(self.waits_s or [0]) * 1e3:.0f} ms, p95 {ends[-1] * 1e3:.0f} ms, "
            f"slowest {max(self.waits_s, default=0) * 1e3:.0f} ms; statuses {dict(self.statuses)}"
        )


@dataclass(frozen=True)
class Tagged:
    """What `yiwen tag` did: articles a second, and processor seconds of an article."""

    rate: float
    cpu_s: float


def load(url: str, n_clients: int, seconds: float, found: Load) -> float:
    """Have clients send article after article for some time; answers under way are waited for.

    Returns:
        How many articles a second were answered; what clients met is added to `found`.
    """
    n_before, start = len(found.waits_s), monotonic()

    def send(client_number: int) -> None:
        number = client_number
        with httpx.Client(base_url=url, timeout=ANSWER_TIMEOUT_S) as client:
            while monotonic() < start + seconds:
                _send_one(client, make_article(number), found)
                number += n_clients

    clients = [threading.Thread(target=send, args=(number,)) for number in range(n_clients)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    spent = monotonic() - start
    found.seconds += spent
    return (len(found.waits_s) - n_before) / spent


def _send_one(client: httpx.Client, text: str, found: Load) -> None:
    start = monotonic()
    try:
        answer = client.post("/v1/articles", json={"text": text})
    except httpx.HTTPError as error:
        found.statuses[type(error).__name__] += 1
        return
    found.statuses[str(answer.status_code)] += 1
    if answer.status_code == _OK:
        found.waits_s.append(monotonic() - start)
    elif answer.status_code == _BUSY:
        sleep(float(answer.headers.get("retry-after", 1)))


def time_tag(n_articles: int) -> Tagged:
    """Have `yiwen tag` do articles; its start is taken off."""
    whole, start = _tag(n_articles), _tag(1)
    n, seconds = n_articles - 1, whole[0] - start[0]
    return Tagged(n / seconds, (whole[1] - start[1]) / n)


def _tag(n_articles: int) -> tuple[float, float]:
    """Return seconds, and those of the processor."""
    with TemporaryDirectory() as folder:
        source = Path(folder) / "in.jsonl"
        rows = ({"id": i, "text": make_article(i)} for i in range(n_articles))
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        source.write_text("\n".join(lines), encoding="utf-8")
        start, before = monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(  # noqa: S603 # this program
            [*COMMAND, "tag", str(source), "-o", str(Path(folder) / "out.jsonl")],
            check=True, cwd=ROOT, env={**os.environ, "YIWEN_HOME": folder}, capture_output=True,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return monotonic() - start, cpu_s


def measure(
    clients: int, seconds: float, tagged: int, rounds: int
) -> tuple[Load, ResourceUse, list[tuple[float, Tagged]], float]:
    """Return what clients met, the service's memory, the rates of each round, and processor time.

    The processor time is that of the service's processes, in seconds an article.
    """
    found, use, compared = Load(), ResourceUse(), []
    with open_service() as (url, process):
        is_over = threading.Event()

        def watch() -> None:
            while not is_over.wait(_SAMPLE_EVERY_S):
                use.sample(process)

        use.sample(process)
        start_s = sum((use.cpu_s or {}).values())
        watcher = threading.Thread(target=watch)
        watcher.start()
        for _ in range(rounds):
            rate = load(url, clients, seconds / rounds, found)
            if tagged > rounds:
                compared.append((rate, time_tag(tagged // rounds)))
        is_over.set()
        watcher.join()
    spent_s = sum((use.cpu_s or {}).values()) - start_s
    return found, use, compared, spent_s / max(1, len(found.waits_s))


def main(
    clients: Annotated[int, typer.Option(help="Clients at once.", min=1)] = 20,
    seconds: Annotated[float, typer.Option(help="How long, all rounds together.", min=1)] = 600.0,
    tagged: Annotated[int, typer.Option(help="Articles for `yiwen tag`; 0: none.", min=0)] = TAGGED,
    rounds: Annotated[int, typer.Option(help="How often in turn.", min=1)] = ROUNDS,
) -> None:
    """Print waiting times and rates; exit with 1 where a client met an error but 429."""
    found, use, compared, cpu_s = measure(clients, seconds, tagged, rounds)
    console = Console()
    console.print(f"{clients} clients, {found.describe()}", markup=False, highlight=False)
    console.print(f"peak memory {use.peak_mb:.0f} MB; load {os.getloadavg()[0]:.1f}")
    for rate, other in compared:
        console.print(
            f"service {rate:.2f}, yiwen tag {other.rate:.2f} articles a second: "
            f"{rate / other.rate:.0%}", highlight=False,
        )  # fmt: skip
    if compared:
        share = median(rate / other.rate for rate, other in compared)
        tag_cpu_s = median(other.cpu_s for _, other in compared)
        console.print(
            f"the service does {share:.0%} of it; processor {cpu_s * 1e3:.0f} ms an article, "
            f"yiwen tag {tag_cpu_s * 1e3:.0f} ms", highlight=False,
        )  # fmt: skip
    if set(found.statuses) - {str(_OK), str(_BUSY)}:
        raise typer.Exit(1)


if __name__ == "__main__":
    run_command(main)
