"""The process that does shared batches: `python -m serving.jobs.shared_worker MODEL`.

It takes one batch after another, whichever has waited longest, and ends when none waits. A batch is
an archive run in a folder that nobody needs afterwards: every line goes into the database as soon
as it is written, and a server that goes on with a batch begins with the lines there.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock

from filelock import Timeout
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from model import ModelError, YiwenError
from model.manifest import Manifest
from serving.archive.analysis_queue import AnalysisQueue
from serving.archive.feed.events import ArticleFeed
from serving.archive.feed.sources import Source
from serving.archive.request import ArchiveRequest
from serving.archive.run import run
from serving.archive.task import ArchiveTask, make_task
from serving.home.folder import LOG_NAME, RESULT_NAME, UPLOADS, shared_jobs_folder
from serving.home.schema import State
from serving.home.shared_tables import SharedBatchRow
from serving.jobs.known_lines import KnownFeed
from serving.jobs.leases import (
    Lease,
    LeaseLostError,
    add_lines,
    end_batch,
    give_back,
    has_waiting,
    renew,
    set_origin,
    take_batch,
)
from serving.jobs.lifecycle import LOCK_TIMEOUT_S, Lifecycle, interrupted_when
from serving.jobs.shared_batches import save_files
from serving.library.articles import keep_records
from serving.library.keeping import is_keeping

LIFE = Lifecycle(SharedBatchRow, shared_jobs_folder, "serving.jobs.shared_worker")
NICENESS = 5
_PER_WRITE = 200


def start_worker(store: Engine, model: Path) -> None:
    """Start the process where a batch waits, unless one that was started here is still there."""
    if has_waiting(store) and not LIFE.has_process():
        LIFE.start_process(shared_jobs_folder() / LOG_NAME, str(model), mode="wb")


def work(store: Engine, model: Path) -> None:
    """Do the batches that wait, unless another process of this home folder does."""
    try:
        with LIFE.lock().acquire(timeout=LOCK_TIMEOUT_S):
            _clear(shared_jobs_folder())
            is_wanted = True
            with closing(Queues()) as queues:
                while is_wanted and (taken := take_batch(store, _name_holder())):
                    is_wanted = _do(store, taken[1], model, queues)
    except Timeout:
        return


@dataclass
class Queues:
    """Lends each run the queue of the one before it, whose process has the model loaded."""

    _kept: AnalysisQueue | None = None

    @contextmanager
    def lend(self, task: ArchiveTask) -> Iterator[AnalysisQueue]:
        """Lend a queue to a run; one that is left with articles is not lent again."""
        self._kept = self._kept or AnalysisQueue(task.load, task.limit_s)
        try:
            yield self._kept
        finally:
            if not self._kept.is_idle:
                self.close()

    def close(self) -> None:
        """Stop the process."""
        if self._kept:
            self._kept.close()
            self._kept = None


@dataclass
class _Lines:
    """Lines of a result file on their way to the database."""

    store: Engine
    lease: Lease
    result: Path
    _n_bytes: int = 0
    _n_lines: int = 0
    _lock: Lock = field(default_factory=Lock)

    def pass_on(self) -> None:
        """Pass on the lines that were written since.

        Raises:
            LeaseLostError: the batch is not held any more.
        """
        with self._lock:
            while lines := self._read_new():
                add_lines(self.store, self.lease, self._n_lines, lines)
                self._n_lines += len(lines)
                self._n_bytes += sum(map(len, lines))

    def is_unwanted(self) -> bool:
        """Pass on what is new and hold on to the batch; return whether to stop."""
        try:
            self.pass_on()
            return not renew(self.store, self.lease)
        except LeaseLostError:
            return True
        except SQLAlchemyError:
            return False  # the database is away for a while

    def _read_new(self) -> Sequence[bytes]:
        if not self.result.exists():
            return []
        lines: list[bytes] = []
        with self.result.open("rb") as stream:
            stream.seek(self._n_bytes)
            while len(lines) < _PER_WRITE and (line := stream.readline()).endswith(b"\n"):
                lines.append(line)
        return lines


def _do(store: Engine, lease: Lease, model: Path, queues: Queues) -> bool:
    """Do a batch; return False if the process is to end."""
    folder = Path(mkdtemp(dir=shared_jobs_folder()))
    lines = _Lines(store, lease, folder / RESULT_NAME)
    try:
        with interrupted_when(lines.is_unwanted):
            is_finished = _tag(lines, folder, model, queues)
        if is_finished:
            end_batch(store, lease, State.DONE)
            return True
        return _stop(store, lease)
    except KeyboardInterrupt:
        return _stop(store, lease)
    except LeaseLostError:
        return True
    except (YiwenError, OSError) as error:
        print(error, file=sys.stderr)  # to the log, with the paths that nobody else sees
        end_batch(store, lease, State.FAILED, _describe(error))
        return True
    finally:
        os.chdir(shared_jobs_folder())
        shutil.rmtree(folder, ignore_errors=True)


def _tag(lines: _Lines, folder: Path, model: Path, queues: Queues) -> bool:
    """Tag the batch's files and pass on all lines; return whether that came to its end."""
    save_files(lines.store, lines.lease.batch, folder / UPLOADS)
    os.chdir(folder)
    out = Path(RESULT_NAME)
    task = make_task((UPLOADS,), out, "jsonl", model)
    manifest = Manifest.load(model)
    is_same = set_origin(lines.store, lines.lease, manifest.version, task.fingerprint)
    open_files = task.open_feed

    def open_feed(task: ArchiveTask, sources: Sequence[Source]) -> ArticleFeed:
        return KnownFeed(open_files(task, sources), lines.store, lines.lease, is_same)

    note = ArchiveRequest((UPLOADS,), out, model).note()
    task = replace(task, open_feed=open_feed, open_queue=queues.lend)
    if not run(task, lambda _: None, note).is_finished:
        return False
    lines.pass_on()
    if is_keeping():
        with lines.result.open(encoding="utf-8") as records:
            keep_records(lines.store, map(json.loads, records), _owner_of(lines))
    return True


def _owner_of(lines: _Lines) -> str:
    row = LIFE.find(lines.store, lines.lease.batch)
    if row is None:
        raise LeaseLostError("这一批已删去")
    return row.owner


def _stop(store: Engine, lease: Lease) -> bool:
    """Let go of a batch that was stopped; return whether that was asked of the batch alone."""
    row = LIFE.find(store, lease.batch)
    if row is None or row.token != lease.token:
        return True
    if row.state == State.STOPPING:
        end_batch(store, lease, State.CANCELLED)
        return True
    give_back(store, lease)
    return False


def _describe(error: YiwenError | OSError) -> str:
    """Return what a caller sees of an error: no path of the machine where the model lies."""
    if isinstance(error, ModelError) or isinstance(error.__cause__, ModelError):
        return "模型不能用（文件夹缺损，或不合本版本）；请换一个模型再继续"
    return str(error)


def _clear(folder: Path) -> None:
    """Delete what a killed process left; for the holder of the lock only."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)


def _name_holder() -> str:
    return f"{socket.gethostname()} {os.getpid()}"


if __name__ == "__main__":
    from serving.home.database import open_store
    from serving.home.scratch import leave_on_sigterm, own_temporary_folder

    leave_on_sigterm()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    with own_temporary_folder():
        work(open_store(), Path(sys.argv[1]))
