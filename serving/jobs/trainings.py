"""Trainings that the page starts: each a process of its own, with what it does in the store.

A training is a row in the store and a folder below the home folder: the labels it learns from, the
model it makes with its record (`model`, `model.run`), and what `yiwen train` said (`log.txt`). The
process holds a lock, which the system takes back however it ends; so a training under way while
nobody holds the lock was interrupted, and goes on from its checkpoint when it is started again.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import JSON, Column, Engine, update
from sqlmodel import Field, Session, SQLModel, col, select

from data.labels.corrections import Correction
from data.labels.files import write_labels
from model import InputError
from serving.home.folder import HOME_VARIABLE, home_folder

MODEL, LABELS, THEMES, LOG = "model", "labels.jsonl", "themes.yaml", "log.txt"
RUN_SUFFIX = ".run"
MIN_LABELS = 10
_PROGRESS = "progress.json"
_ROOT = Path(__file__).parents[2]
_started: list[subprocess.Popen[bytes]] = []


class State(StrEnum):
    """What becomes of a training."""

    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


ACTIVE = frozenset({State.RUNNING, State.STOPPING})


class Training(SQLModel, table=True):
    """A training; `version` is what the registry calls its model, `verdict` what the gate said."""

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
        return self.folder / MODEL

    @property
    def labels(self) -> Path:
        """The labels that it learns from."""
        return self.folder / LABELS

    @property
    def themes(self) -> Path:
        """The user's own themes; the file may not be there."""
        return self.folder / THEMES

    @property
    def run(self) -> Path:
        """The record of the run."""
        return self.folder / (MODEL + RUN_SUFFIX)

    @property
    def is_active(self) -> bool:
        """Whether it will change by itself."""
        return self.state in ACTIVE


def trainings_folder() -> Path:
    """Return the folder of all trainings; nobody else on the machine can read it."""
    folder = home_folder() / "trainings"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def training_lock() -> FileLock:
    """Return the lock that the process of a training holds."""
    return FileLock(trainings_folder() / ".lock")


def start_training(
    store: Engine,
    corrections: Sequence[Correction],
    names: Mapping[str, str],
    by: str = "",
    themes: Path | None = None,
) -> Training:
    """Begin a training in a process of its own.

    Args:
        store: where it is noted.
        corrections: what it learns from.
        names: the Chinese name of every theme, by key.
        by: who wishes it.
        themes: a file of the user's own themes.

    Raises:
        InputError: there are too few labels, or a training is under way.
    """
    if len(corrections) < MIN_LABELS:
        raise InputError(f"只有 {len(corrections)} 篇标注，至少要 {MIN_LABELS} 篇才值得训练")
    settle(store)
    if any(training.is_active for training in list_trainings(store)):
        raise InputError("已有一次训练在进行，请等它结束或先取消")
    training = Training(
        id=secrets.token_hex(8), host=socket.gethostname(), by=by, state=State.RUNNING,
        created=datetime.now(UTC), n_labels=len(corrections),
    )  # fmt: skip
    training.folder.mkdir()
    write_labels(training.labels, corrections, "jsonl", names)
    if themes:
        shutil.copyfile(themes, training.themes)
    with Session(store, expire_on_commit=False) as session:
        session.add(training)
        session.commit()
    _start_process(training)
    return training


def resume_training(store: Engine, training: Training) -> None:
    """Have a training go on that was cancelled, interrupted or failed.

    Raises:
        InputError: a training is under way.
    """
    settle(store)
    if any(other.is_active for other in list_trainings(store)):
        raise InputError("已有一次训练在进行，请等它结束或先取消")
    values = {"state": State.RUNNING, "message": "", "finished": None}
    if change(store, training.id, set(State) - ACTIVE - {State.DONE}, **values):
        _start_process(training)


def cancel_training(store: Engine, training_id: str) -> None:
    """Stop a training; the model in use is not touched by that."""
    change(store, training_id, {State.RUNNING}, state=State.STOPPING)


def list_trainings(store: Engine) -> list[Training]:
    """Return the trainings of this machine, the newest first."""
    with Session(store) as session:
        here = select(Training).where(Training.host == socket.gethostname())
        return list(session.exec(here.order_by(col(Training.created).desc(), col(Training.id))))


def find_training(store: Engine, training_id: str) -> Training:
    """Return a training.

    Raises:
        InputError: there is none.
    """
    with Session(store) as session:
        training = session.get(Training, training_id)
    if training is None:
        raise InputError("没有这次训练，请刷新页面")
    return training


def settle(store: Engine) -> None:
    """Say of a training under way that it is not, where its process is gone."""
    if any(process.poll() is None for process in _started):
        return  # it may not hold the lock yet
    try:
        with training_lock().acquire(timeout=0):
            for training in list_trainings(store):
                message = "训练的进程意外停了（关机或被终止）；按“继续”接着做"
                end_training(store, training.id, State.INTERRUPTED, message)
    except Timeout:
        return


def end_training(store: Engine, training_id: str, state: State, message: str = "") -> None:
    """Note how a training under way ended; one that somebody wished to stop is cancelled."""
    now = datetime.now(UTC)
    stopped = State.CANCELLED if state != State.DONE else state
    change(store, training_id, {State.STOPPING}, state=stopped, finished=now)
    change(store, training_id, {State.RUNNING}, state=state, message=message, finished=now)


def read_progress(training: Training) -> Mapping[str, Any]:
    """Return how far a run is, as `training.fitting.progress` wrote it; empty if it did not."""
    try:
        found: dict[str, Any] = json.loads((training.run / _PROGRESS).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


def change(store: Engine, training_id: str, states: Collection[str], **values: Any) -> bool:
    """Change a training that is in one of these states; return whether it was."""
    where = update(Training).where(
        col(Training.id) == training_id, col(Training.state).in_(list(states))
    )
    with store.begin() as connection:
        return connection.execute(where.values(**values)).rowcount > 0


def _start_process(training: Training) -> None:
    _started[:] = [process for process in _started if process.poll() is None]
    command = [sys.executable, "-P", "-m", "serving.jobs.training_worker", training.id]
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path, HOME_VARIABLE: str(home_folder().resolve())}
    with (training.folder / LOG).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 # our own module
            command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    _started.append(process)
