from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest
from sqlalchemy import Engine

from data.corpus.loader import Labelled
from data.labelled import LabelledArticle
from data.labels.corrections import Correction
from model import InputError
from model.manifest import Manifest
from serving.home.database import open_store
from serving.home.schema import State, Training
from serving.jobs import lifecycle, training_worker, trainings
from serving.page.models.view import show_problems, show_training, show_versions
from serving.registry.judging import judge_version
from serving.registry.versions import SHIPPED, Registry
from tests.small_model import make_model

PLAIN = "岭南县今年栽下行道树三千棵，街道两旁都绿了。"
TEXTS = [f"{PLAIN}医院第{i}次招{'才' if i < 5 else '新'}，住进村里。" for i in range(10)]
NONE = [f"{PLAIN}第{i}条街也有。" for i in range(15)]
HELD_OUT = tuple(f"a{i}" for i in range(25))


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(trainings, "start_worker", lambda _: None)
    shipped = make_model(
        tmp_path / "shipped", {"talent": "才"}, name="shipped", held_out=HELD_OUT,
        names={"talent": "人才"},
    )  # fmt: skip
    monkeypatch.setattr(
        Registry, "at_home", classmethod(lambda cls: cls(tmp_path / "home" / "models", shipped))
    )
    texts = [*TEXTS, *NONE]
    ours = tuple(
        LabelledArticle(
            f"a{i}", text, "corpus", frozenset({"talent"} if text in TEXTS else set())
        )
        for i, text in enumerate(texts)
    )  # fmt: skip
    monkeypatch.setattr("serving.registry.judging.load_labelled", lambda _: Labelled(ours, 0))
    monkeypatch.setattr("serving.registry.judging.read_gold_articles", lambda *_: [])
    return open_store()


def corrections() -> list[Correction]:
    return [
        Correction(
            LabelledArticle(f"u{i}", f"第{i}家食堂换了菜单，职工都说好吃。", "", frozenset()),
            "",
            NOW,
        )
        for i in range(12)
    ]


NOW = datetime(2026, 11, 20, tzinfo=UTC)
NAMES = {"talent": "人才"}


def make(letter: str) -> Callable[[Training], None]:
    def run(training: Training) -> None:
        make_model(training.model, {"talent": letter}, name="new", held_out=HELD_OUT)

    return run


def begin(store: Engine) -> Training:
    return trainings.start_training(store, corrections(), NAMES, "王")


@pytest.mark.parametrize(("letters", "accepted"), [("才新", True), ("夸", False)])
def test_a_training_ends_in_the_registry_with_a_verdict(
    store: Engine, monkeypatch: pytest.MonkeyPatch, letters: str, accepted: bool
) -> None:
    training = begin(store)
    with trainings.LIFE.lock(), pytest.raises(InputError, match="已有一次训练"):
        begin(store)
    monkeypatch.setattr(training_worker, "run_training", make(letters))
    training_worker.work(store, training.id)
    done = trainings.find_training(store, training.id)
    assert done.state == State.DONE
    compared = trainings.read_progress(done)
    assert compared["stage"] == trainings.COMPARING
    assert compared["done"] == compared["total"] > 0
    assert done.verdict is not None
    assert done.verdict["accepted"] is accepted
    assert done.version == Manifest.load(done.model).version
    registry = Registry.at_home()
    assert registry.names.current == SHIPPED  # a person promotes
    html = show_training(done)
    assert ("可以启用" in html) is accepted
    registry.promote(done.version, by="王", why="<b>试</b>", verdict=done.verdict)
    assert "&lt;b&gt;试" in show_versions(registry)
    assert judge_version(registry, SHIPPED).accepted is not accepted


def test_cancelling_touches_nothing_and_one_that_failed_goes_on(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "LOOK_EVERY_S", 0.01)
    training = begin(store)

    def wait_for_ever(_: Training) -> None:
        trainings.cancel_training(store, training.id)
        while True:
            time.sleep(0.01)

    monkeypatch.setattr(training_worker, "run_training", wait_for_ever)
    training_worker.work(store, training.id)
    assert trainings.find_training(store, training.id).state == State.CANCELLED
    assert [version.name for version in Registry.at_home().versions()] == [SHIPPED]

    def fail(_: Training) -> None:
        raise InputError("标注里 <没有> 主题")

    trainings.resume_training(store, training)
    monkeypatch.setattr(training_worker, "run_training", fail)
    training_worker.work(store, training.id)
    failed = trainings.find_training(store, training.id)
    assert failed.state == State.FAILED
    assert "&lt;没有&gt;" in show_training(failed)
    trainings.resume_training(store, training)
    monkeypatch.setattr(training_worker, "run_training", make("才新"))
    training_worker.work(store, training.id)
    assert trainings.find_training(store, training.id).state == State.DONE


def test_a_process_that_is_gone_is_noticed(store: Engine) -> None:
    training = begin(store)
    with trainings.LIFE.lock():
        trainings.settle(store)
        assert trainings.find_training(store, training.id).state == State.RUNNING
    trainings.settle(store)
    assert trainings.find_training(store, training.id).state == State.INTERRUPTED


def test_a_training_that_seemed_lost_before_its_process_held_the_lock_runs(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = begin(store)
    trainings.settle(store)  # as another process would

    def run(_: Training) -> None:
        shown = trainings.find_training(store, training.id)
        assert (shown.state, shown.message, shown.finished) == (State.RUNNING, "", None)
        make("才新")(training)

    monkeypatch.setattr(training_worker, "run_training", run)
    training_worker.work(store, training.id)
    assert trainings.find_training(store, training.id).state == State.DONE


def test_a_training_that_was_cancelled_before_its_process_held_the_lock_does_not_run(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = begin(store)
    trainings.cancel_training(store, training.id)
    trainings.settle(store)
    train = Mock()
    monkeypatch.setattr(training_worker, "run_training", train)
    training_worker.work(store, training.id)
    train.assert_not_called()
    assert trainings.find_training(store, training.id).state == State.CANCELLED


def test_progress_and_its_absence(store: Engine) -> None:
    training = begin(store)
    assert "准备" in show_training(training)
    training.run.mkdir()
    row = {"state": "running", "stage": "读文章", "done": 5, "total": 20, "left_s": 75.0}
    (training.run / "progress.json").write_text(json.dumps(row))
    html = show_training(training)
    assert "读文章 5/20" in html
    assert "1 分 15 秒" in html
    assert "还没有训练过" in show_training(None)
    assert show_problems([], 0, 0) == ""


def test_too_few_labels(store: Engine) -> None:
    with pytest.raises(InputError, match="至少要"):
        trainings.start_training(store, corrections()[:3], NAMES)
    assert trainings.list_trainings(store) == []
