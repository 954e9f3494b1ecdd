"""`BatchStore`: what the routes of batches need, beside this server or shared by several.

Beside a server, a batch is a job of the page: its files and results lie in the home folder. Where
servers share a database all of it is there, and whichever server is free does it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Engine

from serving.home.database import is_shared
from serving.home.schema import BatchJob
from serving.home.shared_tables import SharedBatchRow
from serving.http.batch_requests import BatchRequest, forget_batch, submit_once
from serving.http.batch_results import FileLines, LineReader
from serving.http.problems import RequestError
from serving.http.served_model import ServedModel
from serving.jobs import batch_jobs, shared_batches
from serving.jobs.shared_worker import start_worker


class BatchState(Protocol):
    """What is known of a batch."""

    id: str
    name: str
    state: str
    created: datetime
    finished: datetime | None
    n_files: int
    n_expected: int | None
    n_tagged: int
    n_reposts: int
    n_failed: int
    message: str
    model: str


class BatchStore(Protocol):
    """Batches by their owners; `find` raises an InputError where the owner has no such batch."""

    def submit(self, asked: BatchRequest) -> tuple[BatchState, bool]:
        """Return the batch that was asked for, and whether it is new."""

    def list_of(self, owner: str) -> Sequence[BatchState]:
        """Return a caller's batches, the newest first."""

    def find(self, owner: str, batch: str) -> BatchState:
        """Return a caller's batch."""

    def is_active(self, batch: str) -> bool:
        """Whether a batch will change by itself."""

    def open_lines(self, batch: Any, offset: int) -> LineReader:
        """Return what reads a batch's results, after so many lines."""

    def cancel(self, batch: Any) -> None:
        """Stop a batch after the article in hand."""

    def resume(self, batch: Any) -> None:
        """Have a batch go on, or try again what failed in it."""

    def delete(self, batch: Any) -> None:
        """Delete a batch with its files and results."""


def open_batches(store: Engine, model: ServedModel) -> BatchStore:
    """Return the batches of a store."""
    return SharedBatches(store, model) if is_shared(store) else LocalBatches(store, model)


@dataclass(frozen=True)
class LocalBatches:
    """Batches of this server alone."""

    store: Engine
    model: ServedModel

    def submit(self, asked: BatchRequest) -> tuple[BatchState, bool]:
        """Take a batch once."""
        return submit_once(self.store, self.model, asked)

    def list_of(self, owner: str) -> Sequence[BatchState]:
        """List a caller's batches."""
        return batch_jobs.list_jobs(self.store, owner)

    def find(self, owner: str, batch: str) -> BatchState:
        """Find a caller's batch."""
        return batch_jobs.find_job(self.store, owner, batch)

    def is_active(self, batch: str) -> bool:
        """Whether it will change."""
        job = batch_jobs.LIFE.find(self.store, batch)
        return job is not None and job.is_active

    def open_lines(self, batch: BatchJob, offset: int) -> LineReader:
        """Open the result file."""
        return FileLines(batch.result, offset)

    def cancel(self, batch: BatchJob) -> None:
        """Stop a batch."""
        batch_jobs.cancel_job(self.store, batch)

    def resume(self, batch: BatchJob) -> None:
        """Have it go on with the model in use."""
        names = self.model.manifest.theme_names
        batch_jobs.resume_job(self.store, batch, model=self.model.folder, themes=names)

    def delete(self, batch: BatchJob) -> None:
        """Delete it; its Idempotency-Key is free again."""
        batch_jobs.delete_job(self.store, batch)
        forget_batch(self.store, batch.id)


@dataclass
class _StoredLines:
    """Reads the lines of a shared batch."""

    store: Engine
    batch: str
    number: int

    def read(self) -> bytes:
        """Return the next lines."""
        lines = shared_batches.read_lines(self.store, self.batch, self.number)
        self.number += len(lines)
        return b"".join(lines)


@dataclass(frozen=True)
class SharedBatches:
    """Batches of all servers of a database."""

    store: Engine
    model: ServedModel

    def submit(self, asked: BatchRequest) -> tuple[BatchState, bool]:
        """Take a batch once, whichever server it came to.

        Raises:
            RequestError: its Idempotency-Key was used for another content.
        """
        new = shared_batches.NewBatch(
            secrets.token_hex(8), asked.owner, asked.files, asked.name, asked.key, asked.digest
        )
        row, is_new = shared_batches.add_batch(self.store, new, self.model.manifest.version)
        if row.digest != asked.digest:
            raise RequestError("请换一个 Idempotency-Key", code="key_reused")
        start_worker(self.store, self.model.folder)
        return row, is_new

    def list_of(self, owner: str) -> Sequence[BatchState]:
        """List a caller's batches."""
        return shared_batches.list_batches(self.store, owner)

    def find(self, owner: str, batch: str) -> BatchState:
        """Find a caller's batch."""
        return shared_batches.find_batch(self.store, owner, batch)

    def is_active(self, batch: str) -> bool:
        """Whether it will change."""
        return shared_batches.is_active(self.store, batch)

    def open_lines(self, batch: SharedBatchRow, offset: int) -> LineReader:
        """Open the lines in the database."""
        return _StoredLines(self.store, batch.id, offset)

    def cancel(self, batch: SharedBatchRow) -> None:
        """Stop a batch, whoever does it."""
        shared_batches.cancel_batch(self.store, batch.id)

    def resume(self, batch: SharedBatchRow) -> None:
        """Have it go on."""
        shared_batches.resume_batch(self.store, batch.id, self.model.manifest.version)
        start_worker(self.store, self.model.folder)

    def delete(self, batch: SharedBatchRow) -> None:
        """Delete it; its Idempotency-Key is free again."""
        shared_batches.delete_batch(self.store, batch.id)
