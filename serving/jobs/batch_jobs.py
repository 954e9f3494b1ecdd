"""Batch jobs: files that were uploaded, tagged by a process that need not live as long as the page.

A job is a row in the store and a folder of its own below `home_folder()`: the files, the result
and its ledger. One process at a time does the jobs in the order in which they came
(`serving.jobs.batch_worker`); one that was interrupted goes on from its ledger.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from model import InputError
from serving.archive.ledger.beside import ledger_path, read_note
from serving.archive.ledger.ledger import LedgerError
from serving.archive.run import Progress
from serving.codes import NO_SUCH_BATCH, TOO_MANY_BATCHES
from serving.home.folder import LOG_NAME, RESULT_NAME, UPLOADS, jobs_folder
from serving.home.schema import RESUMABLE, BatchJob, State
from serving.jobs.batch_files import (
    check_files,
    copy_files,
    count_expected,
    describe_refused,
    name_of,
)
from serving.jobs.lifecycle import Lifecycle

MAX_JOBS = 100
MAX_NAME = 60
LIFE = Lifecycle(BatchJob, jobs_folder, "serving.jobs.batch_worker")


def add_job(
    store: Engine,
    owner: str,
    files: Sequence[Path],
    *,
    model: Path,
    themes: dict[str, str],
    name: str = "",
    job_id: str = "",
) -> BatchJob:
    """Take files as a job and have it done; what cannot be read by its kind is left out.

    Args:
        store: where it is noted.
        owner: whose it is.
        files: what it is to read; they are copied.
        model: a model folder.
        themes: the model's theme names by key.
        name: the job's name; by default one of its files'.
        job_id: its key; a new one by default.

    Raises:
        InputError: there are none that can be read, or too many, or too large, or no room.
    """
    wanted = check_files(files)
    if len(list_jobs(store, owner)) >= MAX_JOBS:
        raise InputError(f"已有 {MAX_JOBS} 个任务；请先下载并删去不再用的", code=TOO_MANY_BATCHES)
    job = BatchJob(
        id=job_id or secrets.token_hex(8), owner=owner,
        name=(name.strip() or name_of(wanted))[:MAX_NAME], state=State.QUEUED,
        created=datetime.now(UTC), n_files=len(wanted), model=str(model.resolve()), themes=themes,
        message=describe_refused([path for path in files if path not in wanted]),
    )  # fmt: skip
    copy_files(wanted, job.folder / UPLOADS)
    job.n_expected = count_expected(job.folder / UPLOADS)
    LIFE.add(store, job)
    start_worker()
    return job


def list_jobs(store: Engine, owner: str) -> list[BatchJob]:
    """Return a person's jobs, the newest first."""
    states = set(State) - {State.DELETING}
    return [job for job in reversed(_jobs(store, states)) if job.owner == owner]


def find_job(store: Engine, owner: str, job_id: str) -> BatchJob:
    """Return a person's job.

    Raises:
        InputError: the person has no such job.
    """
    for job in list_jobs(store, owner):
        if job.id == job_id:
            return job
    raise InputError("没有这个任务，可能已经删去；请刷新页面", code=NO_SUCH_BATCH)


def cancel_job(store: Engine, job: BatchJob) -> None:
    """Stop a job after the article in hand; what is done stays."""
    if not LIFE.change(store, job.id, {State.QUEUED}, state=State.CANCELLED):
        LIFE.request_stop(store, job.id)


def resume_job(store: Engine, job: BatchJob, *, model: Path, themes: dict[str, str]) -> None:
    """Have a job go on where it stopped, or one that is done try again what failed."""
    values: dict[str, Any] = {
        "state": State.QUEUED,
        "finished": None,
        "message": "",
        "model": str(model.resolve()),
        "themes": themes,
        "retry_failed": job.state == State.DONE,
    }
    if LIFE.change(store, job.id, RESUMABLE | {State.DONE}, **values):
        start_worker()


def delete_job(store: Engine, job: BatchJob) -> None:
    """Delete a job with its files and its result; one that runs is stopped first."""
    if not LIFE.change(store, job.id, {State.RUNNING, State.STOPPING}, state=State.DELETING):
        _remove_job(store, job)


def look_after(store: Engine) -> None:
    """Settle what a process left that was lost, and start one where a job waits."""
    with LIFE.unattended() as is_unattended:
        if is_unattended:
            settle(store)
    if is_unattended and next_job(store):
        start_worker()


def settle(store: Engine) -> None:
    """Set jobs under way to interrupted; for the holder of the lock only."""
    for job in _jobs(store, {State.RUNNING, State.STOPPING, State.DELETING}):
        end_job(store, job.id, "任务的进程意外停了（关机或被终止）；做完的都在，按“继续”接着做")


def end_job(store: Engine, job_id: str, message: str) -> None:
    """Note that a job stopped before its end: because somebody asked, or for a reason."""
    note_counts(store, job_id)
    LIFE.end(store, job_id, State.INTERRUPTED, message=message)
    _remove_deleted(store)


def next_job(store: Engine) -> BatchJob | None:
    """Return the job that has waited longest."""
    return next(iter(_jobs(store, {State.QUEUED})), None)


def finish_job(store: Engine, job_id: str, *, error: str = "") -> None:
    """Note that a job is done, or that it could not be."""
    note_counts(store, job_id)
    state = State.FAILED if error else State.DONE
    message = {"message": error} if error else {}
    LIFE.end(store, job_id, state, when_stopping=state, retry_failed=False, **message)
    _remove_deleted(store)


def note_counts(store: Engine, job_id: str) -> None:
    """Copy from the ledger how far a job is; a ledger that is busy is asked another time."""
    ledger = ledger_path(jobs_folder() / job_id / RESULT_NAME)
    if not ledger.exists():
        return
    try:
        _, counts = read_note(ledger)
    except LedgerError:
        return
    values = {"n_tagged": counts.n_tagged, "n_reposts": counts.n_reposts}
    LIFE.change(store, job_id, set(State), **values, n_failed=counts.n_failed)


def note_progress(store: Engine, job_id: str, progress: Progress | None) -> None:
    """Note how far a run says it is, which is ahead of its ledger; the ledger knows reposts."""
    note_counts(store, job_id)
    if progress is not None:
        n_tagged = progress.n_done - progress.n_failed
        values = {"n_tagged": n_tagged, "n_failed": progress.n_failed}
        LIFE.change(store, job_id, {State.RUNNING, State.STOPPING}, **values)


def start_worker() -> None:
    """Start the process that does the jobs, unless one that was started here is still there."""
    if not LIFE.has_process():
        LIFE.start_process(jobs_folder() / LOG_NAME, mode="wb")


def _jobs(store: Engine, states: Collection[str]) -> list[BatchJob]:
    """Return the jobs in these states, the oldest first; a shared store may have others'."""
    with Session(store) as session:
        chosen = select(BatchJob).where(col(BatchJob.state).in_(list(states)))
        jobs = session.exec(chosen.order_by(col(BatchJob.created), col(BatchJob.id)))
        return [job for job in jobs if job.folder.exists()]


def _remove_deleted(store: Engine) -> None:
    for job in _jobs(store, {State.DELETING}):
        _remove_job(store, job)


def _remove_job(store: Engine, job: BatchJob) -> None:
    """Delete what there is of a job that nobody works on."""
    if job.folder.exists():
        shutil.rmtree(job.folder)
    with Session(store) as session:
        if row := session.get(BatchJob, job.id):
            session.delete(row)
            session.commit()
