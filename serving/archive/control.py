"""Runs from outside: what the ledgers in a folder say of them; resuming, stopping, forgetting."""

from __future__ import annotations

import os
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving.archive.ledger.beside import (
    SUFFIX,
    delete_ledger,
    explain_errors,
    is_locked,
    ledger_path,
    lock_ledger,
    output_path,
    read_note,
)
from serving.archive.ledger.entries import LineCounts
from serving.archive.ledger.ledger import LedgerError
from serving.codes import NO_LEDGER, RUN_UNDER_WAY

STATES = {
    "running": "运行中", "stopped": "未完成", "done": "已完成", "cancelled": "已取消",
    "unusable": "账本不能用",
}  # fmt: skip
_CANCEL_TIMEOUT_S = 600.0


@dataclass(frozen=True)
class RunStatus:
    """A run by its ledger; `state` is a key of `STATES`, `problem` why its ledger is unusable."""

    out: Path
    state: str
    started: str
    inputs: tuple[str, ...]
    counts: LineCounts
    problem: str = ""


def list_runs(folder: Path) -> list[RunStatus]:
    """Return the runs whose outputs lie in a folder, in order of their names."""
    return [_look(output_path(path)) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def _look(out: Path) -> RunStatus:
    try:
        return find_run(out)
    except LedgerError as error:
        return RunStatus(out, "unusable", "", (), LineCounts(0, 0, 0), str(error))


def find_run(out: Path) -> RunStatus:
    """Return the run that writes an output.

    Raises:
        LedgerError: there is none.
    """
    note, counts = _read(out)
    state = "stopped" if note["state"] == "running" else note["state"]
    with explain_errors(ledger_path(out)):
        state = "running" if is_locked(out) else state
    return RunStatus(out, state, note.get("started", ""), tuple(note.get("inputs", ())), counts)


def recall_note(out: Path) -> dict[str, Any]:
    """Return what the ledger notes of a run's request, for `ArchiveRequest.from_note`.

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
    if is_locked(out):
        holder = note["holder"]
        if holder["host"] != socket.gethostname():
            raise LedgerError(f"这次运行在主机 {holder['host']} 上，请到那里取消")
        os.kill(holder["pid"], signal.SIGINT)
        _wait_until_free(out)
    with lock_ledger(out) as ledger:
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
    if is_locked(out):
        raise LedgerError(f"{out} 正在写", code=RUN_UNDER_WAY, out=str(out))
    delete_ledger(path)


def _read(out: Path) -> tuple[dict[str, Any], LineCounts]:
    path = ledger_path(out)
    if not path.exists():
        message = f"{out} 旁边没有账本 {path.name}"
        raise LedgerError(message, code=NO_LEDGER, out=str(out))
    return read_note(path)


def _wait_until_free(out: Path) -> None:
    deadline = time.monotonic() + _CANCEL_TIMEOUT_S
    while is_locked(out):
        if time.monotonic() > deadline:
            raise LedgerError(f"{out} 的运行没有停下来，请手动结束它的进程")
        time.sleep(0.1)
