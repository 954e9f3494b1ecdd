from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from tokenizers import Tokenizer, models
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, pipeline

from data.labelled import LabelledArticle, LabelledSentence
from data.loader import CORPUS_FOLDER, load_labelled
from data.pointers import Resolved
from data.themes import ThemeEntry, read_themes
from model import Analyzer, Article, InputError, ModelError
from model.analyzer import DEFAULT_MODEL
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest
from model.themes import pool_logits
from model.windows import Marks, make_batch
from tests.conftest import ARTICLE
from training import distil
from training.calibrate import HeldOut, calibrated_loss, fit_settings, measure_review
from training.card import CARD_NAME
from training.checkpoint import Checkpoint
from training.classifier import score_texts
from training.classifier_export import export_classifier
from training.curve import _choose
from training.examples import BORDERLINE, UNKNOWN, make_example
from training.fit import CachedExample, Fitting
from training.given import UserData
from training.network import pool_article
from training.pretrained import load_base, prepare
from training.recalibrate import recalibrate
from training.run import load_training_data, train_model
from training.settings import Settings, read_settings
from training.unpack import unpack

THEMES = ("alliance", "smart")
TINY = Settings(
    name="tiny", dropped_layers=(), frozen_layers=1, window_tokens=48, probe_passes=1, passes=2,
    batch_tokens=6_000, held_out=0.3, threads=1,
)  # fmt: skip
FILES = ("cai.txt", "gong.txt", "te.txt")


@pytest.fixture(scope="module")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A character-level BERT of two narrow layers, as hubs keep them, with BERT's own marks."""
    folder = tmp_path_factory.mktemp("base")
    letters = sorted({c for t in read_themes() for c in t.description} | set(ARTICLE) - {"\n"})
    pieces = ["[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters]
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=128, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=256, max_position_embeddings=64,
    )  # fmt: skip
    bert = BertModel(config, add_pooling_layer=False)
    with torch.no_grad():
        for vector in (p for p in bert.parameters() if p.ndim == 1):
            vector.add_(torch.randn_like(vector) * 0.01)  # a base's are not all alike
    bert.save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module", autouse=True)
def little_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Three files of the corpus, and no text from elsewhere."""
    folder = tmp_path_factory.mktemp("corpus")
    for name in FILES:
        shutil.copy(CORPUS_FOLDER / name, folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("data.loader.CORPUS_FOLDER", folder)
        monkeypatch.setattr("data.loader.resolve_pointers", lambda: Resolved((), 0))
        yield


def train(base: Path, out: Path) -> Manifest:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return train_model(UserData(()), out, str(base), TINY, Console(quiet=True))


@pytest.fixture(scope="module")
def trained(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained on the corpus alone."""
    out = tmp_path_factory.mktemp("trained") / "one"
    train(tiny_base, out)
    return out


class KilledError(Exception):
    """Stands for a power cut."""


def test_one_command_trains_and_exports(trained: Path) -> None:
    first = Manifest.load(trained)
    assert first.marks == Marks(start=3, pad=0, end=4)
    changes = first.metrics["score_changes"]
    assert changes["export"]["largest"] < 0.02
    assert changes["quantization"]["largest"] > 0
    report = Analyzer.load(trained).analyze(Article.from_raw(ARTICLE)).to_dict()
    assert report["model"] == first.version
    assert set(report["scores"]) == {theme.key for theme in read_themes()}
    assert report["warnings"] == []


def test_a_student_keeps_some_layers_and_learns_nothing_held_out(
    trained: Path, tmp_path: Path
) -> None:
    manifest = Manifest.load(trained)
    articles = {a.id: a.text for a in load_labelled(read_themes()).articles}
    apart = articles[manifest.held_out[0]]
    texts = tmp_path / "texts.jsonl"
    rows = [{"id": "new", "text": ARTICLE}, {"id": "repost", "text": f"本网讯 {apart}"}]
    texts.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    out = tmp_path / "student"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made = distil.run(trained, out, [texts], [trained], [1], TINY, Console(quiet=True))
    assert made.metrics["layers"] == [1]
    assert made.held_out == manifest.held_out
    student = unpack(out / ENCODER_NAME, made.marks)
    assert student.bert.config.num_hidden_layers == 1
    report = Analyzer.load(out).analyze(Article.from_raw(ARTICLE))
    assert set(report.scores) == {theme.key for theme in read_themes()}
    data = load_training_data(UserData(()), TINY, Console(quiet=True))
    unlabelled = [a.id for a, is_labelled in distil._articles(data, [texts]) if not is_labelled]
    assert unlabelled == ["new"]


def test_a_killed_run_goes_on_and_ends_with_the_same_bits(
    tiny_base: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.fit.EVERY_STEPS", 2)
    learn, steps = Fitting.learn, []

    def learn_or_die(self: Fitting, batch: Sequence[CachedExample]) -> float:
        steps.append(self.step)
        if len(steps) == 6:
            raise KilledError
        return learn(self, batch)

    monkeypatch.setattr(Fitting, "learn", learn_or_die)
    out = tmp_path / "two"
    with pytest.raises(KilledError):
        train(tiny_base, out)
    assert not out.exists()
    resumed = train(tiny_base, out)
    assert steps[:8] == [0, 1, 2, 3, 4, 5, 4, 5]
    undisturbed = Manifest.load(trained)
    assert replace(resumed, files={}) == replace(undisturbed, files={})
    assert resumed.files == undisturbed.files
    assert not list(tmp_path.glob("two.run/checkpoint*"))


def test_a_checkpoint_of_other_settings_or_damaged_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    Checkpoint(path, "one").save({"step": 3})
    assert Checkpoint(path, "one").load() == {"step": 3}
    assert Checkpoint(path, "two").load() is None
    path.write_bytes(path.read_bytes()[:100])
    assert Checkpoint(path, "one").load() is None


def test_the_weights_that_are_judged_best_are_kept(trained: Path) -> None:
    metrics = Manifest.load(trained).metrics
    assert list(metrics["candidates"]) == ["pass 1", "pass 2", "average"]
    assert metrics["candidates"][metrics["chosen"]] == min(metrics["candidates"].values())


def test_a_calibrated_loss_looks_at_the_ranking_alone() -> None:
    sharp, blunt = noisy(400, 6.0), noisy(400, 1.0)
    assert calibrated_loss(sharp) < calibrated_loss(blunt)
    tripled = HeldOut(3 * sharp.logits, sharp.labels)
    assert calibrated_loss(tripled) == pytest.approx(calibrated_loss(sharp), abs=0.01)


def test_a_run_leaves_a_record_and_a_card(trained: Path) -> None:
    manifest = Manifest.load(trained)
    run = trained.with_name(f"{trained.name}.run")
    assert json.loads((run / "settings.json").read_text())["passes"] == TINY.passes
    data = json.loads((run / "data.json").read_text())
    assert list(data["held_out"]) == list(manifest.held_out)
    assert len(data["train"]) == manifest.metrics["data"]["train"]["articles"]
    assert json.loads((run / "metrics.json").read_text()) == manifest.metrics
    assert (run / "losses.png").read_bytes().startswith(b"\x89PNG")
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


def test_a_base_without_marks_is_refused(tiny_base: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_base, tmp_path, dirs_exist_ok=True)
    (tmp_path / "vocab.txt").unlink()
    tokenizer = Tokenizer(models.WordLevel({"<unk>": 0, "医": 1}, unk_token="<unk>"))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>").save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="起始、填充、结束标记"):
        load_base(str(tmp_path), tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"frozen_layers": 2}, "没有可训练的层"), ({"window_tokens": 65}, "一次最多读 64 个词元")],
)
def test_settings_that_do_not_go_with_the_base_are_refused(
    tiny_base: Path, tmp_path: Path, changes: dict[str, int], message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        prepare(load_base(str(tiny_base), tmp_path), replace(TINY, **changes))


def test_the_shipped_model_agrees_with_the_network_it_was_made_from() -> None:
    changes = Manifest.load(DEFAULT_MODEL).metrics["score_changes"]
    assert changes["export"]["largest"] < 0.02
    assert changes["quantization"]["largest"] < 0.15


def test_a_base_that_is_none_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="底座"):
        load_base(str(tmp_path), tmp_path)


def labelled(**changes: object) -> LabelledArticle:
    text = "县医院派驻医师到乡镇。机器人上岗了今天。天气很好很好。"
    values: dict[str, object] = {
        "id": "1", "text": text, "source": "corpus", "themes": frozenset({"alliance"}),
        "borderline": frozenset({"smart"}),
        "sentences": (
            LabelledSentence(0, 11, frozenset({"alliance"}), key=True),
            LabelledSentence(11, 20, frozenset(), frozenset({"smart"})),
        ),
    }  # fmt: skip
    return LabelledArticle(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture
def tokenizer(tiny_base: Path) -> Tokenizer:
    return load_base(str(tiny_base), tiny_base).tokenizer


def test_sentence_labels_become_targets(tokenizer: Tokenizer) -> None:
    example = make_example(labelled(), THEMES, tokenizer, 48)
    assert example.segment_themes.tolist() == [[1, 0], [0, BORDERLINE], [0, 0]]
    assert example.article_themes.tolist() == [1, BORDERLINE]
    assert example.salience.tolist() == [1, 0, 0]


def test_unlisted_sentences_of_an_incomplete_article_are_unknown(tokenizer: Tokenizer) -> None:
    example = make_example(labelled(complete=False), THEMES, tokenizer, 48)
    assert example.segment_themes[2].tolist() == [UNKNOWN, UNKNOWN]


def test_an_article_labelled_as_a_whole_says_nothing_of_its_sentences(
    tokenizer: Tokenizer,
) -> None:
    whole = labelled(sentences=None, borderline=frozenset())
    example = make_example(whole, THEMES, tokenizer, 48)
    assert example.segment_themes.tolist() == [[UNKNOWN, 0]] * 3
    assert (example.salience == UNKNOWN).all()


def test_training_and_serving_pool_alike() -> None:
    logits = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    assert pool_article(torch.from_numpy(logits)).numpy() == pytest.approx(
        pool_logits(logits), abs=1e-5
    )


def test_windows_of_training_are_those_of_serving(tokenizer: Tokenizer) -> None:
    example = make_example(labelled(), THEMES, tokenizer, 48)
    assert len(make_batch(example.windows, Marks()).sentences) == len(example.segment_themes)


def test_calibration_separates_and_ignores_borderline() -> None:
    theme = ThemeEntry("k", "名", "述")
    logits = np.array([-3.0, -2.0, -1.5, 1.0, 2.0, 9.0], dtype=np.float32)
    labels = np.array([0, 0, 0, 1, 1, 0.5], dtype=np.float32)
    found = HeldOut(logits[:, None], labels[:, None])
    (setting,) = fit_settings([theme], found, TINY)
    (again,) = fit_settings([theme], HeldOut(logits[:-1, None], labels[:-1, None]), TINY)
    assert replace(setting, review=(0, 0)) == replace(again, review=(0, 0))
    assert setting.slope > 0
    assert setting.review[0] <= setting.threshold <= setting.review[1]


def noisy(n: int, sharpness: float) -> HeldOut:
    """Two themes whose logits tell the truth: a label holds as often as its score says."""
    random = np.random.default_rng(0)
    logits = random.normal(-1, sharpness, size=(n, 2))
    labels = (random.random(size=(n, 2)) < 1 / (1 + np.exp(-logits))).astype(float)
    return HeldOut(logits, labels)


ENTRIES = (ThemeEntry("a", "甲", "述"), ThemeEntry("b", "乙", "述"))


@pytest.mark.parametrize("promise", [0.8, 0.93])
def test_outside_the_band_precision_is_as_promised_on_other_articles(promise: float) -> None:
    every = noisy(4000, 3.0)
    chosen_on = HeldOut(every.logits[:400], every.labels[:400])
    settings = replace(TINY, review_precision=promise)
    themes = fit_settings(ENTRIES, chosen_on, settings)
    review = measure_review(themes, HeldOut(every.logits[400:], every.labels[400:]), settings)
    assert review["precision"] >= promise - 0.03
    assert review["accepted_outside"] > 500


def test_a_clear_model_spends_its_review_on_what_it_may_have_missed() -> None:
    clear = noisy(400, 12.0)
    settings = replace(TINY, review_share=0.1)
    themes = fit_settings(ENTRIES, clear, settings)
    assert all(theme.review[0] < theme.threshold for theme in themes)
    assert measure_review(themes, clear, settings)["articles_in_review"] <= 0.1


def test_a_borderline_label_does_not_count_in_what_is_reached() -> None:
    found = noisy(200, 3.0)
    labels = found.labels.copy()
    labels[:50, 0] = BORDERLINE
    themes = fit_settings(ENTRIES, found, TINY)
    counted = measure_review(themes, HeldOut(found.logits, labels), TINY)["accepted_outside"]
    rest = HeldOut(found.logits[50:], found.labels[50:])
    n_rest = measure_review(themes, rest, TINY)["accepted_outside"]
    first = HeldOut(found.logits[:50, 1:], found.labels[:50, 1:])
    assert counted == n_rest + measure_review(themes[1:], first, TINY)["accepted_outside"]


@pytest.mark.parametrize(
    ("text", "message"), [("passs = 3", "没有这些设置：passs"), ('passes = "3"', "passes 应为 int")]
)
def test_settings_refuse_what_they_do_not_know(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "s.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_settings(path)


def test_settings_override_defaults(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text("passes = 2\nlearning_rate = 1\ndropped_layers = [3]\n")
    settings = read_settings(path)
    assert (settings.passes, settings.learning_rate, settings.dropped_layers) == (2, 1, (3,))


def test_the_learning_curves_parts_of_the_corpus_grow() -> None:
    articles = [labelled(id=str(n), source="corpus") for n in range(20)]
    articles += [labelled(id=f"p{n}", source="pointer") for n in range(5)]
    some = _choose(articles, 0.25, with_pointers=False)
    more = _choose(articles, 0.5, with_pointers=False)
    assert (len(some), len(more)) == (5, 10)
    assert {a.id for a in some} < {a.id for a in more}
    everything = _choose(articles, 1.0, with_pointers=True)
    assert {a.id for a in everything} == {a.id for a in articles}


def test_thresholds_can_be_chosen_on_gold_articles(trained: Path, tmp_path: Path) -> None:
    articles = load_labelled(read_themes()).articles[:30]
    gold = tmp_path / "gold.jsonl"
    rows = (
        {"id": a.id, "text": a.text, "themes": sorted(a.themes), "borderline": sorted(a.borderline)}
        for a in articles
    )
    gold.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    old = Manifest.load(trained)
    new = recalibrate(trained, tmp_path / "out", Console(quiet=True), gold)
    assert new.metrics["data"]["calibration"]["articles"] == len(articles)  # none of our own
    assert set(new.metrics["out_of_fold"]) == {"precision", "recall", "f1", "false_alarms"}
    assert new.held_out == old.held_out
    assert new.files[ENCODER_NAME] == old.files[ENCODER_NAME]
    assert [t.slope for t in new.themes] != [t.slope for t in old.themes]
    card = (tmp_path / "out" / CARD_NAME).read_text(encoding="utf-8")
    assert "no say" in card
    again = recalibrate(tmp_path / "out", tmp_path / "back", Console(quiet=True))
    assert again.themes == old.themes
    assert "out_of_fold" not in again.metrics


def test_transformers_loads_what_is_exported(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.classifier.PASSES", 1)
    out = tmp_path / "plain"
    found = export_classifier(trained, out, Console(quiet=True))
    assert found["windows"].n > 20
    classify = pipeline("text-classification", str(out), top_k=None, truncation=True)
    scores = {one["label"]: one["score"] for one in classify(ARTICLE)[0]}
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
