"""Attempts without a right key: `python -m eval.bench.key_attempts`.

Sends five requests each with no key, an unknown one, a wrong secret, an expired, a revoked one and
one that lacks the scope, to a service of its own; prints status and waiting time of each kind. Then
times the comparison alone, kind by kind in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, perf_counter_ns
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine, update
from sqlmodel import col

from data.command import run_command
from eval.bench.http_server import start_service, wait_for
from serving.home.database import open_store
from serving.home.folder import HOME_VARIABLE, STORE_NAME
from serving.home.keys import Scope, add_key, find_key, revoke_key
from serving.home.schema import ApiKeyRow

ATTEMPTS = 5
_REFUSED = {401, 403}


def make_keys(store: Engine) -> dict[str, str]:
    """Return a key of each kind that must be refused."""
    keys = {name: add_key(store, name) for name in ("wrong secret", "expired", "revoked")}
    keys["wrong secret"] = keys["wrong secret"][:-4] + "AAAA"
    past = datetime.now(UTC) - timedelta(seconds=1)
    with store.begin() as connection:
        mine = update(ApiKeyRow).where(col(ApiKeyRow.name) == "expired")
        connection.execute(mine.values(expires_at=past))
    revoke_key(store, "revoked")
    keys["wrong scope"] = add_key(store, "reader", {Scope.READ})
    return {"no key": "", "unknown": "yw_000000000000_" + "A" * 43, **keys}


def attempt(url: str, keys: dict[str, str]) -> dict[str, list[tuple[int, float]]]:
    """Return status and milliseconds of every attempt, the kinds in turn."""
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in keys}
    with httpx.Client(base_url=url, timeout=60) as client:
        for _ in range(ATTEMPTS):
            for name, key in keys.items():
                headers = {"authorization": f"Bearer {key}"} if key else {}
                start = perf_counter()
                answer = client.post("/v1/articles", json={"text": "x"}, headers=headers)
                found[name].append((answer.status_code, (perf_counter() - start) * 1e3))
    return found


def time_comparison(
    find: Callable[[str], object], keys: dict[str, str], n: int
) -> dict[str, float]:
    """Return the median microseconds that each kind of key takes, tried in turn."""
    times_ns: dict[str, list[int]] = {name: [] for name in keys}
    for _ in range(n):
        for name, key in keys.items():
            start = perf_counter_ns()
            find(key)
            times_ns[name].append(perf_counter_ns() - start)
    return {name: median(times) / 1e3 for name, times in times_ns.items()}


def main(
    times: Annotated[int, typer.Option(help="Comparisons of each kind.", min=10)] = 2_000,
) -> None:
    """Print what was refused and how long it took; exit with 1 where anything was let in."""
    table = Table("key", "statuses", "median ms", "comparison µs")
    with TemporaryDirectory(ignore_cleanup_errors=True) as home:
        store = open_store(f"sqlite:///{Path(home) / STORE_NAME}")
        keys = make_keys(store)
        with start_service({HOME_VARIABLE: home}, "--workers", "1") as (url, process):
            wait_for(url, process)
            attempts = attempt(url, keys)
        right = add_key(store, "right")
        compared = time_comparison(
            lambda key: find_key(store, key), {**keys, "right": right}, times
        )
        store.dispose()
    for name, found in attempts.items():
        shown = " ".join(str(status) for status, _ in found)
        middle = median(ms for _, ms in found)
        table.add_row(name, shown, f"{middle:.1f}", f"{compared[name]:.0f}")
    table.add_row("right (compared alone)", "", "", f"{compared['right']:.0f}")
    console = Console()
    console.print(table)
    statuses = [status for found in attempts.values() for status, _ in found]
    n_refused = sum(status in _REFUSED for status in statuses)
    console.print(f"{n_refused} of {len(statuses)} attempts refused", highlight=False)
    low, *_, high = quantiles(list(compared.values()), n=10, method="inclusive")
    console.print(f"comparison: 10% to 90% of the kinds {low:.0f} to {high:.0f} µs")
    if n_refused < len(statuses):
        raise typer.Exit(1)


if __name__ == "__main__":
    run_command(main)
