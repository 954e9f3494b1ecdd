"""The store of corrections: articles, what a model said of them, and what people made of that.

Every change is a row of its own and no row is ever altered or removed: an undo is a row that
goes back to an earlier one. An article's labels are those of its newest row, or of the row that
this one goes back to, or the model's where it goes back to none.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from data.labels.corrections import Correction
from model import InputError, Report
from serving.corrections.article_log import (
    ArticleLog,
    ArticleState,
    check_later,
    name_of,
    open_log,
    read_rows,
    refuse_later,
    unlabelled,
)
from serving.corrections.changes import Change
from serving.corrections.history import is_disputed, latest_row, row_in_force
from serving.corrections.labels import Answer, dump_labels, finish, load_labels, read_report
from serving.home.schema import AnswerRow, CorrectionRow, DocumentRow

# How often a change is tried again where somebody else's was written in the same instant.
_ATTEMPTS = 20
_ACCEPTED = "确认全文"
_UNDONE = "撤销"


@dataclass(frozen=True)
class Event:
    """One row of an article's history; `at` has a time zone."""

    number: int
    by: str
    at: datetime
    what: str


def keep_report(store: Engine, report: Report, raw: str | None = None) -> int:
    """Keep a report's article and answer for correction; return the document's number.

    Args:
        store: the store.
        report: what the model said.
        raw: the text as it was pasted, if it is to be kept.
    """
    return keep_answer(store, read_report(report.to_dict()), raw)


def keep_answer(store: Engine, answer: Answer, raw: str | None = None) -> int:
    """Keep an article, once however often it comes, and what a model said of it."""
    labelled = answer.labelled
    digest = hashlib.sha256(labelled.text.encode()).hexdigest()
    found = _find_document(store, digest)
    if found is None:
        row = DocumentRow(
            digest=digest, name=answer.name, text=labelled.text, title=labelled.title,
            date=labelled.date, source=labelled.source, raw=raw, added_at=datetime.now(UTC),
        )  # fmt: skip
        _add_once(store, row)
        found = _find_document(store, digest)
    document = int(found or 0)
    _add_once(
        store,
        AnswerRow(
            document=document, model=answer.model, labels=dump_labels(labelled),
            scores=json.dumps(dict(answer.scores)), review=json.dumps(answer.review),
            at=datetime.now(UTC),
        ),
    )  # fmt: skip
    return document


def read_state(store: Engine, document: int) -> ArticleState:
    """Return an article as it stands.

    Raises:
        InputError: there is no such article.
    """
    with Session(store) as session:
        return open_log(session, document).state()


def save_change(
    store: Engine,
    document: int,
    seen: int,
    change: Change,
    by: str,
    names: Mapping[str, str] | None = None,
) -> ArticleState:
    """Apply a change to the labels as they stand, and keep it at once.

    What somebody else has changed since `seen` stays, and the new state has a notice of it.

    Args:
        store: the store.
        document: the article.
        seen: the `ArticleState.number` that the person was looking at.
        change: the change.
        by: who makes it.
        names: Chinese name of every theme, for the history.

    Raises:
        ConflictError: somebody else has changed the very same thing since.
        InputError: the change cannot be made.
    """

    def plan(log: ArticleLog) -> tuple[CorrectionRow | None, str]:
        notice = check_later(log, seen, change)
        current = log.labels()
        labelled = change.apply(current)
        if labelled == current:
            return None, notice
        row = log.next_row(by, change.describe(dict(names or {})))
        row.labels = dump_labels(labelled)
        return row, notice

    return _save(store, document, plan)


def accept(store: Engine, document: int, seen: int, by: str) -> ArticleState:
    """Keep that a person has read the whole article and stands by the labels.

    Raises:
        ConflictError: somebody else has changed them since.
    """

    def plan(log: ArticleLog) -> tuple[CorrectionRow | None, str]:
        refuse_later(log, seen, "没有确认")
        current = log.in_force()
        if current is not None and current.done and current.by == by:
            return None, ""
        row = log.next_row(by, _ACCEPTED)
        row.labels, row.done = dump_labels(log.labels()), True
        return row, ""

    return _save(store, document, plan)


def undo(store: Engine, document: int, seen: int, by: str) -> ArticleState:
    """Go back to the labels before the last change; the change stays in the history.

    Raises:
        ConflictError: somebody else has changed them since.
        InputError: there is nothing to undo.
    """

    def plan(log: ArticleLog) -> tuple[CorrectionRow | None, str]:
        refuse_later(log, seen, "没有撤销")
        current = log.in_force()
        if current is None:
            raise InputError("这一篇没有可撤销的改动")
        row = log.next_row(by, f"{_UNDONE}（{current.what}）")
        row.previous, row.restores = None, current.previous
        is_own = current.by == by
        return row, "" if is_own else f"撤销的是 {name_of(current.by)} 的改动：{current.what}"

    return _save(store, document, plan)


def read_history(store: Engine, document: int) -> tuple[Event, ...]:
    """Return every change of an article, the first one first."""
    with Session(store) as session:
        rows = read_rows(session, document)
    return tuple(Event(row.number, row.by, row.at, row.what) for row in rows)


def read_people(store: Engine) -> tuple[str, ...]:
    """Return the names of all who have changed something; that of a page without users is empty."""
    with Session(store) as session:
        return tuple(sorted(session.exec(select(CorrectionRow.by).distinct())))


def read_corrections(
    store: Engine,
    *,
    by: str | None = None,
    since: datetime | None = None,
    unaccepted: bool = False,
) -> list[Correction]:
    """Return corrections, one an article, in the order in which articles came to the store.

    Args:
        store: the store.
        by: a person, whose last labels of each article are wanted; None for those in force.
        since: leave out what is older; it has a time zone.
        unaccepted: give articles too that were changed but not accepted as a whole.
    """
    with Session(store) as session:
        logs: dict[int, list[CorrectionRow]] = defaultdict(list)
        rows = select(CorrectionRow).order_by(col(CorrectionRow.number))
        for row in session.exec(rows):
            logs[row.document].append(row)
        found = []
        for document in sorted(logs):
            word = latest_row(logs[document], by, unaccepted)
            if word is not None and (since is None or word.at >= since):
                bare = unlabelled(session.get_one(DocumentRow, document))
                labelled = finish(load_labels(word.labels or "", bare))
                found.append(Correction(labelled, word.by, word.at, word.model))
    return found


def _save(
    store: Engine, document: int, plan: Callable[[ArticleLog], tuple[CorrectionRow | None, str]]
) -> ArticleState:
    """Write the row that is planned, and plan anew where somebody else's came first."""
    for _ in range(_ATTEMPTS):
        with Session(store) as session:
            log = open_log(session, document)
            row, notice = plan(log)
            if row is None:
                return log.state(notice)
            rows = [*log.rows, row]
            current = row_in_force(rows)
            log.document.done = current is not None and current.done
            log.document.disputed = is_disputed(rows)
            session.add(row)
            try:
                session.commit()
            except IntegrityError:
                continue
            return open_log(session, document).state(notice)
    raise InputError("很多人同时在改这一篇，这次改动没有存入，请再试一次")


def _find_document(store: Engine, digest: str) -> int | None:
    with Session(store) as session:
        return session.exec(select(DocumentRow.id).where(DocumentRow.digest == digest)).first()


def _add_once(store: Engine, row: SQLModel) -> None:
    """Add a row unless its like is there."""
    with Session(store) as session:
        session.add(row)
        try:
            session.commit()
        except IntegrityError:
            session.rollback()
