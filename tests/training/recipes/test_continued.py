"""Continuing a model: a tiny encoder that was never trained carries words well enough for heads."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from rich.console import Console
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from data.corpus.annotated import read_corpus
from data.corpus.loader import CORPUS_FOLDER
from data.corpus.pointers import Resolved
from data.corpus.split import split_beside
from data.labels.rows import write_row
from data.labels.user import merge_same, read_user_labels
from data.themes import ThemeEntry, read_themes
from model import Analyzer, Article, InputError, ModelError
from model.encoder import EncodedArticle, Encoder
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest, ThemeSetting
from model.own_themes import read_own_themes, read_too_few
from model.theme_scoring import pool_logits
from model.windows import SpecialTokens
from tests.conftest import ARTICLE
from tests.small_model import make_inputs
from training.encoder.onnx_export import put_heads, read_heads
from training.encoder.probe_texts import TEXTS, make_probe
from training.encoder.quantize import HEAD_BIASES, HEAD_WEIGHTS
from training.fitting.suspects import find_suspects
from training.fitting.vectors import VectorCache
from training.packaging.calibrate import HeldOut, fit_settings
from training.packaging.label_record import LabelRecord
from training.packaging.model_folder import seal
from training.recipes.continued import continue_model
from training.settings import Settings
from training.training_data import UserData

SETTINGS = Settings(name="own", folds=3, held_out=0.2, replay_articles=40, threads=1)
WINDOW, HIDDEN = 64, 128
CHANGES = {"largest": 0.0, "mean": 0.0}


@pytest.fixture(scope="module", autouse=True)
def little_corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One file of the corpus, and no text from elsewhere."""
    folder = tmp_path_factory.mktemp("corpus")
    shutil.copy(CORPUS_FOLDER / "cai.txt", folder)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("data.corpus.loader.CORPUS_FOLDER", folder)
        monkeypatch.setattr("data.corpus.loader.resolve_pointers", lambda: Resolved((), 0))
        yield


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder whose encoder knows characters alone."""
    folder = tmp_path_factory.mktemp("model")
    themes = read_themes()
    texts = [a.text for a in read_corpus(CORPUS_FOLDER, frozenset(t.key for t in themes))]
    pieces = ["<s>", "<pad>", "</s>", "<unk>", *sorted(set("".join(texts)) - {"\n", " "})]
    _save_network(folder / ENCODER_NAME, len(pieces), len(themes))
    words = models.WordLevel({piece: n for n, piece in enumerate(pieces)}, unk_token="<unk>")
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokenizer.save(str(folder / TOKENIZER_NAME))
    labels = np.array([[0, 1]] * len(themes), dtype=np.float32).T
    found = fit_settings(themes, HeldOut(labels * 4 - 2, labels), SETTINGS)
    encoder = Encoder.load(folder, WINDOW, SpecialTokens(), threads=1)
    count = {"articles": 0, "sources": {}, "themes": {}, "without_theme": 0}
    decision = {"precision": 0.0, "recall": 0.0, "f1": 0.0, "articles": 0}
    review = {
        "promised_precision": 0.9, "precision": None, "accepted_outside": 0,
        "articles_in_review": 0.0, "articles": 0,
    }  # fmt: skip
    metrics = {
        "average_precision": {t.key: None for t in themes}, "review": review,
        "decisions": {t.key: decision for t in themes}, "data": {"held_out": count},
        "score_changes": {"export": CHANGES, "quantization": CHANGES},
    }  # fmt: skip
    seal(
        Manifest("tiny", found, WINDOW, 0.5, 0.2, 0.15, "none", {}, probe=make_probe(encoder),
                 metrics=metrics, held_out=("cai-college-villagedoc",)),
        folder,
    )  # fmt: skip
    return folder


def _save_network(path: Path, n_pieces: int, n_themes: int) -> None:
    """A network whose token states are drawn at random, with heads as training exports them."""
    random = np.random.default_rng(0)
    constants = {
        "table": random.normal(size=(n_pieces, HIDDEN)).astype(np.float32),
        HEAD_WEIGHTS: random.normal(size=(n_themes + 1, HIDDEN)).astype(np.float32) / 10,
        HEAD_BIASES: np.full(n_themes + 1, -3, np.float32),
    }
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["states"]),
        helper.make_node("MatMul", ["pool", "states"], ["vectors"]),
        helper.make_node("Gemm", ["vectors", HEAD_WEIGHTS, HEAD_BIASES], ["logits"], transB=1),
    ]
    part = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "tiny",
        make_inputs(),
        [
            helper.make_tensor_value_info("vectors", part, ["segments", HIDDEN]),
            helper.make_tensor_value_info("logits", part, ["segments", n_themes + 1]),
        ],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    opset = [helper.make_opsetid("", 21)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)


HERBS = "药师教村医辨认草药炮制草药卫生室添了草药柜"
OTHERS = "县里修好了公路村民卖水果收入增加大家都很高兴"


@pytest.fixture
def user_data(tmp_path: Path) -> UserData:
    """Twenty articles, half of which hold a theme of one's own and are of its characters."""
    themes = tmp_path / "themes.yaml"
    themes.write_text("- key: herb\n  name: 草药\n  description: 草药服务\n", encoding="utf-8")
    random = np.random.default_rng(0)
    blocks = []
    for n in range(20):
        head, body = ("[herb] ", HERBS) if n % 2 else ("", OTHERS)
        mixed = "".join(random.choice(list(body), 30))
        blocks.append(f"# own-{n}\n\n{head}{mixed}。\n")
    path = tmp_path / "own.txt"
    path.write_text("\n".join(blocks), encoding="utf-8")
    return UserData((path,), (themes,))


def go_on(model: Path, out: Path, user_data: UserData) -> Manifest:
    console = Console(quiet=True)
    return continue_model(model, out, user_data, SETTINGS, console, out.parent / "vectors")


def test_a_new_theme_is_learned_and_the_others_stay_as_they_were(
    model: Path, user_data: UserData, tmp_path: Path
) -> None:
    manifest = go_on(model, tmp_path / "new", user_data)
    old = Manifest.load(model)
    assert manifest.themes[:-1] == old.themes
    assert manifest.metrics["decisions"]["herb"]["f1"] == 1
    assert "cai-college-villagedoc" in manifest.held_out
    article = Article.from_raw(ARTICLE)
    before, after = (Analyzer.load(f).analyze(article) for f in (model, tmp_path / "new"))
    assert {k: after.scores[k] for k in before.scores} == pytest.approx(before.scores, abs=1e-6)
    assert after.warnings == before.warnings
    told = Analyzer.load(tmp_path / "new").analyze(Article.from_raw(HERBS + "。"))
    assert [theme.name for theme in told.themes if theme.theme == "herb"] == ["草药"]


def test_a_theme_of_ones_own_is_counted_out_of_fold_on_all_its_labels(
    model: Path, user_data: UserData, tmp_path: Path
) -> None:
    read = read_own_themes(go_on(model, tmp_path / "new", user_data).metrics)
    herb = read["herb"]
    assert (herb.folds, herb.n_articles, herb.n_positive, herb.f1) == (3, 20, 10, 1)
    assert herb.n_clear == 1
    card = (tmp_path / "new" / "README.md").read_text(encoding="utf-8")
    assert (
        "草药（自己的主题 own theme）：3 折交叉验证 out of fold F1 1.00，标注 labels 20 篇" in card
    )
    # A run that does not label it keeps its figures.
    after = go_on(tmp_path / "new", tmp_path / "later", write_labels(tmp_path, ""))
    assert read_own_themes(after.metrics) == read


def test_out_of_fold_decisions_do_not_know_the_label(
    model: Path, user_data: UserData, tmp_path: Path
) -> None:
    """Labels that follow from nothing in the text are right by chance alone."""
    random = np.random.default_rng(3)
    blocks = []
    for n in range(40):
        head = "[herb] " if random.random() < 0.5 else ""
        blocks.append(f"# own-{n}\n\n{head}{''.join(random.choice(list(OTHERS), 30))}。\n")
    user_data.paths[0].write_text("\n".join(blocks), encoding="utf-8")
    herb = read_own_themes(go_on(model, tmp_path / "new", user_data).metrics)["herb"]
    assert herb.n_articles == 40
    assert herb.hits < 0.8 * herb.n_positive
    assert herb.suspects > 3


def test_a_theme_with_too_few_articles_is_not_learned_and_counted(
    model: Path, user_data: UserData, tmp_path: Path
) -> None:
    text = user_data.paths[0].read_text(encoding="utf-8")
    user_data.paths[0].write_text(text.replace("[herb] ", "", 7), encoding="utf-8")
    manifest = go_on(model, tmp_path / "new", user_data)
    assert read_too_few(manifest.metrics) == {"草药": 3}
    assert "herb" not in manifest.theme_names


def test_an_article_of_which_cleaning_leaves_nothing_is_left_out_and_named(
    model: Path, user_data: UserData, tmp_path: Path
) -> None:
    text = user_data.paths[0].read_text(encoding="utf-8")
    empty = "# own-empty\n\n声明：本站所有信息仅供参考，未经许可严禁转载，版权归本站所有。\n"
    user_data.paths[0].write_text(f"{text}\n{empty}", encoding="utf-8")
    console = Console(file=io.StringIO(), record=True, width=200)
    made = continue_model(model, tmp_path / "new", user_data, SETTINGS, console, tmp_path / "v")
    assert "1 篇的正文太短或不是中文，没有学：own-empty" in console.export_text()
    assert read_own_themes(made.metrics)["herb"].n_articles == 20


def test_the_files_of_the_labels_are_remembered_with_the_model(
    model: Path, user_data: UserData, tmp_path: Path
) -> None:
    go_on(model, tmp_path / "new", user_data)
    record = LabelRecord.beside(tmp_path / "new")
    assert record is not None
    assert [(file.path, file.n_articles) for file in record.files] == [
        (str(user_data.paths[0]), 20)
    ]
    assert record.themes["herb"] == "草药"
    assert record.find_changes() == []
    user_data.paths[0].write_text("# own-1\n\n改过。\n", encoding="utf-8")
    assert record.find_changes() == [f"{user_data.paths[0]} 改动过"]
    user_data.paths[0].unlink()
    assert "不在了" in record.find_changes()[0]
    assert LabelRecord.beside(model) is None


def test_a_run_leaves_what_a_person_should_look_at(
    model: Path, user_data: UserData, tmp_path: Path
) -> None:
    text = user_data.paths[0].read_text(encoding="utf-8")
    user_data.paths[0].write_text(text.replace("[herb] ", "", 1), encoding="utf-8")
    copy = tmp_path / "copy.txt"
    copy.write_text(f"# other\n\n[herb] {OTHERS}的县城。\n\n# again\n\n{OTHERS}，的县城！\n")
    go_on(model, tmp_path / "new", replace(user_data, paths=(*user_data.paths, copy)))
    run = tmp_path / "new.run"
    rows = list(csv.DictReader((run / "review.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {(r["问题"], r["文章"]) for r in rows} >= {
        ("同文不同标", "other；again"), ("疑似标错", "own-1")
    }  # fmt: skip
    progress = json.loads((run / "progress.json").read_text(encoding="utf-8"))
    assert (progress["state"], progress["left_s"]) == ("done", 0)
    assert (run / "losses.png").is_file()


@pytest.mark.parametrize("stage", ["put_heads", "seal", "replace_model"])
def test_a_run_that_is_stopped_leaves_the_model_and_goes_on(
    model: Path, user_data: UserData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    out = tmp_path / "used"
    shutil.copytree(model, out)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"training.recipes.continued.{stage}", stop)
        with pytest.raises(KeyboardInterrupt):
            go_on(out, out, user_data)
    assert Manifest.load(out) == Manifest.load(model)
    progress = json.loads((tmp_path / "used.run" / "progress.json").read_text(encoding="utf-8"))
    assert progress["state"] == "cancelled"
    seen: list[str] = []
    monkeypatch.setattr(Encoder, "encode", lambda *_: seen.append("read again"))
    with pytest.raises(AttributeError):  # the probe reads; articles come from the cache
        go_on(out, out, user_data)
    assert len(seen) == len(TEXTS)
    assert Manifest.load(out) == Manifest.load(model)


def write_labels(folder: Path, herbs: str) -> UserData:
    """Write twenty articles, every other one with the theme `smart` and what is told of herbs."""
    random = np.random.default_rng(1)
    blocks = []
    for n in range(20):
        head, body = (f"[smart{herbs}] ", HERBS) if n % 2 else ("", OTHERS)
        blocks.append(f"# later-{n}\n\n{head}{''.join(random.choice(list(body), 30))}。\n")
    path = folder / "later.txt"
    path.write_text("\n".join(blocks), encoding="utf-8")
    return UserData((path,))


@pytest.mark.parametrize("herbs", [" herb", ""])
def test_a_theme_of_an_earlier_run_lives_on_without_its_file(
    model: Path, user_data: UserData, tmp_path: Path, herbs: str
) -> None:
    before = go_on(model, tmp_path / "first", user_data)
    after = go_on(tmp_path / "first", tmp_path / "second", write_labels(tmp_path, herbs))
    assert [theme.key for theme in after.themes] == [theme.key for theme in before.themes]
    old, new = (read_heads(tmp_path / name / ENCODER_NAME)[0][-2] for name in ("first", "second"))
    learns = bool(herbs)
    assert np.array_equal(old, new) != learns
    assert (after.themes[-1] == before.themes[-1]) != learns
    assert (after.metrics["decisions"]["herb"]["articles"] > 0) == learns


def test_what_counts_as_in_review_are_scores_that_the_model_gives(
    model: Path, user_data: UserData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users' articles, too, of themes that they did not label."""
    seen: list[HeldOut] = []

    def note(
        themes: Sequence[ThemeEntry], found: HeldOut, settings: Settings
    ) -> tuple[ThemeSetting, ...]:
        seen.append(found)
        return fit_settings(themes, found, settings)

    monkeypatch.setattr("training.fitting.theme_heads.fit_settings", note)
    manifest = go_on(model, tmp_path / "new", user_data)
    (found,) = seen
    n_own = 20 - sum(name.startswith("own-") for name in manifest.held_out)
    encoder = Encoder.load(model, WINDOW, SpecialTokens(), threads=1)
    read = (encoder.encode(Article.from_raw(text)) for text in _own_texts(user_data, manifest))
    expected = np.stack([pool_logits(reading.theme_logits) for reading in read])
    assert np.allclose(found.logits[-n_own:, :-1], expected, atol=0.02)


def _own_texts(user_data: UserData, manifest: Manifest) -> list[str]:
    own = read_user_labels(user_data.paths, read_themes(*user_data.theme_files)).articles
    return [article.text for article in own if article.id not in manifest.held_out]


def test_what_was_held_out_stays_so_while_its_text_is_away(
    model: Path, user_data: UserData, tmp_path: Path
) -> None:
    used = tmp_path / "used"
    shutil.copytree(model, used)
    old = Manifest.load(model)
    replace(old, held_out=(*old.held_out, "away")).save(used)
    held_out = go_on(used, tmp_path / "new", user_data).held_out
    assert {"away", *old.held_out} < set(held_out)
    assert len(set(held_out)) == len(held_out)


def test_a_theme_of_an_earlier_run_keeps_its_key(
    model: Path, user_data: UserData, tmp_path: Path
) -> None:
    go_on(model, tmp_path / "first", user_data)
    text = user_data.theme_files[0].read_text(encoding="utf-8")
    user_data.theme_files[0].write_text(text.replace("herb", "grass"), encoding="utf-8")
    with pytest.raises(InputError, match=r"key 是 herb.*却是 grass"):
        go_on(tmp_path / "first", tmp_path / "second", user_data)


def test_a_continued_model_finds_what_the_first_one_read(
    model: Path, user_data: UserData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on(model, tmp_path / "first", user_data)
    seen: list[str] = []
    encode = Encoder.encode

    def note(encoder: Encoder, article: Article) -> EncodedArticle:
        seen.append(article.text)
        return encode(encoder, article)

    monkeypatch.setattr(Encoder, "encode", note)
    go_on(tmp_path / "first", tmp_path / "second", user_data)
    assert len(seen) == len(TEXTS)


def test_another_encoder_does_not_find_it(model: Path, tmp_path: Path) -> None:
    other = onnx.load(model / ENCODER_NAME)
    (table,) = (part for part in other.graph.initializer if part.name == "table")
    table.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(table) * 2, "table"))
    onnx.save(other, tmp_path / ENCODER_NAME)
    manifest = Manifest.load(model)
    encoder = Encoder.load(model, WINDOW, SpecialTokens(), threads=1)
    for folder in (model, tmp_path):
        VectorCache(encoder, manifest, tmp_path / "vectors", folder / ENCODER_NAME)
    assert len(list((tmp_path / "vectors").iterdir())) == 2


def test_heads_are_put_into_the_network_and_nothing_else(model: Path, tmp_path: Path) -> None:
    weights, biases = read_heads(model / ENCODER_NAME)
    put_heads(model / ENCODER_NAME, tmp_path / ENCODER_NAME, weights, biases)
    assert (tmp_path / ENCODER_NAME).read_bytes() == (model / ENCODER_NAME).read_bytes()


def test_nothing_to_learn_from_is_a_clear_error(model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有标注文章可学") as caught:
        go_on(model, tmp_path / "new", UserData(()))
    assert caught.value.code == "no_labels"


def test_a_model_without_metrics_cannot_be_continued(
    model: Path, user_data: UserData, tmp_path: Path
) -> None:
    bare = shutil.copytree(model, tmp_path / "bare")
    replace(Manifest.load(bare), metrics={}).save(bare)
    with pytest.raises(ModelError, match="score_changes"):
        go_on(bare, tmp_path / "new", user_data)


def test_a_file_says_nothing_of_themes_that_it_never_names(user_data: UserData) -> None:
    themes = read_themes(*user_data.theme_files)
    read = read_user_labels(user_data.paths, themes).articles
    assert {frozenset(a.unasked) for a in read} == {frozenset(t.key for t in read_themes())}
    whole = read_user_labels(user_data.paths, themes, is_complete=True).articles
    assert not any(a.unasked for a in whole)


@pytest.mark.usefixtures("user_data")
def test_label_files_and_annotated_text_are_read_from_one_folder(tmp_path: Path) -> None:
    (tmp_path / "themes.yaml").rename(tmp_path / "t.yml")
    rows = tmp_path / "page.csv"
    rows.write_text(f"正文,主题\n{ARTICLE.split()[-1]},医共体\n太短,人才\n", encoding="utf-8")
    read = read_user_labels([tmp_path], read_themes(tmp_path / "t.yml"))
    assert len(read.articles) == 21
    assert [p.split("：")[0] for p in read.problems] == ["page.csv 第 3 行"]


def test_copies_never_part_and_what_was_held_out_stays_so(user_data: UserData) -> None:
    own = list(read_user_labels(user_data.paths, read_themes(*user_data.theme_files)).articles)
    ours = [replace(own[0], id="ours", source="corpus", cluster="c")]
    twin = replace(own[1], cluster="c")
    train, held_out = split_beside([*ours, twin, *own[2:]], frozenset({"ours"}), 0.2, 7)
    assert {"ours", twin.id} <= {a.id for a in held_out}
    assert not {a.id for a in train} & {a.id for a in held_out}


def test_labels_that_disagree_count_neither_way(user_data: UserData) -> None:
    first, second = read_user_labels(user_data.paths, read_themes(*user_data.theme_files)).articles[
        :2
    ]
    copy = replace(first, id="copy", themes=second.themes)
    (merged,), (found,) = merge_same([first, copy])
    assert found.theme == "herb"
    assert "herb" in merged.unasked
    assert "herb" not in merged.themes


def test_flipped_labels_are_found() -> None:
    random = np.random.default_rng(0)
    truth = (np.arange(200) % 4 == 0).astype(float)
    scores = np.clip(0.2 + 0.6 * truth + random.normal(0, 0.1, 200), 0, 1)
    labels = np.where(np.arange(200) < 60, 1 - truth, truth)
    found = find_suspects(labels, scores)
    assert len(set(found) & set(range(60))) > 45
    assert len(found) < 75


def test_own_themes_do_not_take_the_place_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "themes.yaml"
    path.write_text("- key: smart\n  name: 别的\n  description: 述\n", encoding="utf-8")
    with pytest.raises(InputError, match="主题重复：smart"):
        read_themes(path)


def test_row_form_keeps_what_nobody_looked_for(user_data: UserData) -> None:
    from datetime import UTC, datetime

    from data.labels.corrections import Correction

    article = read_user_labels(user_data.paths, read_themes(*user_data.theme_files)).articles[0]
    row = write_row(Correction(article, "", datetime.now(UTC)))
    assert set(row["unasked"]) == {theme.key for theme in read_themes()}
