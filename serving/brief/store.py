"""Briefs in the store: every change is a row, so a kill loses none and two people edit at once.

A change is applied to the brief as it stands. It is refused only where somebody else has changed
the very same entry since the editor saw it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from model import InputError
from serving.brief.changes import BriefChange, ProposeEntries, dump_change, load_change
from serving.brief.entries import KINDS, Brief, Entry
from serving.codes import NO_SUCH_BRIEF
from serving.home.library_tables import BriefChangeRow, BriefRow

BRIEF_CONFLICT = "brief_conflict"
_ATTEMPTS = 20
_MAX_LISTED = 200


@dataclass(frozen=True)
class MadeChange:
    """One change of a brief's history."""

    number: int
    by: str
    at: datetime
    change: BriefChange


@dataclass(frozen=True)
class BriefState:
    """A brief as it stands; `number` is that of its newest change."""

    id: int
    number: int
    brief: Brief


@dataclass(frozen=True)
class ListedBrief:
    """A brief in a list."""

    id: int
    kind: str
    title: str
    date: str
    by: str


def start_brief(store: Engine, brief: Brief, entries: Sequence[Entry], by: str = "") -> BriefState:
    """Keep a new brief with what the program proposes.

    Raises:
        InputError: there is no such kind.
    """
    if brief.kind not in KINDS:
        raise InputError(f"没有“{brief.kind}”这种；可用：{'、'.join(KINDS)}")
    now = datetime.now(UTC)
    with Session(store) as session:
        row = BriefRow(
            kind=brief.kind, title=brief.title, date=brief.date, days=brief.days, by=by, at=now
        )
        session.add(row)
        session.flush()
        number = int(row.id or 0)
        proposal = dump_change(ProposeEntries(tuple(entries)))
        session.add(BriefChangeRow(brief=number, number=1, by=by, at=now, change=proposal))
        session.commit()
    return read_brief(store, number)


def read_brief(store: Engine, brief: int) -> BriefState:
    """Return a brief as it stands.

    Raises:
        InputError: there is none.
    """
    with Session(store) as session:
        return _read(session, brief)


def change_brief(
    store: Engine, brief: int, seen: int, change: BriefChange, by: str = ""
) -> BriefState:
    """Apply a change and keep it at once.

    Args:
        store: the store.
        brief: the brief.
        seen: the number of the newest change that the editor has seen.
        change: the change.
        by: who makes it.

    Raises:
        InputError: it cannot be made, or somebody else changed the entry (code `BRIEF_CONFLICT`).
    """
    for _ in range(_ATTEMPTS):
        with Session(store) as session:
            state = _read(session, brief)
            _check_later(session, brief, seen, change, by)
            change.apply(state.brief)
            session.add(
                BriefChangeRow(
                    brief=brief, number=state.number + 1, by=by, at=datetime.now(UTC),
                    change=dump_change(change),
                )
            )  # fmt: skip
            try:
                session.commit()
            except IntegrityError:  # somebody else's came in the same instant
                session.rollback()
                continue
            return _read(session, brief)
    raise InputError("几个人同时在改，没有存成；请再试一次")


def list_briefs(store: Engine) -> list[ListedBrief]:
    """Return the briefs, the newest first."""
    with Session(store) as session:
        chosen = select(BriefRow).order_by(col(BriefRow.id).desc()).limit(_MAX_LISTED)
        return [
            ListedBrief(int(row.id or 0), row.kind, row.title, row.date, row.by)
            for row in session.exec(chosen)
        ]


def read_changes(store: Engine, brief: int) -> list[MadeChange]:
    """Return every change of a brief, the oldest first."""
    with Session(store) as session:
        return [
            MadeChange(row.number, row.by, row.at, load_change(row.change))
            for row in _rows(session, brief)
        ]


def _read(session: Session, number: int) -> BriefState:
    row = session.get(BriefRow, number)
    if row is None:
        raise InputError("没有这份日报", code=NO_SUCH_BRIEF)
    brief = Brief(row.kind, row.title, row.date, row.days)
    newest = 0
    for change in _rows(session, number):
        brief = load_change(change.change).apply(brief)
        newest = change.number
    return BriefState(number, newest, brief)


def _rows(session: Session, brief: int, after: int = 0) -> Sequence[BriefChangeRow]:
    row = BriefChangeRow
    chosen = select(row).where(row.brief == brief, row.number > after)
    return session.exec(chosen.order_by(col(row.number))).all()


def _check_later(session: Session, brief: int, seen: int, change: BriefChange, by: str) -> None:
    for row in _rows(session, brief, after=seen):
        later = load_change(row.change)
        if row.by != by and later.entry == change.entry:
            who = row.by or "另一个人"
            raise InputError(
                f"{who}刚改过这一条，没有保存您的改动；请看过再改", code=BRIEF_CONFLICT
            )
