"""The search index: a SQLite file of its own beside the store, brought up to date by every search.

FTS5 over pairs of characters (`serving.library.words`), without texts or positions. The index
follows the store's reports by their numbers, so a kill on the way costs nothing, and the file can
be deleted at any time: it is made again.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from serving.home.folder import home_folder
from serving.home.library_tables import LibraryArticleRow, LibraryReportRow
from serving.library.records import hash_text
from serving.library.words import to_tokens

_FORMAT = 2
_BUSY_S = 30.0
_PER_TRANSACTION = 500
_MANY = 2000  # reports after which the index is merged into one segment
_TABLES = """
DROP TABLE IF EXISTS words;
DROP TABLE IF EXISTS terms;
DROP TABLE IF EXISTS facts;
DROP TABLE IF EXISTS state;
CREATE VIRTUAL TABLE words
    USING fts5(body, content='', tokenize='ascii', detail=none, columnsize=0);
CREATE VIRTUAL TABLE terms
    USING fts5(body, content='', tokenize='ascii', detail=none, columnsize=0);
CREATE TABLE facts (article INTEGER PRIMARY KEY, day TEXT, themes TEXT, place TEXT,
                    place_path TEXT, source TEXT, indicators TEXT);
CREATE TABLE state (format INTEGER, report INTEGER, digest TEXT);
"""
Show = Callable[[int], None]


@dataclass(frozen=True)
class Forgotten:
    """An article that left the library; its texts are what the index is cleared by."""

    number: int
    title: str
    text: str


@contextmanager
def open_index(store: Engine, show: Show | None = None) -> Iterator[sqlite3.Connection]:
    """Open the index, brought up to date with the store.

    Args:
        store: the store that has the library.
        show: is called with how many reports were taken in, while that goes on.
    """
    with closing(_connect(index_path(store))) as index:
        if not _is_of(index, store):
            _make_anew(index)
        _catch_up(index, store, show)
        if not _is_whole(index, store):
            _make_anew(index)
            _catch_up(index, store, show)
        yield index


def index_path(store: Engine) -> Path:
    """Return where the index of a store lies."""
    url = store.url.render_as_string(hide_password=True)
    return home_folder() / f"search-{hash_text(url)[:8]}.db"


def forget_words(store: Engine, gone: Sequence[Forgotten] | None) -> None:
    """Remove what the index has of articles that left the library; None for everything."""
    path = index_path(store)
    if not path.exists():
        return
    with closing(_connect(path)) as index:
        if gone is None or not _has_tables(index):
            _make_anew(index)
            index.execute("VACUUM")
            return
        index.execute("BEGIN IMMEDIATE")
        for article in gone:
            _remove(index, article, article.number)
        index.execute("COMMIT")
        # Until its segments are merged, FTS5 keeps the words of what was removed.
        index.execute("INSERT INTO words(words) VALUES ('optimize')")


def _connect(path: Path) -> sqlite3.Connection:
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    index = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    try:
        index.execute("PRAGMA journal_mode=WAL")
    except sqlite3.DatabaseError:  # no database, or damaged
        index.close()
        path.unlink()
        return _connect(path)
    index.execute("PRAGMA synchronous=NORMAL")
    index.execute("PRAGMA secure_delete=FAST")
    return index


def _has_tables(index: sqlite3.Connection) -> bool:
    named = "SELECT count(*) FROM sqlite_master WHERE name IN ('words', 'terms', 'facts', 'state')"
    return bool(index.execute(named).fetchone()[0] == len(("words", "terms", "facts", "state")))


def _is_of(index: sqlite3.Connection, store: Engine) -> bool:
    """Whether the index follows this very store, in this format."""
    if not _has_tables(index):
        return False
    row = index.execute("SELECT format, report, digest FROM state").fetchone()
    if row is None or row[0] != _FORMAT:
        return False
    with Session(store) as session:
        said = LibraryReportRow
        digest = session.exec(select(said.digest).where(said.id == row[1])).first()
    return bool(digest == row[2] or row[1] == 0)


def _is_whole(index: sqlite3.Connection, store: Engine) -> bool:
    """Whether the index has as many articles as the store: a kill may leave it some more."""
    with Session(store) as session:
        n_known = session.exec(select(func.count()).select_from(LibraryArticleRow)).one()
    return bool(index.execute("SELECT count(*) FROM facts").fetchone()[0] == n_known)


def _make_anew(index: sqlite3.Connection) -> None:
    index.executescript(
        f"BEGIN IMMEDIATE; {_TABLES} INSERT INTO state VALUES ({_FORMAT}, 0, ''); COMMIT;"  # noqa: S608
    )


def _catch_up(index: sqlite3.Connection, store: Engine, show: Show | None) -> None:
    """Take in the reports that the index does not know, some at a time."""
    article, report = LibraryArticleRow, LibraryReportRow
    n_done = 0
    has_more = True
    while has_more:
        index.execute("BEGIN IMMEDIATE")
        last = index.execute("SELECT report FROM state").fetchone()[0]
        with Session(store) as session:
            chosen = (
                select(report, article)
                .join(article, col(article.id) == col(report.article))
                .where(col(report.id) > last)
                .order_by(col(report.id))
                .limit(_PER_TRANSACTION)
            )
            rows = session.exec(chosen).all()
            for said, row in rows:
                _put(index, row, said.report)
            if rows:
                newest = rows[-1][0]
                index.execute("UPDATE state SET report = ?, digest = ?", (newest.id, newest.digest))
        index.execute("COMMIT")
        n_done += len(rows)
        if show is not None:
            show(n_done)
        has_more = len(rows) == _PER_TRANSACTION
    if n_done >= _MANY:
        index.execute("INSERT INTO words(words) VALUES ('optimize')")


def _put(index: sqlite3.Connection, row: LibraryArticleRow, report: str) -> None:
    number = int(row.id or 0)
    _remove(index, row, number)
    figures = json.loads(report)["figures"]
    indicators = " / ".join(dict.fromkeys(str(figure.get("indicator") or "") for figure in figures))
    index.execute(
        "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, row.day, row.themes, row.place, row.place_path, row.source, indicators),
    )
    index.execute("INSERT INTO words(rowid, body) VALUES (?, ?)", (number, _body(row)))
    index.execute("INSERT INTO terms(rowid, body) VALUES (?, ?)", (number, to_tokens(indicators)))


def _body(article: LibraryArticleRow | Forgotten) -> str:
    return to_tokens(f"{article.title}\n{article.text}")


def _remove(index: sqlite3.Connection, article: LibraryArticleRow | Forgotten, number: int) -> None:
    found = index.execute("SELECT indicators FROM facts WHERE article = ?", (number,)).fetchone()
    if found is None:
        return
    for table, tokens in (("words", _body(article)), ("terms", to_tokens(found[0]))):
        delete = f"INSERT INTO {table}({table}, rowid, body) VALUES ('delete', ?, ?)"  # noqa: S608
        index.execute(delete, (number, tokens))
    index.execute("DELETE FROM facts WHERE article = ?", (number,))
