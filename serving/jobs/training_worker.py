"""The process of one training: `python -m serving.jobs.training_worker ID`.

It continues the model in use on the labels, then enters the new one in the registry and has it
judged. Nothing is promoted here: that is a person's to do, by the verdict.
"""

from __future__ import annotations

import sys

from filelock import Timeout
from sqlalchemy import Engine

from model import InputError, YiwenError
from serving.home.folder import VECTORS, cache_path
from serving.home.schema import ACTIVE, State, Training
from serving.jobs.lifecycle import LOCK_TIMEOUT_S
from serving.jobs.trainings import LIFE, end_training, find_training, note_comparison
from serving.registry.versions import CURRENT, Registry


def work(store: Engine, training_id: str) -> None:
    """Do a training unless another is under way."""
    training = find_training(store, training_id)
    try:
        with LIFE.lock().acquire(timeout=LOCK_TIMEOUT_S):
            try:
                if _begin(store, training.id):
                    _do(store, training)
            except (YiwenError, OSError) as error:
                end_training(store, training.id, State.FAILED, str(error))
    except Timeout:
        end_training(store, training.id, State.FAILED, "另一次训练还在进行")


def _begin(store: Engine, training_id: str) -> bool:
    """Set a training to running, also where it seemed lost before this process had the lock.

    Returns False if it was cancelled by then.
    """
    LIFE.begin(store, training_id, {State.RUNNING, State.INTERRUPTED}, message="")
    return find_training(store, training_id).is_active


def _do(store: Engine, training: Training) -> None:
    try:
        with LIFE.interrupted_on_request(store, training.id):
            run_training(training)
    except KeyboardInterrupt:
        end_training(store, training.id, State.CANCELLED)
        return
    registry = Registry.at_home()
    version = registry.add(training.model)
    LIFE.change(store, training.id, ACTIVE, version=version)
    try:
        from serving.registry.judging import judge_version

        def show(n_done: int, n_all: int) -> None:
            note_comparison(training, n_done, n_all)

        verdict = judge_version(registry, version, [training.labels], show).to_dict()
        LIFE.change(store, training.id, ACTIVE, verdict=verdict)
        end_training(store, training.id, State.DONE)
    except InputError as error:
        end_training(store, training.id, State.DONE, f"未经评判：{error}")


def run_training(training: Training) -> None:
    """Continue the model in use on the labels of a training.

    Raises:
        YiwenError: the labels or the model cannot be used.
    """
    from rich.console import Console

    from training.recipes.continued import continue_model
    from training.settings import read_settings
    from training.training_data import UserData

    themes = (training.themes,) if training.themes.is_file() else ()
    continue_model(
        Registry.at_home().find(CURRENT),
        training.model,
        UserData((training.labels,), themes),
        read_settings(None),
        Console(stderr=True),
        cache_path() / VECTORS,
    )


if __name__ == "__main__":
    from serving.home.database import open_store
    from serving.home.scratch import leave_on_sigterm, own_temporary_folder

    leave_on_sigterm()
    with own_temporary_folder():
        work(open_store(), sys.argv[1])
