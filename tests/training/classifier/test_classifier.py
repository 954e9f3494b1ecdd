from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertConfig, pipeline

from data.corpus.loader import load_labelled
from data.themes import read_themes
from model import Analyzer, Article, InputError
from model.analyzer import DEFAULT_MODEL
from model.arrays import FloatArray
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest
from tests.conftest import ARTICLE
from training.classifier.export_classifier import classify, export_classifier
from training.classifier.fit_classifier import (
    NEAR_SCORE,
    ScoredText,
    fit_classifier,
    make_classifier,
    score_texts,
    wrap_tokenizer,
)
from training.encoder.unpack import unpack

pytestmark = pytest.mark.usefixtures("little_data")


@pytest.fixture(scope="module")
def shipped(analyzer: Analyzer) -> Manifest:
    return analyzer.manifest


@pytest.fixture(scope="module")
def shipped_tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(DEFAULT_MODEL / TOKENIZER_NAME))


@pytest.fixture(scope="module")
def scored(analyzer: Analyzer, shipped_tokenizer: Tokenizer) -> list[ScoredText]:
    """What the shipped model, whose tokenizer knows words, says of some articles."""
    articles = load_labelled(read_themes()).articles[:30]
    read = [Article.from_raw(article.text) for article in articles]
    return list(score_texts(analyzer, read, shipped_tokenizer))


def test_transformers_loads_what_is_exported(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.classifier.fit_classifier.PASSES", 1)
    out = tmp_path / "plain"
    found = export_classifier(trained, out, Console(quiet=True))
    assert found["windows"].n > 20
    plain = pipeline("text-classification", str(out), top_k=None, truncation=True)
    scores = {one["label"]: one["score"] for one in plain(ARTICLE)[0]}
    assert set(scores) == {theme.key for theme in Manifest.load(trained).themes}
    assert json.loads((out / "agreement.json").read_text())["windows"]["n"] == found["windows"].n
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "thesis.docx").write_text("x")
    with pytest.raises(InputError, match="不是导出的分类器"):
        export_classifier(trained, other, Console(quiet=True))


def test_windows_are_scored_as_texts_of_their_own(trained: Path) -> None:
    analyzer = Analyzer.load(trained)
    tokenizer = Tokenizer.from_file(str(trained / TOKENIZER_NAME))
    longer = Article.from_raw("\n".join(a.text for a in load_labelled(read_themes()).articles[:3]))
    texts = list(score_texts(analyzer, [longer], tokenizer))
    assert len(texts) > 3
    for one in [one for one in texts if len(one.text) > 60][:5]:
        alone = next(score_texts(analyzer, [Article.from_raw(one.text)], tokenizer))
        assert alone.ids == one.ids
        assert alone.scores == pytest.approx(one.scores, abs=0.05)


def test_the_exported_tokenizer_gives_the_ids_that_were_learned(
    scored: list[ScoredText], shipped_tokenizer: Tokenizer, shipped: Manifest, tmp_path: Path
) -> None:
    marks = shipped.marks
    wrap_tokenizer(shipped_tokenizer, marks, shipped.window_tokens).save_pretrained(tmp_path)
    BertConfig().save_pretrained(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    assert any("\n" in one.text for one in scored)
    ids = loaded([one.text for one in scored], truncation=True)["input_ids"]
    assert ids == [[marks.start, *one.ids, marks.end] for one in scored]


def test_a_fit_comes_nearer_to_the_full_model_than_any_constant(
    scored: list[ScoredText],
    shipped_tokenizer: Tokenizer,
    shipped: Manifest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("training.classifier.fit_classifier.PASSES", 10)
    monkeypatch.setattr("training.classifier.fit_classifier.LEARNING_RATE", 3e-4)
    monkeypatch.setattr("training.classifier.fit_classifier.HEAD_LEARNING_RATE", 3e-3)
    short = sorted(scored, key=lambda one: len(one.ids))
    near = [one for one in short if one.scores.max() > 0.5][:8]
    few = near + [one for one in short if one.scores.max() < NEAR_SCORE][:8]
    wanted = np.stack([one.scores for one in few])
    wrapped = wrap_tokenizer(shipped_tokenizer, shipped.marks, shipped.window_tokens)
    torch.manual_seed(0)
    classifier = make_classifier(unpack(DEFAULT_MODEL / ENCODER_NAME, shipped.marks), shipped)

    def measure() -> float:
        return loss(classify([one.text for one in few], classifier, wrapped), wanted)

    before = measure()
    fit_classifier(classifier, few, shipped.marks, seed=7)
    assert measure() < 0.8 * loss(wanted.mean(axis=0), wanted) < before


def loss(said: FloatArray, wanted: FloatArray) -> float:
    """Cross-entropy, the mean over texts and themes."""
    return float(-(wanted * np.log(said) + (1 - wanted) * np.log(1 - said)).mean())
