"""`ArticleLog`: an article, the model's answer and every change of it, with what follows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from data.labelled import LabelledArticle
from model import InputError
from serving.codes import NO_SUCH_ARTICLE
from serving.corrections.changes import Change
from serving.corrections.history import row_in_force
from serving.corrections.labels import Answer, load_labels
from serving.home.schema import AnswerRow, CorrectionRow, DocumentRow

_ID_HEX_DIGITS = 12


class ConflictError(InputError):
    """Somebody else has changed the same labels since they were looked at; nothing was saved."""


@dataclass(frozen=True)
class ArticleState:
    """An article as it stands now.

    `number` is that of the newest row, 0 where nobody has changed anything; `by` and `at` are
    those of it. `notice` is what the person who saved has to know, or empty.
    """

    document: int
    labelled: LabelledArticle
    number: int
    done: bool
    by: str
    at: datetime | None
    answer: Answer
    notice: str = ""


@dataclass(frozen=True)
class ArticleLog:
    """An article, the newest answer of a model, and its changes in order."""

    document: DocumentRow
    answer: AnswerRow
    rows: tuple[CorrectionRow, ...]

    @property
    def key(self) -> int:
        """The number of the document."""
        return int(self.document.id or 0)

    @property
    def number(self) -> int:
        """The number of the newest change, 0 where there is none."""
        return self.rows[-1].number if self.rows else 0

    def in_force(self, number: int | None = None) -> CorrectionRow | None:
        """The row that is in force, or was after the row of this number."""
        return row_in_force([row for row in self.rows if number is None or row.number <= number])

    def labels(self, number: int | None = None) -> LabelledArticle:
        """The labels that are in force, or were after the row of this number."""
        row = self.in_force(number)
        kept = self.answer.labels if row is None else row.labels
        return load_labels(kept or "", unlabelled(self.document))

    def next_row(self, by: str, what: str) -> CorrectionRow:
        """Return a row that would come next, without labels."""
        row = self.in_force()
        return CorrectionRow(
            document=self.key, number=self.number + 1, by=by, at=datetime.now(UTC), what=what,
            model=row.model if row else self.answer.model, previous=row.number if row else None,
        )  # fmt: skip

    def state(self, notice: str = "") -> ArticleState:
        """Return the article as it stands."""
        row = self.in_force()
        last = self.rows[-1] if self.rows else None
        review = tuple(json.loads(self.answer.review))
        return ArticleState(
            self.key,
            self.labels(),
            self.number,
            row is not None and row.done,
            last.by if last else "",
            last.at if last else None,
            Answer(
                self.document.name,
                load_labels(self.answer.labels, unlabelled(self.document)),
                self.answer.model,
                json.loads(self.answer.scores),
                review,
            ),
            notice,
        )


def open_log(session: Session, document: int) -> ArticleLog:
    """Return the log of an article.

    Raises:
        InputError: there is no such article.
    """
    row = session.get(DocumentRow, document)
    answers = select(AnswerRow).where(AnswerRow.document == document)
    answer = session.exec(answers.order_by(col(AnswerRow.id).desc())).first()
    if row is None or answer is None:
        raise InputError("库里没有这篇文章，请刷新页面", code=NO_SUCH_ARTICLE)
    return ArticleLog(row, answer, read_rows(session, document))


def read_rows(session: Session, document: int) -> tuple[CorrectionRow, ...]:
    """Return the changes of an article, in order."""
    rows = select(CorrectionRow).where(CorrectionRow.document == document)
    return tuple(session.exec(rows.order_by(col(CorrectionRow.number))))


def check_later(log: ArticleLog, seen: int, change: Change) -> str:
    """Return a notice of what came since `seen`; refuse a change of the same thing."""
    later = [row for row in log.rows if row.number > seen]
    if not later:
        return ""
    if change.target(log.labels(seen)) != change.target(log.labels()):
        raise ConflictError(
            f"{_describe(later[-1])}，与您改的是同一处，您这次的改动没有存入；"
            "现在显示的是最新内容，请看过再改"
        )
    return f"{_describe(later[-1])}；两边的改动都已保存"


def refuse_later(log: ArticleLog, seen: int, outcome: str) -> None:
    """Refuse if anything came since `seen`; `outcome` is what was not done, in Chinese."""
    if log.number != seen:
        raise ConflictError(
            f"{_describe(log.rows[-1])}，{outcome}；现在显示的是最新内容，请看过再定"
        )


def _describe(row: CorrectionRow) -> str:
    return f"{name_of(row.by)} {row.at.astimezone():%H:%M} 刚改过这一篇（{row.what}）"


def name_of(by: str) -> str:
    """Return a person's name as notices have it."""
    return by or "另一个页面"


def unlabelled(row: DocumentRow) -> LabelledArticle:
    """Return an article without labels."""
    return LabelledArticle(
        row.digest[:_ID_HEX_DIGITS], row.text, row.source, frozenset(),
        title=row.title, date=row.date,
    )  # fmt: skip
