from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from rich.console import Console
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from data.labelled import LabelledArticle, LabelledSentence
from data.texts import VARIABLE
from data.themes import ThemeEntry, read_themes
from model import Analyzer, Article, InputError, ModelError
from model.analyzer import DEFAULT_MODEL
from model.manifest import Manifest
from model.themes import pool_logits
from model.windows import make_batch
from tests.conftest import ARTICLE
from training.base import SPECIAL
from training.calibrate import fit_setting
from training.curve import _choose
from training.examples import BORDERLINE, UNKNOWN, make_example
from training.network import pool_article
from training.run import load_base, train_model
from training.settings import Settings, read_settings

THEMES = ("alliance", "smart")
TINY = Settings(
    name="tiny", dropped_layers=(), frozen_layers=1, window_tokens=48, probe_passes=1, passes=1,
    batch_tokens=6_000,
)  # fmt: skip


@pytest.fixture(scope="module")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A character-level BERT of two narrow layers, as a user might bring one."""
    folder = tmp_path_factory.mktemp("base")
    letters = sorted({c for t in read_themes() for c in t.description} | set(ARTICLE))
    vocab = {piece: i for i, piece in enumerate([*SPECIAL, *letters])}
    tokenizer = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocab), hidden_size=128, num_hidden_layers=2, num_attention_heads=4,
        intermediate_size=256, max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", pad_token="<pad>", eos_token="</s>",
        unk_token="<unk>", cls_token="<s>", sep_token="</s>",
    ).save_pretrained(folder)  # fmt: skip
    return folder


def train(base: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    monkeypatch.delenv(VARIABLE, raising=False)
    return train_model((), out, str(base), TINY, Console(quiet=True))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_one_command_trains_exports_and_repeats_itself(
    tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train(tiny_base, tmp_path / "one", monkeypatch)
    second = train(tiny_base, tmp_path / "two", monkeypatch)
    assert first.metrics == second.metrics
    assert first.themes == second.themes
    changes = first.metrics["score_changes"]
    assert changes["export"]["largest"] < 0.02
    assert changes["quantization"]["largest"] > 0
    report = Analyzer.load(tmp_path / "one").analyze(Article.from_raw(ARTICLE)).to_dict()
    assert report["model"] == first.version
    assert set(report["scores"]) == {theme.key for theme in read_themes()}


def test_a_folder_that_is_no_model_is_not_replaced(tiny_base: Path, tmp_path: Path) -> None:
    kept = tmp_path / "thesis.docx"
    kept.write_text("x")
    with pytest.raises(InputError, match="不是模型文件夹"):
        train_model((), tmp_path, str(tiny_base), TINY, Console(quiet=True))
    assert kept.exists()


def test_a_missing_data_folder_is_refused(tiny_base: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有这个文件夹"):
        train_model((tmp_path / "no",), tmp_path / "m", str(tiny_base), TINY, Console(quiet=True))


def test_a_base_with_other_marks_is_refused(tiny_base: Path, tmp_path: Path) -> None:
    tokenizer = PreTrainedTokenizerFast.from_pretrained(tiny_base)
    tokenizer.cls_token = "<unk>"
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="词元编号"):
        load_base(str(tmp_path), tmp_path)


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
    return Tokenizer.from_file(str(tiny_base / "tokenizer.json"))


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
    assert len(make_batch(example.windows).sentences) == len(example.segment_themes)


def test_calibration_separates_and_ignores_borderline() -> None:
    theme = ThemeEntry("k", "名", "述")
    logits = np.array([-3.0, -2.0, -1.5, 1.0, 2.0, 9.0], dtype=np.float32)
    labels = np.array([0, 0, 0, 1, 1, 0.5], dtype=np.float32)
    setting = fit_setting(theme, logits, labels)
    again = fit_setting(theme, logits[:-1], labels[:-1])
    assert setting == again
    assert setting.slope > 0
    assert setting.review[0] < setting.threshold < setting.review[1]


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
