from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console
from safetensors.torch import load_file
from transformers import BertModel

from data.themes import read_themes
from model import Analyzer, Article, InputError
from model.analyzer import DEFAULT_MODEL
from model.manifest import Manifest
from model.windows import SpecialTokens
from tests.conftest import ARTICLE
from tests.training.tiny import TINY, train
from training.encoder.trainable import START_BIAS
from training.packaging.label_record import LabelRecord
from training.packaging.model_card import CARD_NAME
from training.recipes.from_base import train_model
from training.training_data import UserData

pytestmark = pytest.mark.usefixtures("little_data")


def test_one_command_trains_and_exports(trained: Path) -> None:
    first = Manifest.load(trained)
    assert first.marks == SpecialTokens(start=3, pad=0, end=4)
    changes = first.metrics["score_changes"]
    assert changes["export"]["largest"] < 0.02
    assert changes["quantization"]["largest"] > 0
    report = Analyzer.load(trained).analyze(Article.from_raw(ARTICLE)).to_dict()
    assert report["model"] == first.version
    assert set(report["scores"]) == {theme.key for theme in read_themes()}
    assert report["warnings"] == []


def test_the_weights_that_are_judged_best_are_kept(trained: Path) -> None:
    metrics = Manifest.load(trained).metrics
    assert list(metrics["candidates"]) == ["pass 1", "pass 2", "average"]
    assert metrics["candidates"][metrics["chosen"]] == min(metrics["candidates"].values())


def test_a_run_leaves_a_record_and_a_card(trained: Path) -> None:
    manifest = Manifest.load(trained)
    run = trained.with_name(f"{trained.name}.run")
    assert json.loads((run / "settings.json").read_text())["passes"] == TINY.passes
    data = json.loads((run / "data.json").read_text())
    assert list(data["held_out"]) == list(manifest.held_out)
    assert len(data["train"]) == manifest.metrics["data"]["train"]["articles"]
    assert json.loads((run / "metrics.json").read_text()) == manifest.metrics
    assert (run / "losses.png").read_bytes().startswith(b"\x89PNG")
    record = LabelRecord.beside(trained)
    assert record is not None
    assert (record.files, record.themes) == ((), manifest.theme_names)
    card = (trained / CARD_NAME).read_text(encoding="utf-8")
    assert CARD_NAME in manifest.files
    assert all(theme.name in card for theme in manifest.themes)
    assert f"| 文章 articles | {len(data['train'])} | {len(data['held_out'])} |" in card


def test_a_record_of_something_else_is_not_replaced(tiny_base: Path, tmp_path: Path) -> None:
    kept = tmp_path / "m.run" / "thesis.docx"
    kept.parent.mkdir()
    kept.write_text("x")
    with pytest.raises(InputError, match="不是训练记录"):
        train_model(UserData(()), tmp_path / "m", str(tiny_base), TINY, Console(quiet=True))
    assert list(kept.parent.iterdir()) == [kept]


def test_a_folder_that_is_no_model_is_not_replaced(tiny_base: Path, tmp_path: Path) -> None:
    kept = tmp_path / "thesis.docx"
    kept.write_text("x")
    with pytest.raises(InputError, match="不是模型文件夹"):
        train_model(UserData(()), tmp_path, str(tiny_base), TINY, Console(quiet=True))
    assert kept.exists()


def test_a_missing_data_folder_is_refused(tiny_base: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有这个文件夹"):
        train_model(
            UserData((tmp_path / "no",)), tmp_path / "m", str(tiny_base), TINY, Console(quiet=True)
        )


def test_the_shipped_model_agrees_with_the_network_it_was_made_from() -> None:
    changes = Manifest.load(DEFAULT_MODEL).metrics["score_changes"]
    assert changes["export"]["largest"] < 0.02
    assert changes["quantization"]["largest"] < 0.15


def test_without_passes_only_the_heads_learn(tiny_base: Path, tmp_path: Path) -> None:
    made = train(tiny_base, tmp_path / "heads", replace(TINY, passes=0))
    assert list(made.metrics["candidates"]) == ["heads"]
    weights = load_file(tmp_path / "heads.run" / "weights.safetensors")
    start = BertModel.from_pretrained(tiny_base, add_pooling_layer=False).state_dict()
    encoder = {name.removeprefix("bert."): w for name, w in weights.items() if "bert." in name}
    assert encoder.keys() == start.keys()
    assert all(torch.equal(encoder[name], start[name].half()) for name in start)
    assert (weights["heads.bias"] != START_BIAS).all()
