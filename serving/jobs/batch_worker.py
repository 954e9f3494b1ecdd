"""The process that does batch jobs one after another: `python -m serving.jobs.batch_worker`.

Each is an archive run in the job's own folder, so that the reports name no path of the machine. A
request to stop reaches the run as Ctrl-C would: it finishes the article in hand.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from filelock import Timeout
from sqlalchemy import Engine

from model import ModelError, YiwenError
from serving.archive.ledger.beside import lock_ledger
from serving.archive.request import ArchiveRequest, run_request
from serving.archive.run import Progress
from serving.home.folder import RESULT_NAME, UPLOADS, jobs_folder
from serving.home.schema import BatchJob, State
from serving.jobs import batch_jobs as jobs
from serving.jobs.lifecycle import LOCK_TIMEOUT_S
from serving.library.articles import keep_records
from serving.library.keeping import is_keeping

# Whoever waits before the page goes first.
NICENESS = 5


def work(store: Engine) -> None:
    """Do the jobs that wait, unless another process does; return when none is left."""
    try:
        with jobs.LIFE.lock().acquire(timeout=LOCK_TIMEOUT_S):
            jobs.settle(store)
            is_wanted = True
            while is_wanted and (job := jobs.next_job(store)):
                is_wanted = _do(store, job)
    except Timeout:
        return


def _do(store: Engine, job: BatchJob) -> bool:
    """Do a job; return False if the process was stopped, not the job."""
    if not jobs.LIFE.begin(store, job.id, {State.QUEUED}):
        return True
    try:
        is_finished = _tag(store, job)
    except (YiwenError, OSError) as error:
        print(error, file=sys.stderr)  # to the log, with the paths that the page does not show
        jobs.finish_job(store, job.id, error=_describe(error))
        return True
    finally:
        os.chdir(jobs_folder())
    if is_finished:
        _keep(store, job)
        jobs.finish_job(store, job.id)
        return True
    is_requested = jobs.LIFE.state_of(store, job.id) != State.RUNNING
    jobs.end_job(store, job.id, "程序在任务途中被关闭；做完的都在，按“继续”接着做")
    return is_requested


def _tag(store: Engine, job: BatchJob) -> bool:
    """Tag the job's files; return whether the run came to its end."""
    os.chdir(job.folder)
    out = Path(RESULT_NAME)
    request = ArchiveRequest((UPLOADS,), out, Path(job.model), retry_failed=job.retry_failed)
    try:
        with lock_ledger(out):  # make the ledger before anybody looks into it
            pass
        latest: list[Progress | None] = [None]  # the run fills it, the watching thread reads it

        def show(progress: Progress) -> None:
            latest[0] = progress

        with jobs.LIFE.interrupted_on_request(
            store, job.id, lambda: jobs.note_progress(store, job.id, latest[0])
        ):
            return run_request(request, show).is_finished
    except KeyboardInterrupt:
        return False


def _keep(store: Engine, job: BatchJob) -> None:
    """Put the job's reports into the library, unless the user has turned that off."""
    if is_keeping():
        with job.result.open(encoding="utf-8") as lines:
            keep_records(store, (json.loads(line) for line in lines), job.owner)


def _describe(error: YiwenError | OSError) -> str:
    """Return what the page shows of an error: no path of the machine where the model lies."""
    cause = error.__cause__
    if isinstance(error, ModelError) or isinstance(cause, ModelError):
        return "模型不能用（文件夹缺损，或不合本版本）；请换一个模型再继续"
    return str(error)


if __name__ == "__main__":
    from serving.home.database import open_store
    from serving.home.scratch import leave_on_sigterm, own_temporary_folder

    leave_on_sigterm()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    with own_temporary_folder():
        work(open_store())
