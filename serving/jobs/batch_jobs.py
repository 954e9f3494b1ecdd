"""Batch jobs: files that were uploaded, tagged by a process that need not live as long as the page.

A job is a row in the store and a folder of its own below `home_folder()`: the files, the result
and its ledger. One process at a time does the jobs in the order in which they came
(`serving.jobs.batch_worker`); it holds a lock, which the system takes back however the process
ends. So a job that is under way while nobody holds the lock was interrupted, and goes on from its
ledger.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import JSON, Column, Engine, update
from sqlmodel import Field, Session, SQLModel, col, select

from data.readers import SUFFIXES, find_files
from data.readers.folders import is_wanted
from data.readers.packages import open_zip
from model import InputError
from serving.archive.ledger import LedgerError, ledger_path, read_meta
from serving.archive.reading import SINGLE_SUFFIXES, Source, count_articles
from serving.home.database import HOME_VARIABLE, home_folder

UPLOADS = "上传"  # what the reports call the folder of their sources
RESULT = Path("result.jsonl")
MAX_FILES = 2_000
MAX_BYTES = 1 << 30
MAX_JOBS = 100
MAX_NAME = 60
_MAX_FILE_NAME = 120
_ROOT = Path(__file__).parents[2]
_started: list[subprocess.Popen[bytes]] = []


class State(StrEnum):
    """What becomes of a job."""

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


class Job(SQLModel, table=True):
    """A job; `n_expected` is None where only reading would tell how many articles there are.

    `owner` is empty where the page has no users. `themes` are the model's theme names by key.
    """

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
        return self.folder / RESULT

    @property
    def n_done(self) -> int:
        """How many articles are tagged or set aside."""
        return self.n_tagged + self.n_failed

    @property
    def is_active(self) -> bool:
        """Whether it will change by itself."""
        return self.state in ACTIVE


def jobs_folder() -> Path:
    """Return the folder that holds the jobs' folders; nobody else on the machine can read it."""
    folder = home_folder() / "jobs"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def worker_lock() -> FileLock:
    """Return the lock that is held by the process that does jobs."""
    return FileLock(jobs_folder() / ".lock")


def add_job(
    store: Engine,
    owner: str,
    files: Sequence[Path],
    *,
    model: Path,
    themes: dict[str, str],
    name: str = "",
) -> Job:
    """Take files as a job and have it done; what cannot be read by its kind is left out.

    Raises:
        InputError: there are none that can be read, or too many, or too large, or no room.
    """
    wanted = [path for path in files if is_wanted(path)]
    _check(store, owner, files, wanted)
    others = [path.name for path in files if path not in wanted]
    job = Job(
        id=secrets.token_hex(8), owner=owner,
        name=(name.strip() or _name(wanted))[:MAX_NAME], state=State.QUEUED,
        created=datetime.now(UTC), n_files=len(wanted), model=str(model.resolve()), themes=themes,
        message=f"{len(others)} 个文件的格式读不了，未收：{_list(others)}" if others else "",
    )  # fmt: skip
    _copy(wanted, job.folder)
    job.n_expected = _expect(job.folder / UPLOADS)
    with Session(store, expire_on_commit=False) as session:
        session.add(job)
        session.commit()
    start_worker()
    return job


def list_jobs(store: Engine, owner: str) -> list[Job]:
    """Return a person's jobs, the newest first."""
    states = set(State) - {State.DELETING}
    return [job for job in reversed(_jobs(store, states)) if job.owner == owner]


def find_job(store: Engine, owner: str, job_id: str) -> Job:
    """Return a person's job.

    Raises:
        InputError: the person has no such job.
    """
    for job in list_jobs(store, owner):
        if job.id == job_id:
            return job
    raise InputError("没有这个任务，可能已经删去；请刷新页面")


def cancel_job(store: Engine, job: Job) -> None:
    """Stop a job after the article in hand; what is done stays."""
    if not _change(store, job.id, {State.QUEUED}, state=State.CANCELLED):
        _change(store, job.id, {State.RUNNING}, state=State.STOPPING)


def resume_job(store: Engine, job: Job, *, model: Path, themes: dict[str, str]) -> None:
    """Have a job go on where it stopped, or one that is done try again what failed."""
    values: dict[str, Any] = {
        "state": State.QUEUED,
        "finished": None,
        "message": "",
        "model": str(model.resolve()),
        "themes": themes,
        "retry_failed": job.state == State.DONE,
    }
    if _change(store, job.id, RESUMABLE | {State.DONE}, **values):
        start_worker()


def delete_job(store: Engine, job: Job) -> None:
    """Delete a job with its files and its result; one that runs is stopped first."""
    if not _change(store, job.id, {State.RUNNING, State.STOPPING}, state=State.DELETING):
        remove_job(store, job)


def remove_job(store: Engine, job: Job) -> None:
    """Delete what there is of a job that nobody works on."""
    if job.folder.exists():
        shutil.rmtree(job.folder)
    with Session(store) as session:
        if row := session.get(Job, job.id):
            session.delete(row)
            session.commit()


def look_after(store: Engine) -> None:
    """Settle what a process left that was lost, and start one where a job waits."""
    try:
        with worker_lock().acquire(timeout=0):
            settle(store)
    except Timeout:
        return
    if next_job(store):
        start_worker()


def settle(store: Engine) -> None:
    """Say of jobs under way that they are not; for the holder of the lock only."""
    for job in _jobs(store, {State.RUNNING, State.STOPPING, State.DELETING}):
        end_job(store, job.id, "任务的进程意外停了（关机或被终止）；做完的都在，按“继续”接着做")


def end_job(store: Engine, job_id: str, message: str) -> None:
    """Note that a job stopped before its end: as somebody wished, or for a reason."""
    note_counts(store, job_id)
    now = datetime.now(UTC)
    _change(store, job_id, {State.STOPPING}, state=State.CANCELLED, finished=now)
    _change(store, job_id, {State.RUNNING}, state=State.INTERRUPTED, message=message, finished=now)
    for job in _jobs(store, {State.DELETING}):
        remove_job(store, job)


def next_job(store: Engine) -> Job | None:
    """Return the job that has waited longest."""
    return next(iter(_jobs(store, {State.QUEUED})), None)


def begin_job(store: Engine, job: Job) -> bool:
    """Note that a job is under way; return False if it no longer waits."""
    return _change(store, job.id, {State.QUEUED}, state=State.RUNNING)


def finish_job(store: Engine, job_id: str, *, error: str = "") -> None:
    """Note that a job is done, or that it could not be."""
    note_counts(store, job_id)
    values: dict[str, Any] = {"finished": datetime.now(UTC), "retry_failed": False}
    values |= {"state": State.FAILED, "message": error} if error else {"state": State.DONE}
    _change(store, job_id, {State.RUNNING, State.STOPPING}, **values)
    for job in _jobs(store, {State.DELETING}):
        remove_job(store, job)


def note_counts(store: Engine, job_id: str) -> None:
    """Copy from the ledger how far a job is; a ledger that is busy is asked another time."""
    ledger = ledger_path(jobs_folder() / job_id / RESULT)
    if not ledger.exists():
        return
    try:
        _, counts = read_meta(ledger)
    except LedgerError:
        return
    values = {"n_tagged": counts.n_tagged, "n_reposts": counts.n_reposts}
    _change(store, job_id, State, **values, n_failed=counts.n_failed)


def state_of(store: Engine, job_id: str) -> str | None:
    """Return a job's state, or None where it is gone."""
    with Session(store) as session:
        job = session.get(Job, job_id)
        return job.state if job else None


def start_worker() -> None:
    """Start the process that does the jobs, unless one that was started here is still there."""
    _started[:] = [process for process in _started if process.poll() is None]
    if _started:
        return
    command = [sys.executable, "-P", "-m", "serving.jobs.batch_worker"]
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path, HOME_VARIABLE: str(home_folder().resolve())}
    with (jobs_folder() / "log.txt").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 # our own module
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    _started.append(process)


def _jobs(store: Engine, states: Collection[str]) -> list[Job]:
    """Return the jobs in these states, the oldest first; a shared store may have others'."""
    with Session(store) as session:
        chosen = select(Job).where(col(Job.state).in_(list(states)))
        jobs = session.exec(chosen.order_by(col(Job.created), col(Job.id)))
        return [job for job in jobs if job.folder.exists()]


def _change(store: Engine, job_id: str, states: Iterable[str], **values: Any) -> bool:
    """Change a job that is in one of these states; return whether it was."""
    change = update(Job).where(col(Job.id) == job_id, col(Job.state).in_(list(states)))
    with store.begin() as connection:
        return connection.execute(change.values(**values)).rowcount > 0


def _check(store: Engine, owner: str, files: Sequence[Path], wanted: Sequence[Path]) -> None:
    n_bytes = sum(path.stat().st_size for path in wanted)
    if not files:
        raise InputError("还没有选文件；请把文件或 zip 压缩包拖到上面的框里")
    if not wanted:
        raise InputError(f"这些文件的格式读不了；可读 {'、'.join(sorted(SUFFIXES))}")
    if len(wanted) > MAX_FILES:
        raise InputError(f"一次最多 {MAX_FILES:,} 个文件，这里有 {len(wanted):,} 个；请打成 zip")
    if n_bytes > MAX_BYTES:
        raise InputError(f"文件共 {n_bytes >> 20:,} MB，一次最多 {MAX_BYTES >> 20:,} MB；请分几次")
    if len(list_jobs(store, owner)) >= MAX_JOBS:
        raise InputError(f"已有 {MAX_JOBS} 个任务；请先下载并删去不再用的")


def _copy(files: Sequence[Path], folder: Path) -> None:
    uploads = folder / UPLOADS
    try:
        uploads.mkdir(parents=True)
        for path in files:
            shutil.copyfile(path, _free_place(uploads, path.name))
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise InputError(f"文件存不下（{error.strerror}）；请腾出磁盘空间后再试") from error


def _free_place(folder: Path, name: str) -> Path:
    """Return a place for a file by its name alone, whatever path that pretends to be."""
    path = PurePosixPath(name.replace("\\", "/"))
    stem = "".join(c for c in path.stem if c.isprintable())[:_MAX_FILE_NAME] or "文件"
    place, number = folder / f"{stem}{path.suffix}", 1
    while place.exists():
        number += 1
        place = folder / f"{stem}（{number}）{path.suffix}"
    return place


def _expect(folder: Path) -> int | None:
    n_articles = 0
    for path, name in find_files(str(folder)):
        is_zip = path.suffix.lower() == ".zip"
        n_more = _count_members(path) if is_zip else count_articles([Source(str(path), name)])
        if n_more is None:
            return None
        n_articles += n_more
    return n_articles


def _count_members(path: Path) -> int | None:
    try:
        with path.open("rb") as stream, open_zip(stream) as archive:
            members = [PurePosixPath(name) for name in archive.namelist()]
    except InputError:
        return 1
    suffixes = [member.suffix.lower() for member in members if is_wanted(member)]
    return len(suffixes) if SINGLE_SUFFIXES.issuperset(suffixes) else None


def _name(files: Sequence[Path]) -> str:
    first = files[0].stem
    return first if len(files) == 1 else f"{first} 等 {len(files)} 个文件"


def _list(names: Sequence[str]) -> str:
    n_shown = 3
    return "、".join(names[:n_shown]) + (" 等" if len(names) > n_shown else "")
