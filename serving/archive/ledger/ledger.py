"""`Ledger`: an SQLite file beside the output of an archive run.

`entries` holds in input order what the output says of each article, and where in the output its
line ends; `reports` keeps what an analysis gave, by the hash of all it depends on; `files` says
which files were read to their end. A commit comes before its lines are written to the output, so
the output of a run that was killed may lack lines, which can be composed from here.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from model import InputError
from serving.archive.ledger.entries import (
    AbandonedFile,
    FileMark,
    LedgerEntry,
    LineCounts,
    Record,
    StoryHead,
    compose,
)

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


class LedgerError(InputError):
    """A ledger that cannot be used, or is in use."""


class _Connection(sqlite3.Connection):
    """A connection whose errors are SQLite's, also where a message quotes damaged text."""

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        with _reading():
            return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        with _reading():
            return super().executemany(*arguments)


class Ledger:
    """One open ledger. Nothing is kept before `commit`.

    Raises:
        LedgerError: another release wrote it.
        sqlite3.Error: it cannot be opened, or, from any of the methods, it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, 10, isolation_level=None, factory=_Connection)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version == 0:
            self._db.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version = {_VERSION};COMMIT")
        elif version != _VERSION:
            raise LedgerError(f"{self.path} 由另一版本的医闻写成，请删去后重新运行")
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
        with _reading():
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
        with _reading():
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
        with _reading():
            return 0 if last is None else int(last) + 1

    def end(self) -> int:
        """Return the size that the output has by the ledger, in bytes."""
        last = "SELECT end FROM entries ORDER BY position DESC LIMIT 1"
        row = self._db.execute(last).fetchone()
        with _reading():
            return 0 if row is None else int(row[0])

    def ends(self) -> Iterator[int]:
        """Yield where each line ends in the output, in bytes."""
        for (end,) in self._db.execute("SELECT end FROM entries ORDER BY position"):
            with _reading():
                value = int(end)
            yield value

    def digest_at(self, position: int) -> bytes | None:
        """Return the hash of the input of a line, or None after the last line."""
        row = self._db.execute(
            "SELECT print FROM entries WHERE position = ?", (position,)
        ).fetchone()
        with _reading():
            return None if row is None else bytes(row[0])

    def add(self, position: int, entry: LedgerEntry, end: int) -> None:
        """Add the next line."""
        item = json.dumps(entry.item, ensure_ascii=False)
        self._db.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                position, entry.digest, item, entry.report, entry.head,
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
        with _reading():
            pairs = [(band, at) for at, bands in rows for band in json.loads(bands)]
        self._db.executemany("DELETE FROM bands WHERE band = ? AND position = ?", pairs)
        self._db.execute("DELETE FROM entries WHERE position >= ?", (position,))

    def story_heads(self, bands: Sequence[int]) -> list[tuple[int, bytes]]:
        """Return position and signature of the first articles that share a band, in order."""
        rows = self._db.execute(
            "SELECT position, signature FROM entries WHERE position IN (SELECT position "
            "FROM bands WHERE band IN (SELECT value FROM json_each(?))) ORDER BY position",
            (json.dumps(bands),),
        )
        with _reading():
            return [(int(at), bytes(signature)) for at, signature in rows]

    def story_head(self, position: int) -> StoryHead:
        """Return the first article of a story."""
        row = self._db.execute("SELECT item, report FROM entries WHERE position = ?", (position,))
        with _reading():
            item, report = row.fetchone()
            return StoryHead(position, json.loads(item)["id"], bytes(report))

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
            with _reading():
                found = FileMark(path, name, _number(size), _number(mtime_ns)), int(n_items)
            yield found

    def add_abandoned(self, file: AbandonedFile) -> None:
        """Note a file whose reading was given up."""
        mark = file.mark
        row = (mark.path, mark.size, mark.mtime_ns, file.n_before, file.message)
        self._db.execute("INSERT OR REPLACE INTO late VALUES (?, ?, ?, ?, ?)", row)

    def abandoned_files(self) -> dict[str, AbandonedFile]:
        """Return the files whose reading was given up, by path."""
        rows = self._db.execute("SELECT * FROM late")
        with _reading():
            return {
                path: AbandonedFile(
                    FileMark(path, "", _number(size), _number(mtime_ns)), int(n_before), message
                )
                for path, size, mtime_ns, n_before, message in rows
            }

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
            "SELECT item, report, record, error FROM entries LEFT JOIN reports ON report = key "
            "ORDER BY position"
        )
        for item, key, record, error in rows:
            with _reading():
                report = error if record is None else _unpack(record)
                composed = compose(_check_item(json.loads(item), key, report), report)
            yield composed

    def counts(self) -> LineCounts:
        """Count the lines."""
        n_all, n_tagged, n_reposts = self._db.execute(
            "SELECT count(*), count(head), coalesce(sum(head < position), 0) FROM entries"
        ).fetchone()
        return LineCounts(n_tagged, n_reposts, n_all - n_tagged)


@contextmanager
def _reading() -> Iterator[None]:
    """Report content that no ledger was given as SQLite reports a damaged file.

    Raises:
        sqlite3.DatabaseError: as said.
    """
    try:
        yield
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        OverflowError,
        zlib.error,
        RecursionError,
    ) as error:
        raise sqlite3.DatabaseError(f"{type(error).__name__}：{error!s:.60}") from error


def _check_item(item: Record, key: object, report: Record | str | None) -> Record:
    """Return an article's own part of a line, if it is one for this report.

    Raises:
        TypeError, KeyError: it is not, or the report is missing.
    """
    if (key is None) != (report is None):
        raise KeyError(f"{item['id']!s:.40}")
    texts = [item["id"], item["source"] or ""]
    if key is None:
        texts.append(item["error"])
    elif isinstance(report, dict):
        texts += [item["cluster"], *report["warnings"], *item["warnings"]]
    if not all(isinstance(text, (str, int)) for text in texts):
        raise TypeError(f"{item['id']!s:.40}")
    return item


def _number(value: object) -> int | None:
    if value is None or isinstance(value, int):
        return value
    raise TypeError(f"{value!r:.40}")


def _pack(record: object) -> bytes:
    return zlib.compress(json.dumps(record, ensure_ascii=False).encode(), 1)


def _unpack(data: bytes) -> Record:
    record: Record = json.loads(zlib.decompress(data))
    return record
