"""Trainings that the page starts: each a process of its own, with how it goes in the store.

A training is a row in the store and a folder below the home folder: the labels it learns from, the
model it makes with its record (`model`, `model.run`), and what the training printed (`log.txt`).
One that was interrupted goes on from its checkpoint when it is started again.
"""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from data.labels.corrections import Correction
from data.labels.files import write_labels
from data.themes import ThemeEntry, write_themes
from model import InputError
from serving.home.folder import LOG_NAME, trainings_folder
from serving.home.schema import RESUMABLE, State, Training
from serving.jobs.lifecycle import Lifecycle
from training.packaging.names import PROGRESS_NAME

MIN_LABELS = 10
COMPARING = "compare"  # the stage after the training, in its progress file
LIFE = Lifecycle(Training, trainings_folder, "serving.jobs.training_worker")


def start_training(
    store: Engine,
    corrections: Sequence[Correction],
    names: Mapping[str, str],
    by: str = "",
    themes: Sequence[ThemeEntry] = (),
) -> Training:
    """Begin a training in a process of its own.

    Args:
        store: where it is noted.
        corrections: what it learns from.
        names: the Chinese name of every theme, by key.
        by: who asks for it.
        themes: the user's own themes.

    Raises:
        InputError: there are too few labels, or a training is under way.
    """
    if len(corrections) < MIN_LABELS:
        raise InputError(f"只有 {len(corrections)} 篇标注，至少要 {MIN_LABELS} 篇才值得训练")
    _refuse_second(store)
    training = Training(
        id=secrets.token_hex(8), host=socket.gethostname(), by=by, state=State.RUNNING,
        created=datetime.now(UTC), n_labels=len(corrections),
    )  # fmt: skip
    training.folder.mkdir()
    write_labels(training.labels, corrections, "jsonl", names)
    if themes:
        write_themes(training.themes, themes)
    LIFE.add(store, training)
    start_worker(training)
    return training


def resume_training(store: Engine, training: Training) -> None:
    """Have a training go on that was cancelled, interrupted or failed.

    Raises:
        InputError: a training is under way.
    """
    _refuse_second(store)
    if LIFE.begin(store, training.id, RESUMABLE, message=""):
        start_worker(training)


def cancel_training(store: Engine, training_id: str) -> None:
    """Stop a training; the model in use is not touched by that."""
    LIFE.request_stop(store, training_id)


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
    training = LIFE.find(store, training_id)
    if training is None:
        raise InputError("没有这次训练，请刷新页面")
    return training


def settle(store: Engine) -> None:
    """Set a training under way to interrupted where its process is gone."""
    if LIFE.has_process():
        return  # it may not hold the lock yet
    with LIFE.unattended() as is_unattended:
        for training in list_trainings(store) if is_unattended else ():
            message = "训练的进程意外停了（关机或被终止）；按“继续”接着做"
            end_training(store, training.id, State.INTERRUPTED, message)


def end_training(store: Engine, training_id: str, state: State, message: str = "") -> None:
    """Note how a training ended; one that somebody asked to stop is cancelled unless done."""
    when_stopping = State.DONE if state == State.DONE else State.CANCELLED
    LIFE.end(store, training_id, state, when_stopping=when_stopping, message=message)


def read_progress(training: Training) -> Mapping[str, Any]:
    """Return how far a run is, as `training.fitting.progress` wrote it; empty if it did not."""
    try:
        found: dict[str, Any] = json.loads(
            (training.run / PROGRESS_NAME).read_text(encoding="utf-8")
        )
    except (FileNotFoundError, ValueError):
        return {}
    return found


def note_comparison(training: Training, n_done: int, n_all: int) -> None:
    """Note how far the comparison with the model in use is, where `read_progress` finds it."""
    training.run.mkdir(exist_ok=True)
    path = training.run / PROGRESS_NAME
    fresh = path.with_suffix(".new")
    row = {"stage": COMPARING, "done": n_done, "total": n_all}
    fresh.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(path)


def start_worker(training: Training) -> None:
    """Start the process that does a training."""
    LIFE.start_process(training.folder / LOG_NAME, training.id)


def _refuse_second(store: Engine) -> None:
    settle(store)
    if any(training.is_active for training in list_trainings(store)):
        raise InputError("已有一次训练在进行，请等它结束或先取消")
