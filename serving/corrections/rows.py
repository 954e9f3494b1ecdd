"""The tables of the store: articles, what models said of them, and every change, row by row."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class DocumentRow(SQLModel, table=True):
    """An article; `text` is cleaned, and stays the same when it is cleaned again.

    `done` and `disputed` follow from the corrections, and are kept for the queue.
    """

    __tablename__ = "documents"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    name: str
    text: str
    title: str
    date: str
    source: str
    raw: str | None = None
    added_at: datetime
    done: bool = False
    disputed: bool = False


class AnswerRow(SQLModel, table=True):
    """What a model said of an article; `labels` is `dump_labels` of it, the rest JSON too."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("document", "model"),)

    id: int | None = Field(default=None, primary_key=True)
    document: int = Field(foreign_key="documents.id", index=True)
    model: str
    labels: str
    scores: str
    review: str
    at: datetime


class CorrectionRow(SQLModel, table=True):
    """The labels of an article after a change, whole; `number` counts those of an article.

    `previous` is the number of the row that held before, None for the model's answer. An undo has
    no `labels` but goes back to the row numbered `restores`, None for the model's answer.
    """

    __tablename__ = "corrections"
    __table_args__ = (UniqueConstraint("document", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    document: int = Field(foreign_key="documents.id", index=True)
    number: int
    by: str
    at: datetime
    model: str
    what: str
    labels: str | None = None
    done: bool = False
    previous: int | None = None
    restores: int | None = None
