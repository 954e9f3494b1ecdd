"""All tables of the store. A change to one of them needs a migration in `serving.home.migrations`.

Names of tables, columns and states are what stores on users' disks have; they stay.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from serving.home.folder import (
    LABELS_NAME,
    MODEL_NAME,
    RESULT_NAME,
    THEMES_NAME,
    jobs_folder,
    trainings_folder,
)
from training.packaging.names import RUN_SUFFIX


class State(StrEnum):
    """The states of a batch job or a training; a training is never queued or deleted."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    DELETING = "deleting"
    DONE = "done"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


ACTIVE = frozenset({State.QUEUED, State.RUNNING, State.STOPPING})
RESUMABLE = frozenset({State.CANCELLED, State.INTERRUPTED, State.FAILED})


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
    """A model's report on an article; `labels` is `dump_labels` of it, the rest JSON too."""

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

    `previous` is the number of the row in force before, None for the model's answer. An undo has
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


class QueueRow(SQLModel, table=True):
    """An article that waits, or waited, for review; the document says whether that is done."""

    __tablename__ = "queue"

    document: int = Field(foreign_key="documents.id", primary_key=True)
    reason: str
    priority: float
    by: str
    added_at: datetime


class User(SQLModel, table=True):
    """A person who may log in to the page."""

    __tablename__ = "page_user"

    name: str = Field(primary_key=True)
    password_hash: str
    added_at: datetime


class BatchJob(SQLModel, table=True):
    """A batch job; `n_expected` is None where only reading would show how many articles there are.

    `owner` is empty where the page has no users. `themes` are the model's theme names by key.
    """

    __tablename__ = "job"

    id: str = Field(primary_key=True)
    owner: str = Field(index=True)
    name: str
    state: str
    created: datetime
    finished: datetime | None = None
    n_files: int
    n_expected: int | None = None
    n_tagged: int = 0
    n_reposts: int = 0
    n_failed: int = 0
    message: str = ""
    model: str
    themes: dict[str, str] = Field(sa_column=Column(JSON))
    retry_failed: bool = False

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return jobs_folder() / self.id

    @property
    def result(self) -> Path:
        """The reports, as JSON Lines."""
        return self.folder / RESULT_NAME

    @property
    def n_done(self) -> int:
        """How many articles are tagged or set aside."""
        return self.n_tagged + self.n_failed

    @property
    def is_active(self) -> bool:
        """Whether it will change by itself."""
        return self.state in ACTIVE


class Training(SQLModel, table=True):
    """A training; `version` is its model's name in the registry, `verdict` is the gate's."""

    __tablename__ = "training"

    id: str = Field(primary_key=True)
    host: str
    by: str = ""
    state: str
    created: datetime
    finished: datetime | None = None
    n_labels: int
    message: str = ""
    version: str = ""
    verdict: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return trainings_folder() / self.id

    @property
    def model(self) -> Path:
        """The model folder that it makes."""
        return self.folder / MODEL_NAME

    @property
    def labels(self) -> Path:
        """The labels that it learns from."""
        return self.folder / LABELS_NAME

    @property
    def themes(self) -> Path:
        """The user's own themes; the file may not be there."""
        return self.folder / THEMES_NAME

    @property
    def run(self) -> Path:
        """The record of the run."""
        return self.folder / (MODEL_NAME + RUN_SUFFIX)

    @property
    def is_active(self) -> bool:
        """Whether it will change by itself."""
        return self.state in ACTIVE


class OwnThemeRow(SQLModel, table=True):
    """A theme that people made; articles confirmed before `at` were not asked for it."""

    __tablename__ = "own_theme"

    key: str = Field(primary_key=True)
    name: str = Field(unique=True)
    description: str
    by: str
    at: datetime


class ApiKeyRow(SQLModel, table=True):
    """A key of the HTTP service; `digest` is of its secret, `rate` is written as `60/min`."""

    __tablename__ = "api_key"

    id: str = Field(primary_key=True)
    name: str = Field(index=True)
    digest: str
    scopes: str
    rate: str
    added_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class AuditRow(SQLModel, table=True):
    """A call of the HTTP service; `subject` names a batch or an article of the store, if any.

    `name` and `key_id` are empty where no valid key was presented. `action` is method and route.
    """

    __tablename__ = "api_audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    name: str
    key_id: str
    address: str
    action: str
    status: int
    n_bytes: int
    took_ms: int
    subject: str = ""


class BatchRequestRow(SQLModel, table=True):
    """A batch that was asked for with an `Idempotency-Key`; `digest` is of its content."""

    __tablename__ = "api_batch"
    __table_args__ = (UniqueConstraint("owner", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    owner: str
    key: str
    digest: str
    job: str
    at: datetime


class MigrationRow(SQLModel, table=True):
    """A migration that was applied; the highest number is the version of the store."""

    __tablename__ = "migrations"

    number: int = Field(primary_key=True)
    name: str
    applied_at: datetime
