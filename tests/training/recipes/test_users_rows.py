"""A model's reading head learns what users corrected, behind a gate."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from data.corpus.loader import Labelled
from data.labelled import LabelledArticle, LabelledFigure
from model import Article
from model.analyzer import DEFAULT_MODEL
from model.figures import find_figures
from model.figures.reading.reader import READER_NAME
from model.manifest import Manifest
from training.fitting.progress import Reporter
from training.recipes.users_rows import MIN_ROWS, SETTINGS, RowGate, learn_rows

COUNTIES = ["云岭县", "岭南县", "清河县", "东山县", "石桥县"]


def article(county: str, source: str, body: str) -> LabelledArticle:
    """Five figures, all of one body."""
    raw = (
        f"{county}卫生健康局介绍，去年派出医生{len(county) * 41}名，培训村医320人次。"
        f"{county}人民医院开放床位520张，接诊患者1.2万人次，完成手术860台。"
    )
    text = Article.from_raw(raw).text
    figures = tuple(
        LabelledFigure(
            f.span.start, f.span.end, f.indicator, f.value, f.unit, f.kind, f.bound, 2023,
            body=body,
        )
        for f in find_figures(Article.from_raw(text))
    )  # fmt: skip
    return LabelledArticle(
        county + source, text, source, frozenset(), date="2024-05-01", figures=figures
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("YIWEN_TEXTS", raising=False)
    folder = tmp_path / "model"
    shutil.copytree(DEFAULT_MODEL, folder)
    return folder


def labelled(n: int) -> Labelled:
    users = [article(county, "user", f"{county}人民医院") for county in COUNTIES[:n]]
    return Labelled(tuple(users), 0)


def test_corrected_rows_are_learned_and_the_model_is_sealed_again(
    folder: Path, tmp_path: Path
) -> None:
    old = Manifest.load(folder)
    settings = replace(SETTINGS, epochs=3, warm_up_steps=1, head_rate=5e-4)
    console = Console(quiet=True)
    with Reporter(tmp_path, console) as reporter:
        new = learn_rows(folder, old, labelled(5), reporter, console, settings)
    rows = new.metrics["users_rows"]
    assert rows["users"] >= MIN_ROWS
    assert rows["after"] < rows["before"]
    assert new.files[READER_NAME] != old.files[READER_NAME]
    assert Manifest.load(folder).files == new.files
    assert {n: h for n, h in new.files.items() if n.endswith(("encoder.onnx", ".json"))} == {
        n: h for n, h in old.files.items() if n.endswith(("encoder.onnx", ".json"))
    }


def test_a_few_rows_teach_nothing(folder: Path, tmp_path: Path) -> None:
    old = Manifest.load(folder)
    console = Console(quiet=True)
    with Reporter(tmp_path, console) as reporter:
        assert learn_rows(folder, old, labelled(1), reporter, console) is old


@pytest.mark.parametrize(
    ("after", "replay_after", "is_open"),
    [(1.9, 3.0, True), (2.0, 3.0, False), (1.5, 3.2, False), (1.5, 3.05, True)],
)
def test_the_gate_asks_for_better_rows_and_no_worse_others(
    after: float, replay_after: float, *, is_open: bool
) -> None:
    assert RowGate(2.0, after, 3.0, replay_after).is_open == is_open
