"""The ledger of an archive run: an SQLite file beside the output.

`entries` holds in input order what the output says of each article, and where in the output its
line ends; `reports` keeps what an analysis gave, by the hash of all it depends on; `files` says
which files were read to their end. Entries and the output agree up to the last commit; whatever
the output holds beyond is dropped when the run goes on.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from model import InputError

SUFFIX = ".ledger"
_LOCK_SUFFIX = ".lock"
_VERSION = 1
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE reports (key BLOB PRIMARY KEY, record BLOB, error TEXT);
CREATE TABLE entries (
    position INTEGER PRIMARY KEY, print BLOB NOT NULL, item TEXT NOT NULL, report BLOB,
    head INTEGER, bands BLOB, signature BLOB, end INTEGER NOT NULL);
CREATE TABLE bands (
    band INTEGER, position INTEGER, PRIMARY KEY (band, position)) WITHOUT ROWID;
CREATE TABLE files (
    number INTEGER PRIMARY KEY, path TEXT NOT NULL, id TEXT NOT NULL,
    size INTEGER, mtime_ns INTEGER, n_items INTEGER NOT NULL);
CREATE TABLE late (
    path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER,
    n_before INTEGER NOT NULL, message TEXT NOT NULL);
"""
Record = dict[str, Any]


class LedgerError(InputError):
    """A ledger that cannot be used, or is in use."""


@dataclass(frozen=True)
class Entry:
    """What the output says of one article or problem.

    `print` tells the input from any other; `item` is its own part of the line and `report` the
    key of the rest, None for a problem. `head` is the position of the first article that tells
    the same story, its own if it is the first, which alone is compared by `bands` and
    `signature`. `end` is the size of the output after this line, in bytes.
    """

    print: bytes
    item: Record
    report: bytes | None
    head: int | None = None
    bands: tuple[int, ...] = ()
    signature: bytes | None = None


@dataclass(frozen=True)
class Head:
    """The first article of a story."""

    position: int
    id: str | int
    report: bytes


@dataclass(frozen=True)
class FileMark:
    """A file as it was when read; `size` and `mtime_ns` are None if that cannot be relied on."""

    path: str
    id: str
    size: int | None
    mtime_ns: int | None


@dataclass(frozen=True)
class Counts:
    """What the output holds: lines with a report, those that repeat a story, those that failed."""

    n_tagged: int
    n_reposts: int
    n_failed: int


def ledger_path(out: Path) -> Path:
    """Return where the ledger of an output lies."""
    return out.with_name(out.name + SUFFIX)


class Ledger:
    """One open ledger. Nothing is kept before `commit`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, timeout=10, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._db.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version = {_VERSION};COMMIT")
        elif version != _VERSION:
            self.close()
            raise LedgerError(f"{path} 由另一版本的医闻写成，请删去后重新运行")
        self._db.execute("BEGIN")

    def commit(self) -> None:
        """Keep everything since the last commit."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Close; what was not committed is dropped."""
        self._db.close()

    def get(self, name: str) -> Any:
        """Return what was set under a name, or None."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set(self, **values: Any) -> None:
        """Keep named values."""
        rows = [(name, json.dumps(value)) for name, value in values.items()]
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def report(self, key: bytes) -> Record | str | None:
        """Return an analysis, why it failed, or None where it was never tried."""
        row = self._db.execute("SELECT record, error FROM reports WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        return _unpack(row[0]) if row[0] is not None else str(row[1])

    def keep_report(self, key: bytes, report: Record | str) -> None:
        """Keep an analysis, or the reason why there is none."""
        is_failure = isinstance(report, str)
        row = (key, None, report) if is_failure else (key, _pack(report), None)
        self._db.execute("INSERT OR REPLACE INTO reports VALUES (?, ?, ?)", row)

    @property
    def n_entries(self) -> int:
        """How many lines the output has."""
        (last,) = self._db.execute("SELECT max(position) FROM entries").fetchone()
        return 0 if last is None else int(last) + 1

    def end(self) -> int:
        """Return the size that the output has by the ledger, in bytes."""
        last = "SELECT end FROM entries ORDER BY position DESC LIMIT 1"
        row = self._db.execute(last).fetchone()
        return 0 if row is None else int(row[0])

    def print_at(self, position: int) -> bytes | None:
        """Return what tells the input of a line from others, or None after the last line."""
        row = self._db.execute(
            "SELECT print FROM entries WHERE position = ?", (position,)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def add(self, position: int, entry: Entry, end: int) -> None:
        """Add the next line."""
        item = json.dumps(entry.item, ensure_ascii=False)
        self._db.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                position, entry.print, item, entry.report, entry.head,
                json.dumps(entry.bands), entry.signature, end,
            ),
        )  # fmt: skip
        self._db.executemany(
            "INSERT OR IGNORE INTO bands VALUES (?, ?)", [(band, position) for band in entry.bands]
        )

    def drop_from(self, position: int) -> None:
        """Drop the lines from a position on; analyses stay."""
        rows = self._db.execute(
            "SELECT position, bands FROM entries WHERE position >= ?", (position,)
        ).fetchall()
        pairs = ((band, at) for at, bands in rows for band in json.loads(bands))
        self._db.executemany("DELETE FROM bands WHERE band = ? AND position = ?", pairs)
        self._db.execute("DELETE FROM entries WHERE position >= ?", (position,))

    def heads(self, bands: Sequence[int]) -> list[tuple[int, bytes]]:
        """Return position and signature of the first articles that share a band, in order."""
        rows = self._db.execute(
            "SELECT position, signature FROM entries WHERE position IN (SELECT position "
            "FROM bands WHERE band IN (SELECT value FROM json_each(?))) ORDER BY position",
            (json.dumps(bands),),
        )
        return [(int(at), bytes(signature)) for at, signature in rows]

    def head(self, position: int) -> Head:
        """Return the first article of a story."""
        item, report = self._db.execute(
            "SELECT item, report FROM entries WHERE position = ?", (position,)
        ).fetchone()
        return Head(position, json.loads(item)["id"], bytes(report))

    def add_file(self, number: int, mark: FileMark, n_items: int) -> None:
        """Note that a file was read to its end."""
        row = (number, mark.path, mark.id, mark.size, mark.mtime_ns, n_items)
        self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", row)

    def drop_files_from(self, number: int) -> None:
        """Forget that the files from this one on were read."""
        self._db.execute("DELETE FROM files WHERE number >= ?", (number,))

    def files(self) -> Iterator[tuple[FileMark, int]]:
        """Yield the files that were read to their end, each with its number of lines."""
        rows = self._db.execute("SELECT * FROM files ORDER BY number")
        for i, (number, path, name, size, mtime_ns, n_items) in enumerate(rows):
            if number != i:
                return
            yield FileMark(path, name, size, mtime_ns), n_items

    def set_aside(self, mark: FileMark, n_before: int, message: str) -> None:
        """Note a file whose reading was given up after so many of its articles."""
        row = (mark.path, mark.size, mark.mtime_ns, n_before, message)
        self._db.execute("INSERT OR REPLACE INTO late VALUES (?, ?, ?, ?, ?)", row)

    def late(self) -> dict[str, tuple[int | None, int | None, int, str]]:
        """Return the files given up: size, mtime, articles before, message, by path."""
        return {row[0]: row[1:] for row in self._db.execute("SELECT * FROM late")}

    def forget_failures(self) -> None:
        """Forget what failed, so that it is tried again."""
        (first,) = self._db.execute(
            "SELECT min(position) FROM entries LEFT JOIN reports ON report = key "
            "WHERE report IS NULL OR error IS NOT NULL"
        ).fetchone()
        if first is not None:
            self.drop_from(first)
        self._db.execute("DELETE FROM reports WHERE error IS NOT NULL")
        self._db.execute("DELETE FROM late")
        self.drop_files_from(0)

    def drop_unused(self) -> None:
        """Drop the analyses that no line uses."""
        self._db.execute(
            "DELETE FROM reports WHERE key NOT IN "
            "(SELECT report FROM entries WHERE report IS NOT NULL)"
        )

    def records(self) -> Iterator[Record]:
        """Yield what the output says, line by line."""
        rows = self._db.execute(
            "SELECT item, record, error FROM entries LEFT JOIN reports ON report = key "
            "ORDER BY position"
        )
        for item, record, error in rows:
            report = error if record is None else _unpack(record)
            yield compose(json.loads(item), report)

    def counts(self) -> Counts:
        """Count the lines."""
        n_all, n_tagged, n_reposts = self._db.execute(
            "SELECT count(*), count(head), coalesce(sum(head < position), 0) FROM entries"
        ).fetchone()
        return Counts(n_tagged, n_reposts, n_all - n_tagged)


def compose(item: Record, report: Record | str | None) -> Record:
    """Join an article's own part of a line with what the analysis gave, or the reason of none."""
    if report is None:
        return item
    if isinstance(report, str):
        return {"id": item["id"], "source": item["source"], "error": report}
    warnings = [*report["warnings"], *item["warnings"]]
    own = {"id": item["id"], "source": item["source"]}
    return own | report | {"warnings": warnings, "cluster": item["cluster"]}


@contextmanager
def hold(out: Path) -> Iterator[Ledger]:
    """Open an output's ledger for one run alone.

    Raises:
        LedgerError: another run holds it, it is damaged, or the folder cannot be written.
    """
    path = ledger_path(out)
    if not path.parent.is_dir():  # the lock would make it
        raise LedgerError(f"无法写入 {out}：没有文件夹 {path.parent}，请先建好或换一个")
    lock = FileLock(path.with_name(path.name + _LOCK_SUFFIX), timeout=0)
    with explain(path):
        try:
            lock.acquire()
        except Timeout:
            raise LedgerError(_name_holder(out)) from None
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


def is_held(out: Path) -> bool:
    """Whether a run is writing the output."""
    path = ledger_path(out)
    lock = FileLock(path.with_name(path.name + _LOCK_SUFFIX), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


@contextmanager
def explain(path: Path) -> Iterator[None]:
    """Say in Chinese why the ledger or the output could not be written, and how to go on.

    Raises:
        LedgerError: in place of the errors of SQLite and of the system.
    """
    hint = "已完成的都记在账本里，处理好后再运行同一命令即可接着做"
    try:
        yield
    except sqlite3.OperationalError as error:
        message = f"账本 {path} 写不进去（{error}）：磁盘已满，或文件夹只读；{hint}"
        raise LedgerError(message) from error
    except sqlite3.DatabaseError as error:
        message = f"账本 {path} 已损坏（{error}），请运行 yiwen runs forget 后重新标注"
        raise LedgerError(message) from error
    except OSError as error:
        name = error.filename or path.name.removesuffix(SUFFIX)
        message = f"无法写入 {name}：{error.strerror or error}；{hint}"
        raise LedgerError(message) from error


def read_meta(path: Path) -> tuple[Record, Counts]:
    """Return what a ledger says of its run, and its counts.

    Raises:
        LedgerError: it is no ledger.
    """
    with explain(path):
        ledger = Ledger(path)
        try:
            run = ledger.get("run") or {}
            more = {"state": ledger.get("state") or "stopped", "holder": ledger.get("holder") or {}}
            return run | more, ledger.counts()
        finally:
            ledger.close()


def _name_holder(out: Path) -> str:
    holder = read_meta(ledger_path(out))[0]["holder"]
    who = (
        f"主机 {holder['host']} 上的进程 {holder['pid']}，自 {holder['at']} 起" if holder else "？"
    )
    return f"另一次运行正在写 {out}（{who}）；请等它完成，或换一个结果文件"


def _pack(record: object) -> bytes:
    return zlib.compress(json.dumps(record, ensure_ascii=False).encode(), 1)


def _unpack(data: bytes) -> Record:
    record: Record = json.loads(zlib.decompress(data))
    return record
