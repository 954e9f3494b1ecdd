"""The process of one training: `python -m serving.jobs.training_worker ID`.

It runs `yiwen train`, then enters the model in the registry and asks the
gate. Nothing is promoted here: that is a person's to do, by what the gate said.
"""

from __future__ import annotations

import _thread
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import typer
from filelock import Timeout
from sqlalchemy import Engine

from model import InputError, YiwenError
from serving.jobs.trainings import (
    ACTIVE,
    State,
    Training,
    change,
    end_training,
    find_training,
    training_lock,
)
from serving.registry.versions import Registry

LOOK_EVERY_S = 0.5
_LOCK_S = 3.0


def work(store: Engine, training_id: str) -> None:
    """Do a training unless another is under way."""
    training = find_training(store, training_id)
    try:
        with training_lock().acquire(timeout=_LOCK_S):
            try:
                if _begin(store, training.id):
                    _do(store, training)
            except (YiwenError, OSError) as error:
                end_training(store, training.id, State.FAILED, str(error))
    except Timeout:
        end_training(store, training.id, State.FAILED, "另一次训练还在进行")


def _begin(store: Engine, training_id: str) -> bool:
    """Say that a training runs, also where it seemed lost before it held the lock.

    Returns False if it was cancelled by then.
    """
    seeming = {State.RUNNING, State.INTERRUPTED}
    change(store, training_id, seeming, state=State.RUNNING, message="", finished=None)
    return find_training(store, training_id).is_active


def _do(store: Engine, training: Training) -> None:
    if not _train(store, training):
        end_training(store, training.id, State.CANCELLED)
        return
    registry = Registry.at_home()
    version = registry.add(training.model)
    change(store, training.id, ACTIVE, version=version)
    try:
        from serving.registry.judging import judge_version

        verdict = judge_version(registry, version, [training.labels]).to_dict()
        change(store, training.id, ACTIVE, verdict=verdict)
        end_training(store, training.id, State.DONE)
    except InputError as error:
        end_training(store, training.id, State.DONE, f"未经评判：{error}")


def _train(store: Engine, training: Training) -> bool:
    """Train; return False if it was stopped on somebody's wish, as Ctrl-C would."""
    try:
        with _watch(store, training.id):
            run_train(training)
    except (KeyboardInterrupt, typer.Abort):
        return False
    return True


def run_train(training: Training) -> None:
    """Run `yiwen train` on the labels of a training.

    Raises:
        YiwenError: the labels or the model cannot be used.
    """
    from serving.cli.main import app

    own = ["--themes", str(training.themes)] if training.themes.is_file() else []
    data = ["--data", str(training.labels), "--out", str(training.model)]
    app(["train", *data, *own], standalone_mode=False)


@contextmanager
def _watch(store: Engine, training_id: str) -> Iterator[None]:
    """Interrupt what runs in the main thread once somebody wishes it."""
    is_over = Event()

    def look() -> None:
        while not is_over.wait(LOOK_EVERY_S):
            if find_training(store, training_id).state == State.STOPPING:
                _thread.interrupt_main()
                return

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

    work(open_store(), sys.argv[1])
