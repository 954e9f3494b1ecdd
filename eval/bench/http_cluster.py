"""A server killed while several do batches on one PostgreSQL: `python -m eval.bench.http_cluster`.

Starts PostgreSQL and servers of its own. Clients send batches with an Idempotency-Key to one server
or another, and to the next where one does not answer. On the way a server is killed (SIGKILL) with
all its processes. At the end every article must be in the results of its batch exactly once, in
order, with the report of `yiwen tag`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from sqlalchemy import Engine, text

from data.command import run_command
from eval.bench.http_server import COMMAND, ROOT, start_service, wait_for
from eval.bench.load_test import make_article
from eval.bench.measure_archive import process_tree
from eval.bench.postgres import open_postgres
from serving.home.database import DATABASE_VARIABLE, open_store
from serving.home.folder import HOME_VARIABLE
from serving.home.keys import add_key

N_CLIENTS = 4  # each may have a hundred batches
_TIMEOUT_S = 60.0
_POLL_S = 2.0
_ACCEPTED, _OK = 202, 200
_ACTIVE = {"queued", "running", "stopping"}
_KILL_AT = 0.1  # of all articles


@dataclass
class Sent:
    """What clients sent: the articles of each batch by its id, and what was in the way."""

    articles: dict[str, list[int]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)


@dataclass
class Cluster:
    """Servers by their addresses, and the process of each."""

    processes: dict[str, int]

    @property
    def urls(self) -> list[str]:
        """The addresses."""
        return list(self.processes)

    def kill(self, url: str) -> int:
        """Kill a server with all its processes; return how many those were."""
        processes = [int(folder.name) for folder in process_tree(self.processes[url])]
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return len(processes)


@contextmanager
def open_cluster(database: str, folder: Path, n_servers: int) -> Iterator[Cluster]:
    """Start servers with home folders of their own on one database."""
    with ExitStack() as stack:
        found = {}
        for number in range(n_servers):
            home = {HOME_VARIABLE: str(folder / f"home{number}"), DATABASE_VARIABLE: database}
            url, process = stack.enter_context(start_service(home, "--workers", "1"))
            found[url] = process
        for url, process in found.items():
            wait_for(url, process)
        yield Cluster({url: process.pid for url, process in found.items()})


def send_batches(cluster: Cluster, key: str, batches: list[list[int]], sent: Sent) -> None:
    """Send batches as one client; each is sent until a server has taken it."""
    urls = cluster.urls
    headers = {"authorization": f"Bearer {key}", "content-type": "application/x-ndjson"}
    for number, articles in enumerate(batches):
        lines = "".join(_make_line(article) for article in articles)
        own = {**headers, "idempotency-key": f"{key[:8]} {number}"}
        at = number
        while (batch := _send(urls[at % len(urls)], lines.encode(), own, sent)) is None:
            at += 1
            sleep(0.2)
        sent.articles[batch], sent.keys[batch] = articles, key


def _send(url: str, content: bytes, headers: dict[str, str], sent: Sent) -> str | None:
    try:
        answer = _client().post(f"{url}/v1/batches", content=content, headers=headers)
    except httpx.HTTPError as error:
        sent.statuses[type(error).__name__] += 1
        return None
    sent.statuses[str(answer.status_code)] += 1
    return str(answer.json()["id"]) if answer.status_code == _ACCEPTED else None


def count_done(url: str, keys: list[str]) -> tuple[int, int]:
    """Return how many articles are done, and how many batches are not."""
    n_done = n_active = 0
    for key in keys:
        for batch in _get(f"{url}/v1/batches", key).json()["batches"]:
            n_done += batch["n_tagged"] + batch["n_failed"]
            n_active += batch["state"] in _ACTIVE
    return n_done, n_active


def check_results(url: str, sent: Sent, expected: dict[int, Any]) -> list[str]:
    """Return what is wrong with the results: missing, doubled, out of order, or another report."""
    faults = []
    for batch, articles in sent.articles.items():
        state = _get(f"{url}/v1/batches/{batch}", sent.keys[batch]).json()
        answer = _get(f"{url}/v1/batches/{batch}/results", sent.keys[batch])
        rows = [json.loads(line) for line in answer.text.splitlines()]
        if state["state"] != "done":
            faults.append(f"{batch} is {state['state']}: {state['message']}")
        if [row["id"] for row in rows] != articles:
            faults.append(f"{batch} has {[row['id'] for row in rows]} in place of {articles}")
        wrong = [row["id"] for row in rows if _core(row) != expected.get(row["id"])]
        if wrong:
            faults.append(f"{batch}: other reports of {wrong}")
    return faults


def tag_all(n_articles: int, folder: Path) -> dict[int, Any]:
    """Return what `yiwen tag` says of all articles, by their numbers."""
    source, out = folder / "in.jsonl", folder / "out.jsonl"
    source.write_text("".join(map(_make_line, range(n_articles))), encoding="utf-8")
    subprocess.run(  # noqa: S603 # this program
        [*COMMAND, "tag", str(source), "-o", str(out)], check=True, cwd=ROOT,
        env={**os.environ, HOME_VARIABLE: str(folder / "tag")}, capture_output=True,
    )  # fmt: skip
    rows = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    return {row["id"]: _core(row) for row in rows}


def _core(row: dict[str, Any]) -> dict[str, Any]:
    """Return a report without what depends on the other articles of its run."""
    return {key: row[key] for key in row.keys() - {"source", "cluster", "warnings"}}


def _make_line(number: int) -> str:
    text = f"第{number}号\n{make_article(number)}"
    return json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n"


@cache
def _client() -> httpx.Client:
    """Return the one of all threads: to make one costs more than a call of it."""
    return httpx.Client(timeout=_TIMEOUT_S)


def _get(url: str, key: str) -> httpx.Response:
    return _client().get(url, headers={"authorization": f"Bearer {key}"}).raise_for_status()


def main(
    batches: Annotated[int, typer.Option(help="How many batches.", min=4, max=400)] = 200,
    articles: Annotated[int, typer.Option(help="Articles of each.", min=1)] = 5,
    servers: Annotated[int, typer.Option(help="How many servers; one is killed.", min=2)] = 2,
) -> None:
    """Print what was done, lost or doubled; exit with 1 where anything was."""
    console = Console()
    n_articles = batches * articles
    with open_postgres() as database, TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch)
        store = open_store(database)
        keys = [add_key(store, f"client{i}", limit="1000000/min") for i in range(N_CLIENTS)]
        numbers = [list(range(i * articles, (i + 1) * articles)) for i in range(batches)]
        sent = Sent()
        with open_cluster(database, folder, servers) as cluster:
            start = monotonic()
            clients = [
                threading.Thread(
                    target=send_batches, args=(cluster, key, numbers[i::N_CLIENTS], sent)
                )
                for i, key in enumerate(keys)
            ]
            for client in clients:
                client.start()
            victim, left = cluster.urls[0], cluster.urls[-1]
            while count_done(left, keys)[0] < n_articles * _KILL_AT:
                sleep(_POLL_S)
            n_killed = cluster.kill(victim)
            killed_s = monotonic() - start
            for client in clients:
                client.join()
            while count_done(left, keys)[1]:
                sleep(_POLL_S)
            seconds = monotonic() - start
            faults = check_results(left, sent, tag_all(n_articles, folder))
        n_moved = _count_moved(store)
        store.dispose()
    console.print(
        f"{len(sent.articles)} batches of {articles}, {servers} servers; one killed after "
        f"{killed_s:.0f} s with {n_killed} processes; {n_moved} batches went to another server; "
        f"all done after {seconds:.0f} s ({n_articles / seconds:.1f} articles a second); "
        f"answers {dict(sent.statuses)}",
        highlight=False, markup=False,
    )  # fmt: skip
    n_lost = batches - len(sent.articles)
    console.print(f"faults: {len(faults)}; batches lost: {n_lost}", highlight=False)
    for fault in faults:
        console.print(fault, highlight=False, markup=False)
    if faults or n_lost:
        raise typer.Exit(1)


def _count_moved(store: Engine) -> int:
    with store.connect() as connection:
        query = text("SELECT count(*) FROM shared_batch WHERE token > 1")
        return int(connection.execute(query).scalar_one())


if __name__ == "__main__":
    run_command(main)
