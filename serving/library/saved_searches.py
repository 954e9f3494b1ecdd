"""Searches that a person keeps, each with how many articles are new since it was last looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from model import InputError
from serving.home.library_tables import LibraryArticleRow, SavedSearchRow
from serving.library.search import SearchQuery, find_numbers
from serving.library.search_index import open_index

MAX_SAVED = 50
_MAX_NAME = 40


@dataclass(frozen=True)
class SavedSearch:
    """A search with its name; `new` are the articles that came since it was looked at."""

    name: str
    query: SearchQuery
    new: tuple[int, ...]


def save_search(store: Engine, by: str, name: str, query: SearchQuery) -> None:
    """Keep a search under a name; what the library holds now counts as seen.

    Raises:
        InputError: there is no name, or the person keeps too many.
    """
    name = name.strip()[:_MAX_NAME]
    if not name:
        raise InputError("请给这个搜索起个名字")
    with Session(store) as session:
        mine = session.exec(select(SavedSearchRow).where(SavedSearchRow.by == by)).all()
        row = next((row for row in mine if row.name == name), None)
        if row is None and len(mine) >= MAX_SAVED:
            raise InputError(f"已存了 {MAX_SAVED} 个搜索，请先删去不用的")
        row = row or SavedSearchRow(by=by, name=name, query="", seen=0, at=datetime.now(UTC))
        row.query, row.seen, row.at = query.dump(), _newest(session), datetime.now(UTC)
        session.add(row)
        session.commit()


def list_searches(store: Engine, by: str) -> list[SavedSearch]:
    """Return a person's searches by name, with the articles that are new to each."""
    with Session(store) as session:
        chosen = select(SavedSearchRow).where(SavedSearchRow.by == by)
        rows = session.exec(chosen.order_by(col(SavedSearchRow.name))).all()
    if not rows:
        return []
    with open_index(store) as index:
        return [
            SavedSearch(
                row.name,
                query := SearchQuery.load(row.query),
                tuple(find_numbers(store, index, query, after=row.seen)),
            )
            for row in rows
        ]


def mark_seen(store: Engine, by: str, name: str) -> None:
    """Count what a search finds now as seen."""
    with Session(store) as session:
        if row := _find(session, by, name):
            row.seen = _newest(session)
            session.add(row)
            session.commit()


def drop_search(store: Engine, by: str, name: str) -> None:
    """Keep a search no longer."""
    with Session(store) as session:
        if row := _find(session, by, name):
            session.delete(row)
            session.commit()


def _find(session: Session, by: str, name: str) -> SavedSearchRow | None:
    chosen = select(SavedSearchRow).where(SavedSearchRow.by == by, SavedSearchRow.name == name)
    return session.exec(chosen).first()


def _newest(session: Session) -> int:
    return int(session.exec(select(func.max(LibraryArticleRow.id))).first() or 0)
