"""The process that does batch jobs one after another: `python -m serving.jobs.batch_worker`.

Each is `yiwen tag` in the job's own folder, so that the reports name no path of the machine. A
wish to stop reaches the run as Ctrl-C would: it finishes the article in hand.
"""

from __future__ import annotations

import _thread
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from filelock import Timeout
from sqlalchemy import Engine

from model import YiwenError
from serving.jobs import batch_jobs as jobs

# What a process that is about to end may still need to let go of the lock.
WAIT_S = 3.0
LOOK_EVERY_S = 0.5
# Whoever waits before the page goes first.
NICENESS = 5


def work(store: Engine) -> None:
    """Do the jobs that wait, unless another process does; return when none is left."""
    try:
        with jobs.worker_lock().acquire(timeout=WAIT_S):
            jobs.settle(store)
            is_wanted = True
            while is_wanted and (job := jobs.next_job(store)):
                is_wanted = _do(store, job)
    except Timeout:
        return


def _do(store: Engine, job: jobs.Job) -> bool:
    """Do a job; return False if it was this process that somebody wished to stop."""
    if not jobs.begin_job(store, job):
        return True
    try:
        is_finished = _tag(store, job)
    except (YiwenError, OSError) as error:
        message = str(error).replace(job.model, "模型文件夹")
        jobs.finish_job(store, job.id, error=message)
        return True
    finally:
        os.chdir(jobs.jobs_folder())
    if is_finished:
        jobs.finish_job(store, job.id)
        return True
    is_wished = jobs.state_of(store, job.id) != jobs.State.RUNNING
    jobs.end_job(store, job.id, "程序在任务途中被关闭；做完的都在，按“继续”接着做")
    return is_wished


def _tag(store: Engine, job: jobs.Job) -> bool:
    """Run `yiwen tag`; return whether it came to its end."""
    import typer

    from serving.archive.ledger import hold
    from serving.cli.tag import tag
    from serving.cli.terminal import EXIT_STOPPED

    os.chdir(job.folder)
    try:
        with hold(jobs.RESULT):  # make the ledger before anybody looks into it
            pass
        with _watch(store, job.id):
            tag([jobs.UPLOADS], jobs.RESULT, model=Path(job.model), retry_failed=job.retry_failed)
    except typer.Exit as end:
        return end.exit_code != EXIT_STOPPED
    except KeyboardInterrupt:
        return False
    return True


@contextmanager
def _watch(store: Engine, job_id: str) -> Iterator[None]:
    """Keep the job's counts up to date, and stop the run once when somebody wishes it."""
    is_over = Event()

    def look() -> None:
        is_stopped = False
        while not is_over.wait(LOOK_EVERY_S):
            jobs.note_counts(store, job_id)
            if not is_stopped and jobs.state_of(store, job_id) != jobs.State.RUNNING:
                is_stopped = True
                _thread.interrupt_main()

    # A page started in a script's background hands down that Ctrl-C is ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    watcher = Thread(target=look)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()
        signal.signal(signal.SIGINT, before)


if __name__ == "__main__":
    from serving.home.database import open_store

    if hasattr(os, "nice"):
        os.nice(NICENESS)
    work(open_store())
