"""The event that an article of the library tells of: who was first, who copied, what is new."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from data.events.grouping import (
    WINDOW_DAYS,
    EventArticle,
    EventGroup,
    Member,
    find_new,
    group_events,
)
from model.sentences import split_sentences
from serving.home.library_tables import LibraryArticleRow

_MAX_COMPARED = 400
Places = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class EventReport:
    """A report of an event.

    `copies` is the number of the article that it copies; `changes` are figures of the first report
    with what this one has in their place; `new` are offsets in `text` of sentences that say what no
    earlier report says, none for the first.
    """

    number: int
    title: str
    source: str
    day: str
    text: str
    copies: int | None = None
    changes: tuple[tuple[str, str], ...] = ()
    new: Places = ()


def find_event(store: Engine, number: int) -> tuple[EventReport, ...]:
    """Return the reports of the event that an article tells of, the first one first.

    Compared are the articles of the days around it, those of the nearest days where there are many.
    Empty where the article is alone, or gone.
    """
    rows = _read_around(store, number)
    articles = [EventArticle(row.text, _to_date(row.day)) for row in rows]
    place = next((i for i, row in enumerate(rows) if row.id == number), None)
    groups = group_events(articles) if place is not None else []
    group = next((g for g in groups if place in g.indices and len(g.members) > 1), None)
    return _describe(rows, group) if group is not None else ()


def _describe(rows: list[LibraryArticleRow], group: EventGroup) -> tuple[EventReport, ...]:
    found, earlier = list[EventReport](), list[str]()
    for member in group.members:
        found.append(_to_report(rows, member, earlier))
        earlier.append(rows[member.index].text)
    return tuple(found)


def _to_report(rows: list[LibraryArticleRow], member: Member, earlier: list[str]) -> EventReport:
    row = rows[member.index]
    spans = [(span.start, span.end) for span in split_sentences(row.text)] if earlier else []
    return EventReport(
        number=int(row.id or 0),
        title=row.title,
        source=row.source,
        day=row.day,
        text=row.text,
        copies=None if member.copies is None else rows[member.copies].id,
        changes=tuple((change.first.text, change.second.text) for change in member.changes),
        new=tuple(spans[i] for i in find_new(row.text, spans, earlier)) if earlier else (),
    )


def _read_around(store: Engine, number: int) -> list[LibraryArticleRow]:
    """Return an article and those of the days around it, in the order in which they came."""
    row = LibraryArticleRow
    with Session(store) as session:
        own = session.get(row, number)
        day = _to_date(own.day) if own is not None else None
        if own is None or day is None:
            return []
        since, until = ((day + timedelta(days=n)).isoformat() for n in (-WINDOW_DAYS, WINDOW_DAYS))
        chosen = select(row.id, row.day).where(col(row.day) >= since, col(row.day) <= until)
        near = sorted(
            session.exec(chosen).all(),
            key=lambda found: (found[0] != number, _days_between(found[1], day), -(found[0] or 0)),
        )
        numbers = [found[0] for found in near[:_MAX_COMPARED]]
        rows = select(row).where(col(row.id).in_(numbers)).order_by(col(row.id))
        return list(session.exec(rows))


def _days_between(day: str, other: date) -> int:
    found = _to_date(day)
    return abs((found - other).days) if found else WINDOW_DAYS


def _to_date(day: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(day)
    return None
