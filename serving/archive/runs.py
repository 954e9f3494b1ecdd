"""Runs: what the ledgers in a folder say of them, and how one is resumed, stopped or forgotten."""

from __future__ import annotations

import os
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving.archive.ledger import (
    SUFFIX,
    Counts,
    LedgerError,
    hold,
    is_held,
    ledger_path,
    read_meta,
)

STATES = {"running": "运行中", "stopped": "未完成", "done": "已完成", "cancelled": "已取消"}
_CANCEL_TIMEOUT_S = 600.0


@dataclass(frozen=True)
class Run:
    """A run as its ledger tells it; `state` is a key of `STATES`."""

    out: Path
    state: str
    started: str
    inputs: tuple[str, ...]
    counts: Counts


def list_runs(folder: Path) -> list[Run]:
    """Return the runs whose outputs lie in a folder, in order of their names."""
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    return [find_run(path.with_name(path.name.removesuffix(SUFFIX))) for path in paths]


def find_run(out: Path) -> Run:
    """Return the run that writes an output.

    Raises:
        LedgerError: there is none.
    """
    note, counts = _read(out)
    state = "stopped" if note["state"] == "running" else note["state"]
    state = "running" if is_held(out) else state
    return Run(out, state, note.get("started", ""), tuple(note.get("inputs", ())), counts)


def recall_arguments(out: Path) -> dict[str, Any]:
    """Return with what a run was started.

    Raises:
        LedgerError: there is none.
    """
    return _read(out)[0]


def cancel(out: Path) -> None:
    """Stop a run after the article in hand, and mark it as cancelled.

    Raises:
        LedgerError: there is none, or it runs on another machine or does not stop.
    """
    note, _ = _read(out)
    if is_held(out):
        holder = note["holder"]
        if holder["host"] != socket.gethostname():
            raise LedgerError(f"这次运行在主机 {holder['host']} 上，请到那里取消")
        os.kill(holder["pid"], signal.SIGINT)
        _wait_until_free(out)
    with hold(out) as ledger:
        ledger.set(state="cancelled")
        ledger.commit()


def forget(out: Path) -> None:
    """Delete a run's ledger; its output stays.

    Raises:
        LedgerError: there is none, or it is in use.
    """
    path = ledger_path(out)
    if not path.exists():
        raise LedgerError(f"{out} 旁边没有账本 {path.name}")
    if is_held(out):
        raise LedgerError(f"{out} 正在写，请先 yiwen runs cancel")
    for suffix in ("", "-wal", "-shm", ".lock"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _read(out: Path) -> tuple[dict[str, Any], Counts]:
    path = ledger_path(out)
    if not path.exists():
        raise LedgerError(f"{out} 旁边没有账本 {path.name}；运行 yiwen runs 可列出当前文件夹的")
    return read_meta(path)


def _wait_until_free(out: Path) -> None:
    deadline = time.monotonic() + _CANCEL_TIMEOUT_S
    while is_held(out):
        if time.monotonic() > deadline:
            raise LedgerError(f"{out} 的运行没有停下来，请手动结束它的进程")
        time.sleep(0.1)
