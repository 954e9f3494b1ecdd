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

from data.labelled import LabelledArticle
from data.labels.corrections import Correction
from model import InputError, Report
from serving.corrections.changes import Change
from serving.corrections.history import held_row, is_disputed, last_word
from serving.corrections.labels import Answer, dump_labels, finish, load_labels, read_report
from serving.home.schema import AnswerRow, CorrectionRow, DocumentRow

_ID_HEX_DIGITS = 12
# How often a change is tried again where somebody else's was written in the same instant.
_ATTEMPTS = 20
_ACCEPTED = "确认全文"
_UNDONE = "撤销"


class ConflictError(InputError):
    """Somebody else has changed the same labels since they were looked at; nothing was saved."""


@dataclass(frozen=True)
class State:
    """An article as it stands now.

    `number` is that of the newest row, 0 where nobody has changed anything; `by` and `at` are
    those of it. `told` is what the person who saved has to know, or empty.
    """

    document: int
    labelled: LabelledArticle
    number: int
    done: bool
    by: str
    at: datetime | None
    answer: Answer
    told: str = ""


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


def read_state(store: Engine, document: int) -> State:
    """Return an article as it stands.

    Raises:
        InputError: there is no such article.
    """
    with Session(store) as session:
        return _open(session, document).state()


def save_change(
    store: Engine,
    document: int,
    seen: int,
    change: Change,
    by: str,
    names: Mapping[str, str] | None = None,
) -> State:
    """Apply a change to the labels as they stand, and keep it at once.

    What somebody else has changed since `seen` stays, and the state that is returned tells of it.

    Args:
        store: the store.
        document: the article.
        seen: the `State.number` that the person was looking at.
        change: the change.
        by: who makes it.
        names: Chinese name of every theme, for the history.

    Raises:
        ConflictError: somebody else has changed the very same thing since.
        InputError: the change cannot be made.
    """

    def plan(desk: _Desk) -> tuple[CorrectionRow | None, str]:
        told = _compare(desk, seen, change)
        current = desk.labels()
        labelled = change.apply(current)
        if labelled == current:
            return None, told
        row = desk.next_row(by, change.describe(dict(names or {})))
        row.labels = dump_labels(labelled)
        return row, told

    return _save(store, document, plan)


def accept(store: Engine, document: int, seen: int, by: str) -> State:
    """Keep that a person has read the whole article and stands by the labels.

    Raises:
        ConflictError: somebody else has changed them since.
    """

    def plan(desk: _Desk) -> tuple[CorrectionRow | None, str]:
        _refuse_later(desk, seen, "没有确认")
        held = desk.held()
        if held is not None and held.done and held.by == by:
            return None, ""
        row = desk.next_row(by, _ACCEPTED)
        row.labels, row.done = dump_labels(desk.labels()), True
        return row, ""

    return _save(store, document, plan)


def undo(store: Engine, document: int, seen: int, by: str) -> State:
    """Go back to the labels before the last change; the change stays in the history.

    Raises:
        ConflictError: somebody else has changed them since.
        InputError: there is nothing to undo.
    """

    def plan(desk: _Desk) -> tuple[CorrectionRow | None, str]:
        _refuse_later(desk, seen, "没有撤销")
        held = desk.held()
        if held is None:
            raise InputError("这一篇没有可撤销的改动")
        row = desk.next_row(by, f"{_UNDONE}（{held.what}）")
        row.previous, row.restores = None, held.previous
        return row, "" if held.by == by else f"撤销的是 {_name(held.by)} 的改动：{held.what}"

    return _save(store, document, plan)


def read_history(store: Engine, document: int) -> tuple[Event, ...]:
    """Return every change of an article, the first one first."""
    with Session(store) as session:
        rows = _read_rows(session, document)
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
        by: a person, whose last word on each article is given; None for what holds now.
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
            word = last_word(logs[document], by, unaccepted)
            if word is not None and (since is None or word.at >= since):
                bare = _bare(session.get_one(DocumentRow, document))
                labelled = finish(load_labels(word.labels or "", bare))
                found.append(Correction(labelled, word.by, word.at, word.model))
    return found


@dataclass(frozen=True)
class _Desk:
    """An article with all that was said of it; `rows` are in order."""

    document: DocumentRow
    answer: AnswerRow
    rows: tuple[CorrectionRow, ...]

    @property
    def key(self) -> int:
        return int(self.document.id or 0)

    @property
    def number(self) -> int:
        return self.rows[-1].number if self.rows else 0

    def held(self, number: int | None = None) -> CorrectionRow | None:
        """The row that is in force, or was after the row of this number."""
        return held_row([row for row in self.rows if number is None or row.number <= number])

    def labels(self, number: int | None = None) -> LabelledArticle:
        """The labels that are in force, or were after the row of this number."""
        row = self.held(number)
        kept = self.answer.labels if row is None else row.labels
        return load_labels(kept or "", _bare(self.document))

    def next_row(self, by: str, what: str) -> CorrectionRow:
        held = self.held()
        return CorrectionRow(
            document=self.key, number=self.number + 1, by=by, at=datetime.now(UTC), what=what,
            model=held.model if held else self.answer.model, previous=held.number if held else None,
        )  # fmt: skip

    def state(self, told: str = "") -> State:
        held = self.held()
        last = self.rows[-1] if self.rows else None
        review = tuple(json.loads(self.answer.review))
        return State(
            self.key,
            self.labels(),
            self.number,
            held is not None and held.done,
            last.by if last else "",
            last.at if last else None,
            Answer(
                self.document.name,
                load_labels(self.answer.labels, _bare(self.document)),
                self.answer.model,
                json.loads(self.answer.scores),
                review,
            ),
            told,
        )


def _save(
    store: Engine, document: int, plan: Callable[[_Desk], tuple[CorrectionRow | None, str]]
) -> State:
    """Write the row that is planned, and plan anew where somebody else's came first."""
    for _ in range(_ATTEMPTS):
        with Session(store) as session:
            desk = _open(session, document)
            row, told = plan(desk)
            if row is None:
                return desk.state(told)
            rows = [*desk.rows, row]
            held = held_row(rows)
            desk.document.done = held is not None and held.done
            desk.document.disputed = is_disputed(rows)
            session.add(row)
            try:
                session.commit()
            except IntegrityError:
                continue
            return _open(session, document).state(told)
    raise InputError("很多人同时在改这一篇，这次改动没有存入，请再试一次")


def _open(session: Session, document: int) -> _Desk:
    row = session.get(DocumentRow, document)
    answers = select(AnswerRow).where(AnswerRow.document == document)
    answer = session.exec(answers.order_by(col(AnswerRow.id).desc())).first()
    if row is None or answer is None:
        raise InputError("库里没有这篇文章，请刷新页面")
    return _Desk(row, answer, _read_rows(session, document))


def _read_rows(session: Session, document: int) -> tuple[CorrectionRow, ...]:
    rows = select(CorrectionRow).where(CorrectionRow.document == document)
    return tuple(session.exec(rows.order_by(col(CorrectionRow.number))))


def _compare(desk: _Desk, seen: int, change: Change) -> str:
    """Tell of what came since; refuse where it is the same thing."""
    later = [row for row in desk.rows if row.number > seen]
    if not later:
        return ""
    if change.target(desk.labels(seen)) != change.target(desk.labels()):
        raise ConflictError(
            f"{_told(later[-1])}，与您改的是同一处，您这次的改动没有存入；"
            "现在显示的是最新内容，请看过再改"
        )
    return f"{_told(later[-1])}；两边的改动都已保存"


def _refuse_later(desk: _Desk, seen: int, outcome: str) -> None:
    if desk.number != seen:
        raise ConflictError(f"{_told(desk.rows[-1])}，{outcome}；现在显示的是最新内容，请看过再定")


def _told(row: CorrectionRow) -> str:
    return f"{_name(row.by)} {row.at.astimezone():%H:%M} 刚改过这一篇（{row.what}）"


def _name(by: str) -> str:
    return by or "另一个页面"


def _bare(row: DocumentRow) -> LabelledArticle:
    return LabelledArticle(
        row.digest[:_ID_HEX_DIGITS], row.text, row.source, frozenset(),
        title=row.title, date=row.date,
    )  # fmt: skip


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
