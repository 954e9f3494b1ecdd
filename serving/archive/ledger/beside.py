"""The ledger beside an output: where it lies, who may write it, and what its errors mean."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from serving.archive.ledger.entries import LineCounts, Record
from serving.archive.ledger.ledger import Ledger, LedgerError
from serving.codes import LEDGER_DAMAGED

SUFFIX = ".ledger"
_LOCK_SUFFIX = ".lock"
_COMPANIONS = ("", "-wal", "-shm", _LOCK_SUFFIX)
_FIRST_CODE_BITS = 0xFF
_NOT_WRITABLE = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOLFS,
})  # fmt: skip
STATES = frozenset({"running", "stopped", "done", "cancelled"})
_GO_ON = "已完成的都记在账本里，处理好后再运行同一命令即可接着做"


def ledger_path(out: Path) -> Path:
    """Return where the ledger of an output lies."""
    return out.with_name(out.name + SUFFIX)


def output_path(ledger: Path) -> Path:
    """Return the output of a ledger."""
    return ledger.with_name(ledger.name.removesuffix(SUFFIX))


@contextmanager
def lock_ledger(out: Path) -> Iterator[Ledger]:
    """Open an output's ledger for one run alone.

    Raises:
        LedgerError: another run has it open, it is damaged, or the folder cannot be written.
    """
    path = ledger_path(out)
    if not path.parent.is_dir():  # the lock would make it
        raise LedgerError(f"无法写入 {out}：没有文件夹 {path.parent}，请先建好或换一个")
    lock = _lock(path)
    with explain_errors(path):
        try:
            lock.acquire()
        except Timeout:
            raise LedgerError(_describe_holder(out)) from None
        try:
            ledger = Ledger(path)
            try:
                since = datetime.now().isoformat(" ", "seconds")
                ledger.set(holder={"pid": os.getpid(), "host": socket.gethostname(), "at": since})
                ledger.commit()
                yield ledger
            finally:
                ledger.close()
        finally:
            lock.release()


def is_locked(out: Path) -> bool:
    """Whether a run is writing the output."""
    lock = _lock(ledger_path(out))
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


@contextmanager
def explain_errors(path: Path) -> Iterator[None]:
    """Say in Chinese why the ledger or the output could not be written.

    Raises:
        LedgerError: in place of the errors of SQLite and of the system.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & _FIRST_CODE_BITS in _NOT_WRITABLE:
            message = f"账本 {path} 写不进去（{error}）：磁盘已满，或文件夹只读；{_GO_ON}"
            raise LedgerError(message) from error
        raise LedgerError(
            f"账本 {path} 已损坏（{error}）", code=LEDGER_DAMAGED, out=str(output_path(path))
        ) from error
    except OSError as error:
        name = error.filename or path.name.removesuffix(SUFFIX)
        message = f"无法写入 {name}：{error.strerror or error}；{_GO_ON}"
        raise LedgerError(message) from error


def read_note(path: Path) -> tuple[Record, LineCounts]:
    """Return what a ledger says of its run, and its counts.

    Raises:
        LedgerError: it is no ledger.
    """
    with explain_errors(path):
        ledger = Ledger(path)
        try:
            note = ledger.get("run") or {}
            more = {"state": ledger.get("state") or "stopped", "holder": ledger.get("holder") or {}}
            _check_note(note, more)
            return note | more, ledger.counts()
        finally:
            ledger.close()


def _check_note(note: Any, more: Record) -> None:
    """Check what is shown of a run; what a resumption reads is checked by it.

    Raises:
        sqlite3.DatabaseError: no run would have noted it.
    """
    holder = more["holder"]
    is_sound = (
        isinstance(note, dict)
        and isinstance(note.get("started", ""), str)
        and isinstance(note.get("inputs", []), list)
        and all(isinstance(name, str) for name in note.get("inputs", ()))
        and more["state"] in STATES
        and isinstance(holder, dict)
        and (not holder or {"pid", "host", "at"} <= holder.keys())
        and isinstance(holder.get("pid", 1), int)
    )
    if not is_sound:
        raise sqlite3.DatabaseError("运行的说明读不懂")


def delete_ledger(path: Path) -> None:
    """Delete a ledger with its companions."""
    for suffix in _COMPANIONS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _lock(path: Path) -> FileLock:
    return FileLock(path.with_name(path.name + _LOCK_SUFFIX), timeout=0)


def _describe_holder(out: Path) -> str:
    holder = read_note(ledger_path(out))[0]["holder"]
    who = (
        f"主机 {holder['host']} 上的进程 {holder['pid']}，自 {holder['at']} 起" if holder else "？"
    )
    return f"另一次运行正在写 {out}（{who}）；请等它完成，或换一个结果文件"
