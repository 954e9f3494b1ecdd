"""A bounded load test: how long users of the page wait for an article, one alone and many at once.

`python -m eval.bench.load_test --users 20 --seconds 60` starts a page with an empty store on this
machine and sends it a browser's requests. Every simulated user sends the next article as soon as
the last one is answered, which is a heavier load than people make. With `--hostile` one more pastes
texts that are made to cost time, again and again; the others' waiting times are what is reported.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Annotated, Any
from uuid import uuid4

import httpx
import typer
from rich.console import Console
from rich.table import Table

from data.command import run_command
from eval.bench.hostile_texts import make_hostile_texts
from serving.page.single.view import read_examples

ARTICLE_CHARS = 1_000
START_TIMEOUT_S = 300.0
ANSWER_TIMEOUT_S = 120.0
WARM_UP = 3
_ROOT = Path(__file__).parents[2]
_START = "from serving.cli.main import main; main()"
_API = "/gradio_api"


class LoadTestError(RuntimeError):
    """The page did not start, lacks the event, or answered with an error."""


@dataclass(frozen=True)
class Load:
    """Waiting times with `n_users` users at once, in seconds, and error messages."""

    n_users: int
    waits_s: tuple[float, ...]
    errors: tuple[str, ...]

    @property
    def p95_s(self) -> float:
        """95th percentile of the waiting times; NaN below two articles."""
        return (
            quantiles(self.waits_s, n=20, method="inclusive")[-1]
            if len(self.waits_s) > 1
            else float("nan")
        )


def make_article(number: int) -> str:
    """Return an article of about a thousand characters, a different one for each number."""
    examples = list(read_examples().values())
    turned = examples[number % len(examples) :] + examples[: number % len(examples)]
    return f"读者来稿{number}\n{''.join(turned)}"[:ARTICLE_CHARS]


@contextmanager
def open_page() -> Iterator[str]:
    """Start a page in a process of its own; yield its address once it answers.

    Raises:
        LoadTestError: it does not prediction.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with TemporaryDirectory() as home:
        process = subprocess.Popen(  # noqa: S603 # this program
            [sys.executable, "-c", _START, "app", "--port", str(port)],
            cwd=_ROOT,
            env={**os.environ, "YIWEN_HOME": home},
        )
        try:
            _wait_for(url, process)
            yield url
        finally:
            process.terminate()
            process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = monotonic() + START_TIMEOUT_S
    while monotonic() < end and process.poll() is None:
        try:
            httpx.get(url, timeout=10).raise_for_status()
            return
        except httpx.HTTPError:
            sleep(0.3)
    raise LoadTestError(f"the page did not start within {START_TIMEOUT_S:g} s")


async def load(url: str, n_users: int, seconds: float, *, hostile: bool = False) -> Load:
    """Have `n_users` users send article after article for `seconds`.

    Args:
        url: the page.
        n_users: users at once.
        seconds: after this no user sends another article; answers under way are waited for.
        hostile: whether one more user pastes hostile texts meanwhile; its times do not count.
    """
    waits: list[float] = []
    errors: list[str] = []

    async def read(user: int, end: float) -> None:
        number = user
        async with _open_client(url) as client:
            event = await _find_event(client)
            while monotonic() < end:
                start = monotonic()
                try:
                    await _analyze(client, event, make_article(number))
                except (httpx.HTTPError, LoadTestError) as error:
                    errors.append(f"{type(error).__name__}: {error}")
                else:
                    waits.append(monotonic() - start)
                number += n_users

    async with _open_client(url) as client:
        event = await _find_event(client)
        for number in range(WARM_UP):
            await _analyze(client, event, make_article(number))
    end = monotonic() + seconds
    attacks = [_paste_hostile(url, end)] if hostile else []
    await asyncio.gather(*(read(user, end) for user in range(n_users)), *attacks)
    return Load(n_users, tuple(waits), tuple(errors))


async def _paste_hostile(url: str, end: float) -> None:
    """Paste hostile texts until the end; that the page refuses them is right."""
    async with _open_client(url) as client:
        event = await _find_event(client)
        for text in cycle(make_hostile_texts()):
            if monotonic() >= end:
                return
            with suppress(httpx.HTTPError, LoadTestError):
                await _analyze(client, event, text)


def _open_client(url: str) -> httpx.AsyncClient:
    """Return a user's browser: the page knows users apart by their cookies."""
    return httpx.AsyncClient(base_url=url, timeout=ANSWER_TIMEOUT_S)


async def _find_event(client: httpx.AsyncClient) -> int:
    config = (await client.get("/config")).json()
    for event in config["dependencies"]:
        if event["api_name"] == "analyze":
            return int(event["id"])
    raise LoadTestError("the page has no event called analyze")


async def _analyze(client: httpx.AsyncClient, event: int, text: str) -> None:
    """Send an article as the page's own script does, each time in a new session.

    Raises:
        LoadTestError: the page predictions with an error, or with something else than a report.
    """
    session = uuid4().hex
    body = {"data": [text, 150, None, None], "fn_index": event, "session_hash": session}
    (await client.post(f"{_API}/queue/join", json=body)).raise_for_status()
    address = f"{_API}/queue/data?session_hash={session}"
    async with client.stream("GET", address) as lines:
        async for line in lines.aiter_lines():
            message: dict[str, Any] = json.loads(line[5:]) if line.startswith("data:") else {}
            if message.get("msg") == "process_completed":
                if not message["success"] or "yw-lower" not in json.dumps(message["output"]):
                    raise LoadTestError(str(message["output"])[:200])
                return
    raise LoadTestError("the prediction broke off")


def main(
    users: Annotated[int, typer.Option(help="Readers at once.", min=1)] = 20,
    seconds: Annotated[float, typer.Option(help="How long.", min=1)] = 60.0,
    alone_seconds: Annotated[float, typer.Option(help="How long one reader alone.", min=1)] = 20.0,
    url: Annotated[str, typer.Option(help="A page that is open already.")] = "",
    hostile: Annotated[
        bool, typer.Option("--hostile", help="One more user pastes texts that cost time.")
    ] = False,
) -> None:
    """Print how long users wait; exit with 1 where one got an error."""
    if url:
        loads = _load_both(url, users, seconds, alone_seconds, hostile=hostile)
    else:
        with open_page() as own:
            loads = _load_both(own, users, seconds, alone_seconds, hostile=hostile)
    _print(loads)
    if any(done.errors for done in loads):
        raise typer.Exit(1)


def _load_both(
    url: str, users: int, seconds: float, alone_seconds: float, *, hostile: bool
) -> list[Load]:
    plan = [(1, alone_seconds)] if users > 1 else []
    alone = [asyncio.run(load(url, n_users, time_s)) for n_users, time_s in plan]
    return [*alone, asyncio.run(load(url, users, seconds, hostile=hostile))]


def _print(loads: list[Load]) -> None:
    table = Table("users", "articles", "median ms", "p95 ms", "slowest ms", "errors")
    for done in loads:
        times_ms = [f"{s * 1e3:.0f}" for s in (median(done.waits_s or [0]), done.p95_s)]
        slowest_ms = f"{max(done.waits_s, default=0) * 1e3:.0f}"
        n_done, n_errors = str(len(done.waits_s)), str(len(done.errors))
        table.add_row(str(done.n_users), n_done, *times_ms, slowest_ms, n_errors)
    console = Console()
    console.print(table)
    for message in sorted({message for done in loads for message in done.errors})[:5]:
        console.print(message, markup=False)


if __name__ == "__main__":
    run_command(main)
