"""Kills of archive runs, the store, the registry and backups: nothing acknowledged may be lost.

`python -m eval.bench.kills --times 100` kills each a hundred times (SIGKILL) at random moments and
looks at what is left. `--what archive` does one of them alone.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from data.command import run_command
from eval.bench.kill_victims import (
    N_ARTICLES,
    add_model,
    make_backups,
    make_text,
    restore_backup,
    run_archive,
    switch_models,
    write_store,
)
from model.analyzer import DEFAULT_MODEL
from model.manifest import Manifest
from serving.archive.control import forget
from serving.archive.ledger.beside import ledger_path
from serving.corrections.store import read_history
from serving.home.backup import back_up
from serving.home.database import open_store
from serving.home.folder import HOME_VARIABLE, STORE_NAME
from serving.home.restore import restore
from serving.registry.versions import Registry

_LATER_S = 0.5
_LONG_S = 3.0
_ADD_EVERY = 10
_JOB_BYTES = 8_000_000


class LostError(RuntimeError):
    """Something that was acknowledged is gone, or what is left is not whole."""


def kill_once(
    victim: Callable[..., None],
    *arguments: Path,
    after: int,
    later_s: float,
    home: Path | None = None,
) -> list[str]:
    """Start a victim, kill it, and return what it had printed.

    Args:
        victim: one of `eval.bench.kill_victims`.
        *arguments: what it is called with.
        after: so many lines must be there before it is killed.
        later_s: how much later it is killed.
        home: its home folder.
    """
    ours, theirs = os.pipe()
    process = get_context("fork").Process(target=_begin, args=(theirs, home, victim, arguments))
    process.start()
    os.close(theirs)
    with os.fdopen(ours, encoding="utf-8") as stream:
        lines = [stream.readline() for _ in range(after)]
        time.sleep(later_s)
        process.kill()
        process.join()
        lines += stream.readlines()
    if process.exitcode not in (0, -signal.SIGKILL):
        raise LostError(f"{victim.__name__} ended with status {process.exitcode}")
    return [line.strip() for line in lines if line.endswith("\n")]


def _begin(
    output: int, home: Path | None, victim: Callable[..., None], arguments: tuple[Path, ...]
) -> None:
    """Run a victim in a process of its own, which prints to a pipe."""
    os.dup2(output, sys.stdout.fileno())
    os.close(output)
    if home:
        os.environ[HOME_VARIABLE] = str(home)
    victim(*arguments)


def _apart(victim: Callable[..., object], *arguments: object) -> None:
    """Do something in a process of its own: what it loads is not inherited by later ones."""
    process = get_context("fork").Process(target=victim, args=arguments)
    process.start()
    process.join()
    if process.exitcode:
        raise LostError(f"status {process.exitcode}")


def kill_archive(folder: Path, times: int, dice: random.Random) -> None:
    """Kill archive runs; each goes on where the one before was killed."""
    rows, out, expected = folder / "in.jsonl", folder / "out.jsonl", folder / "expected.jsonl"
    texts = [{"id": i, "text": make_text(i)} for i in range(N_ARTICLES)]
    rows.write_text("".join(json.dumps(row) + "\n" for row in texts), encoding="utf-8")
    _apart(_run_quietly, rows, expected)
    whole = expected.read_bytes()
    before = b""
    for _ in range(times):
        kill_once(run_archive, rows, out, after=1, later_s=dice.uniform(0, _LATER_S))
        left = out.read_bytes() if out.exists() else b""
        if not whole.startswith(left) or len(left) < len(before):
            raise LostError(f"the output has {len(left)} bytes that are not those expected")
        before = left
        if left == whole:
            forget(out)
            out.unlink()
            before = b""
    _apart(_run_quietly, rows, out)
    if out.read_bytes() != whole:
        raise LostError("the output at the end is another")
    ledger_path(out).unlink()


def _run_quietly(rows: Path, out: Path) -> None:
    with redirect_stdout(None):
        run_archive(rows, out)


def kill_store(folder: Path, times: int, dice: random.Random) -> None:
    """Kill a process that writes corrections; every change that it printed must be there."""
    path = folder / STORE_NAME
    known: dict[int, int] = {}
    for _ in range(times):
        lines = kill_once(write_store, path, after=1, later_s=dice.uniform(0, _LATER_S))
        known |= {int(document): int(number) for document, number in map(str.split, lines)}
        store = open_store(f"sqlite:///{path}")
        try:
            for document, number in known.items():
                if len(read_history(store, document)) < number:
                    raise LostError(f"change {number} of article {document} is gone")
        finally:
            store.dispose()
        _check_sound(path)
        known = {}


def kill_registry(folder: Path, times: int, dice: random.Random) -> None:
    """Kill switches of the model in use, and the adding of a model."""
    registry = Registry(folder / "models")
    for name in ("first", "second"):
        _apart(registry.add, _copy_model(folder / name, name))
    more = _copy_model(folder / "more", "more")
    for i in range(times):
        is_adding = i % _ADD_EVERY == _ADD_EVERY - 1
        later_s = dice.uniform(0, _LONG_S if is_adding else _LATER_S)
        if is_adding:
            _copy_model(more, f"more{i}")
            kill_once(add_model, registry.folder, more, after=1, later_s=later_s)
        else:
            lines = kill_once(switch_models, registry.folder, after=1, later_s=later_s)
            if len(registry.names.switches) < max(map(int, lines), default=0):
                raise LostError("a switch is gone")
        registry.verify("current")
        if problems := [v.problem for v in registry.versions() if v.problem]:
            raise LostError(problems[0])
    for version in registry.versions():
        registry.verify(version.name)


def kill_backup(folder: Path, times: int, dice: random.Random) -> None:
    """Kill backups and restorations in turn; the backup and the home folder stay whole."""
    home, file = folder / "home", folder / "b.zip"
    with _home(home):
        _fill_home(home)
        back_up(file, lambda *_: None)
        for i in range(times):
            if i % 2:
                kill_once(
                    restore_backup, file, after=1, later_s=dice.uniform(0, _LATER_S), home=home
                )
                _check_home(home)
            else:
                kill_once(
                    make_backups, file, after=i % 4 // 2, later_s=dice.uniform(0, _LONG_S),
                    home=home,
                )  # fmt: skip
                restore(file, lambda *_: None)
                _check_home(home)


def _check_home(home: Path) -> None:
    """Check that the home folder, or the one kept beside it, has all files; keep that one alone."""
    kept = sorted(home.parent.glob(f"{home.name}.bak-*"))
    if not home.exists():
        if not kept:
            raise LostError("there is no home folder left")
        kept.pop().rename(home)
    _check_sound(home / STORE_NAME)
    if (home / "jobs" / "abc" / "large").stat().st_size != _JOB_BYTES:
        raise LostError("the home folder lacks a file")
    for folder in kept:
        _check_sound(folder / STORE_NAME)
        shutil.rmtree(folder)


def _check_sound(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        (found,) = connection.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        raise LostError(f"{store}: {found}")


def _fill_home(home: Path) -> None:
    open_store().dispose()
    job = home / "jobs" / "abc"
    job.mkdir(parents=True)
    (job / "large").write_bytes(random.Random(1).randbytes(_JOB_BYTES))  # noqa: S311 # no secret


def _copy_model(folder: Path, name: str) -> Path:
    """Copy the shipped model under another name, or give a copy another name."""
    if not folder.exists():
        shutil.copytree(DEFAULT_MODEL, folder)
    replace(Manifest.read(folder), name=name).save(folder)
    return folder


@contextmanager
def _home(folder: Path) -> Iterator[None]:
    before = os.environ.get(HOME_VARIABLE)
    os.environ[HOME_VARIABLE] = str(folder)
    try:
        yield
    finally:
        os.environ.pop(HOME_VARIABLE)
        if before is not None:
            os.environ[HOME_VARIABLE] = before


KINDS: dict[str, Callable[[Path, int, random.Random], None]] = {
    "archive": kill_archive,
    "store": kill_store,
    "registry": kill_registry,
    "backup": kill_backup,
}


def main(
    times: Annotated[int, typer.Option(help="Kills of each.", min=1)] = 100,
    what: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}; all if empty.")] = "",
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 1,
) -> None:
    """Kill each many times at random moments; status 1 where something acknowledged was lost."""
    table = Table("what", "kills", "lost", "seconds")
    n_lost = 0
    for name in [what] if what else KINDS:
        started = time.monotonic()
        result = "nothing"
        with TemporaryDirectory() as folder:
            try:
                KINDS[name](Path(folder), times, random.Random(seed))  # noqa: S311 # no secret
            except LostError as error:
                n_lost, result = n_lost + 1, str(error)
        table.add_row(name, str(times), result, f"{time.monotonic() - started:.0f}")
    Console().print(table)
    if n_lost:
        raise typer.Exit(1)


if __name__ == "__main__":
    run_command(main)
