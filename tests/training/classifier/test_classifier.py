from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertConfig, pipeline

from data.corpus.loader import load_labelled
from data.labels.user import LabelFile, hash_labels
from data.themes import read_themes
from model import Analyzer, Article, InputError, ModelError
from model.analyzer import DEFAULT_MODEL
from model.arrays import FloatArray
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest
from serving.cli.advice import explain
from tests.conftest import ARTICLE
from training.classifier.agreement import Agreement, Agreements, classify
from training.classifier.articles import load_articles
from training.classifier.export_classifier import export_classifier
from training.classifier.fit_classifier import (
    NEAR_SCORE,
    ScoredText,
    fit_classifier,
    make_classifier,
    score_texts,
    wrap_tokenizer,
)
from training.encoder.unpack import unpack
from training.packaging.label_record import LabelRecord

WORDS = "药师教村医辨认草药炮制卫生室添了柜县里修好公路民卖水果收入增加大家都很高兴"
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
    assert found.windows.n > 20
    plain = pipeline("text-classification", str(out), top_k=None, truncation=True)
    scores = {one["label"]: one["score"] for one in plain(ARTICLE)[0]}
    assert set(scores) == {theme.key for theme in Manifest.load(trained).themes}
    assert json.loads((out / "agreement.json").read_text())["windows"]["n"] == found.windows.n
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "thesis.docx").write_text("x")
    with pytest.raises(InputError, match="不是导出的分类器"):
        export_classifier(trained, other, Console(quiet=True))


def test_users_articles_are_learned_from_and_a_fifth_is_kept_to_measure(
    trained: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(trained, tmp_path / "mine")
    labels = tmp_path / "labels.txt"
    draw = np.random.default_rng(0)
    bodies = ["".join(draw.choice(list(WORDS), 30)) + "。" for _ in range(10)]
    blocks = [f"# own-{n}\n\n{'[tcm] ' * (n % 2)}{body}" for n, body in enumerate(bodies)]
    labels.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    run = tmp_path / "mine.run"
    run.mkdir()
    file = LabelFile(str(labels), hash_labels(labels), len(bodies))
    LabelRecord((file,), {"tcm": "中医药"}).save(run)
    manifest = Manifest.load(folder)
    learned, kept = (
        {article.text for article in part}
        for part in load_articles(folder, manifest, (), (), Console(quiet=True))
    )
    assert len(kept & set(bodies)) == 2
    assert learned & set(bodies) == set(bodies) - kept
    labels.unlink()
    console = Console(record=True, quiet=False, file=io.StringIO(), width=300)
    learned, _ = load_articles(folder, manifest, (), (), console)
    assert not {article.text for article in learned} & set(bodies)
    assert "labels.txt 不在了" in console.export_text()


def test_a_classifier_that_unlearned_a_theme_is_refused() -> None:
    yes, no = np.ones((6, 1), bool), np.zeros((6, 1), bool)
    names = {"tcm": "中医药", "smart": "智慧医疗", "talent": "人才"}
    whole = Agreement.of(np.hstack([yes, no]), np.hstack([no, no]))
    themes = {
        "tcm": Agreement.of(yes, no),
        "smart": Agreement.of(yes, yes),
        "talent": Agreement.of(yes[:4], no[:4]),
    }
    found = Agreements(whole, whole, themes)
    with pytest.raises(ModelError, match=r"中医药 0\.00（6 个窗口有它）$") as caught:
        found.check(names)
    assert "多给些" in explain(caught.value)
    assert found.find_unknown() == ["talent"]
    Agreements(whole, whole, {"smart": themes["smart"]}).check(names)


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
