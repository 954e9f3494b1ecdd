from __future__ import annotations

import json
import random
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console
from tokenizers import Tokenizer

from data.corpus.loader import load_labelled
from data.labelled import LabelledArticle
from data.themes import read_themes
from model import Analyzer, Article
from model.encoder import Encoder
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest
from tests.conftest import ARTICLE
from tests.training.tiny import TINY, labelled
from training.encoder.trainable import TrainableNetwork
from training.encoder.unpack import unpack
from training.fitting import distillation
from training.fitting.optimisation import make_optimizer
from training.packaging.model_card import CARD_NAME
from training.recipes import distil
from training.settings import Settings, read_settings
from training.training_data import UserData, load_training_data

pytestmark = pytest.mark.usefixtures("little_data")


def test_a_student_keeps_some_layers_and_learns_nothing_held_out(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = set()

    def note(network: TrainableNetwork, settings: Settings) -> torch.optim.Optimizer:
        rates.add(settings.learning_rate)
        return make_optimizer(network, settings)

    monkeypatch.setattr(distillation, "make_optimizer", note)
    manifest = Manifest.load(trained)
    articles = {a.id: a.text for a in load_labelled(read_themes()).articles}
    apart = articles[manifest.held_out[0]]
    texts = tmp_path / "texts.jsonl"
    rows = [{"id": "new", "text": ARTICLE}, {"id": "repost", "text": f"本网讯 {apart}"}]
    texts.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    out = tmp_path / "student"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made = distil.distil_model(trained, out, [texts], [trained], [1], TINY, Console(quiet=True))
    assert made.metrics["layers"] == [1]
    card = (out / CARD_NAME).read_text(encoding="utf-8")
    assert f"1 层 layers，教师 teachers {manifest.version}" in card
    assert made.held_out == manifest.held_out
    record = json.loads((tmp_path / "student.run" / "settings.json").read_text(encoding="utf-8"))
    assert rates == {record["learning_rate"]} == {TINY.learning_rate}
    student = unpack(out / ENCODER_NAME, made.marks)
    assert student.bert.config.num_hidden_layers == 1
    report = Analyzer.load(out).analyze(Article.from_raw(ARTICLE))
    assert set(report.scores) == {theme.key for theme in read_themes()}
    data = load_training_data(UserData(()), TINY, Console(quiet=True))
    unlabelled = [a.id for a, is_labelled in distil._articles(data, [texts]) if not is_labelled]
    assert unlabelled == ["new"]


@pytest.mark.parametrize("changes", [{"passes": 0}, {"averaged_share": 0.0}])
def test_a_student_without_weights_to_average_keeps_those_it_has(
    trained: Path, changes: dict[str, float]
) -> None:
    manifest = Manifest.load(trained)
    student = unpack(trained / ENCODER_NAME, manifest.marks)
    before = {name: weights.clone() for name, weights in student.state_dict().items()}
    tokenizer = Tokenizer.from_file(str(trained / TOKENIZER_NAME))
    teacher = Encoder.load(trained, TINY.window_tokens, manifest.marks)
    keys = [theme.key for theme in manifest.themes]
    lesson = distillation.make_lesson(
        labelled(), keys, tokenizer, [teacher], TINY, is_labelled=True
    )
    losses = distillation.distil(student, [lesson], replace(TINY, **changes))
    after = student.state_dict()
    assert all(weights.isfinite().all() for weights in after.values())
    same = all(torch.equal(after[name], before[name]) for name in before)
    assert same == (losses == [])


def test_a_settings_file_may_name_the_learning_rate(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    assert read_settings(None, distil.DEFAULTS).learning_rate == 1.5e-4
    path.write_text("passes = 1\n", encoding="utf-8")
    found = read_settings(path, distil.DEFAULTS)
    assert (found.passes, found.learning_rate) == (1, 1.5e-4)
    path.write_text("learning_rate = 1e-4\n", encoding="utf-8")
    assert read_settings(path, distil.DEFAULTS).learning_rate == 1e-4


def test_a_lesson_is_packed_anew_and_loses_nothing(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distillation, "MIN_WINDOW_TOKENS", 8)
    manifest = Manifest.load(trained)
    tokenizer = Tokenizer.from_file(str(trained / TOKENIZER_NAME))
    teacher = Encoder.load(trained, TINY.window_tokens, manifest.marks)
    keys = [theme.key for theme in manifest.themes]
    article = LabelledArticle("new", "县医院派出医生。" * 20, "unlabelled", frozenset())
    lesson = distillation.make_lesson(article, keys, tokenizer, [teacher], TINY, is_labelled=False)
    order = random.Random(0)
    packed = [distillation.repack(lesson, order, TINY).example.windows for _ in range(8)]
    segments = [[s for w in windows for s in w.segments] for windows in packed]
    assert segments == [[s for w in lesson.example.windows for s in w.segments]] * 8
    assert len({tuple(len(w.segments) for w in windows) for windows in packed}) > 1
