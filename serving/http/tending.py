"""Batches are looked after: nobody sits before a page to press a button.

Batches of keys go on by themselves after a kill. Shared ones are done by whichever server is free.
"""

from __future__ import annotations

from collections import Counter
from threading import Event, Thread

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from model import YiwenError
from serving.home.database import is_shared
from serving.home.schema import BatchJob, State
from serving.http.access import KEY_OWNER
from serving.http.served_model import ServedModel
from serving.jobs.batch_jobs import look_after, resume_job
from serving.jobs.shared_worker import LIFE, start_worker

EVERY_S = 5.0
# A batch that was interrupted so often is left to a person.
MAX_RESUMPTIONS = 3


class Tending:
    """Looks after the batches every few seconds, from a thread of its own."""

    def __init__(self, store: Engine, model: ServedModel, every_s: float = EVERY_S) -> None:
        self._store = store
        self._model = model
        self._every_s = every_s
        self._resumed: Counter[str] = Counter()
        self._is_over = Event()
        self._thread = Thread(target=self._tend_for_ever, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._is_over.set()
        self._thread.join()
        LIFE.stop_processes()  # a shared batch goes to another server at once

    def tend(self) -> None:
        """Settle what a lost process left, and have interrupted batches of keys go on."""
        if is_shared(self._store):
            start_worker(self._store, self._model.folder)
        look_after(self._store)
        for job in self._interrupted():
            if self._resumed[job.id] < MAX_RESUMPTIONS:
                self._resumed[job.id] += 1
                model = self._model
                names = model.manifest.theme_names
                resume_job(self._store, job, model=model.folder, themes=names)

    def _interrupted(self) -> list[BatchJob]:
        with Session(self._store) as session:
            query = select(BatchJob).where(
                BatchJob.state == State.INTERRUPTED,
                col(BatchJob.owner).startswith(KEY_OWNER, autoescape=True),
            )
            return [job for job in session.exec(query) if job.folder.exists()]

    def _tend_for_ever(self) -> None:
        while not self._is_over.wait(self._every_s):
            try:
                self.tend()
            except (YiwenError, SQLAlchemyError, OSError):
                continue  # the model, the store or the disk is away for a while
