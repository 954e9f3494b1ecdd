"""Continuing: from a model and users' labels to a model with the same encoder and better heads.

The encoder is frozen: users' articles, and a replay of ours, are read once as segment vectors, on
which the heads of the themes that users labelled are fitted. All other heads, their calibration
and their thresholds stay bit for bit what they were. A theme that the model does not know gets a
head of its own beside the others.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

from data.corpus.loader import Labelled, load_labelled
from data.corpus.split import group_articles, split_beside
from data.labelled import LabelledArticle
from data.labels.user import SOURCE
from data.themes import ThemeEntry, read_themes
from model import Article, InputError
from model.arrays import FloatArray
from model.encoder import Encoder
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest, ThemeSetting
from training.encoder.onnx_export import put_heads, read_heads
from training.encoder.probe_texts import make_probe
from training.encoder.trainable import START_BIAS
from training.fitting.examples import UNKNOWN, Targets, make_targets
from training.fitting.heads import FittedHead, Head, HeadData, fit_head
from training.fitting.metrics import count_articles, measure
from training.fitting.progress import Reporter
from training.fitting.suspects import REVIEW_NAME, Suspect, to_suspects, write_review
from training.fitting.vectors import VectorCache
from training.packaging.calibrate import HeldOut, fit_settings, to_scores
from training.packaging.run_folder import RunFolder
from training.recipes.from_base import check_target, replace_model, seal
from training.recipes.user_data import UserData
from training.settings import Settings

# Fewer articles than these do not make a theme.
MIN_POSITIVES = 5


@dataclass(frozen=True)
class _Part:
    """Articles with what is to be said of them and how they read."""

    articles: list[LabelledArticle]
    data: HeadData

    @property
    def is_own(self) -> npt.NDArray[np.bool_]:
        return np.array([a.source == SOURCE for a in self.articles])


@dataclass(frozen=True)
class _Plan:
    """The themes of the model that is to be, in order, and those whose heads are fitted.

    `too_few` are names of new themes that too few articles hold.
    """

    entries: tuple[ThemeEntry, ...]
    fitted: frozenset[str]
    too_few: tuple[str, ...]
    train: list[LabelledArticle]
    held_out: list[LabelledArticle]

    @property
    def keys(self) -> list[str]:
        return [entry.key for entry in self.entries]


def continue_model(
    source: Path, out: Path, user_data: UserData, settings: Settings, console: Console, cache: Path
) -> Manifest:
    """Fit heads on users' labels, calibrate and verify; an older model at `out` stays till then.

    What was read is kept in `cache`, so that a run that was stopped goes on where it was. The
    record beside the model, `OUT.run`, has a list of labels to look at, `review.csv`.

    Args:
        source: the model to go on from.
        out: where the model folder is put; what is there is replaced.
        user_data: users' labels and themes.
        settings: see `Settings`.
        console: where progress goes.
        cache: a folder for vectors.

    Raises:
        InputError: the labels do not parse or are too few, or `out` holds something else.
        ModelError: the model cannot be continued.
    """
    entries = _list_themes(user_data.theme_files, Manifest.read(source))
    labelled = load_labelled(entries, user_data.paths, is_complete=user_data.is_complete)
    return continue_with(source, out, labelled, entries, settings, console, cache)


def _list_themes(files: Sequence[Path], old: Manifest) -> list[ThemeEntry]:
    """Return our themes and users' own, and those of a model that no file lists any more.

    Raises:
        InputError: a list does not parse, or gives a name of these another key.
    """
    listed = read_themes(*files)
    keys = {entry.key for entry in listed}
    names = {entry.name: entry.key for entry in listed}
    more = [ThemeEntry(t.key, t.name, t.name) for t in old.themes if t.key not in keys]
    for entry in more:
        if entry.name in names:
            raise InputError(
                f"主题“{entry.name}”在原模型里的 key 是 {entry.key}，主题文件里却是 "
                f"{names[entry.name]}：请沿用原来的 key，或另起名字"
            )
    return [*listed, *more]


def continue_with(
    source: Path,
    out: Path,
    labelled: Labelled,
    entries: Sequence[ThemeEntry],
    settings: Settings,
    console: Console,
    cache: Path,
) -> Manifest:
    """Continue a model with labels that are loaded; see `continue_model`."""
    check_target(out)
    run = RunFolder.beside(out)
    old = Manifest.load(source)
    plan = _make_plan(labelled, entries, old, settings)
    digest = run.write_inputs(str(source), settings, plan.train, plan.held_out)
    with Reporter(run.path, console) as reporter, tempfile.TemporaryDirectory() as scratch:
        _tell(plan, labelled, console)
        train, held_out = _read(plan, source, old, settings, cache, reporter)
        start = _start_heads(source, plan, old)
        with reporter.stage("训练各主题", len(plan.fitted)) as advance:
            fitted = {}
            for key in sorted(plan.fitted):
                fitted[key] = _fit(train, plan.keys.index(key), start[key], settings)
                advance()
        heads = start | {key: found.full.head for key, found in fitted.items()}
        themes = _calibrate(plan, old, heads, fitted, train, held_out, settings)
        suspects = _find_suspects(themes, heads, fitted, train, held_out)
        review = run.path / REVIEW_NAME
        names = {entry.key: entry.name for entry in plan.entries}
        write_review(review, suspects, labelled.disagreements, names)
        before = _decide(old.themes, plan, start, held_out)
        metrics: dict[str, Any] = {
            "continued": old.version,
            "before": measure(old.themes, before, settings)["decisions"],
            **measure(themes, _decide(themes, plan, heads, held_out), settings),
            "score_changes": old.metrics["score_changes"],
            "data": {
                "train": count_articles(plan.train),
                "held_out": count_articles(plan.held_out),
                "sha256": digest,
            },
        }
        folder = Path(scratch) / "model"
        folder.mkdir()
        manifest = _write(folder, source, old, plan, heads, themes, metrics, settings)
        run.write_curves(metrics, {key: found.full.losses for key, found in fitted.items()})
        replace_model(folder, out)
    _show(manifest, console)
    console.print(f"待人看的标注：{len(suspects) + len(labelled.disagreements)} 条，见 {review}")
    console.print(f"完成：{out}（{manifest.version}）；训练记录：{run.path}")
    return manifest


@dataclass(frozen=True)
class _Fitted:
    """A head fitted on all articles, and logits of users' articles out of fold (NaN: ours)."""

    full: FittedHead
    out_of_fold: FloatArray


def _make_plan(
    labelled: Labelled, entries: Sequence[ThemeEntry], old: Manifest, settings: Settings
) -> _Plan:
    own = labelled.own
    if not own:
        raise InputError("没有标注文章可学：请用 --data 给出标注，或用 --from base 从头训练")
    counts = Counter(theme for article in own for theme in article.themes)
    known = {theme.key for theme in old.themes}
    gone = [ThemeEntry(t.key, t.name, t.name) for t in old.themes]
    by_key = {entry.key: entry for entry in (*gone, *entries)}
    order = [*(t.key for t in old.themes), *(e.key for e in entries if e.key not in known)]
    keys = [key for key in order if key in known or counts[key] >= MIN_POSITIVES]
    fitted = frozenset(key for key in keys if any(key not in a.unasked for a in own))
    too_few = tuple(e.name for e in entries if e.key not in keys)
    unlisted = frozenset(keys) - {entry.key for entry in entries}
    articles = [replace(a, unasked=a.unasked | unlisted) for a in labelled.articles]
    train, held_out = split_beside(
        articles, frozenset(old.held_out), settings.held_out, settings.seed
    )
    replay = _choose_replay([a for a in train if a.source != SOURCE], settings.replay_articles)
    train = [*(a for a in train if a.source == SOURCE), *replay]
    return _Plan(tuple(by_key[key] for key in keys), fitted, too_few, train, held_out)


def _choose_replay(articles: Sequence[LabelledArticle], n: int) -> list[LabelledArticle]:
    """Return at most `n` articles, those with a theme first, the same ones every time."""

    def rank(article: LabelledArticle) -> tuple[bool, str]:
        return not article.themes, hashlib.sha256(article.text.encode()).hexdigest()

    return sorted(articles, key=rank)[:n]


def _tell(plan: _Plan, labelled: Labelled, console: Console) -> None:
    n_own = len(labelled.own)
    names = [entry.name for entry in plan.entries if entry.key in plan.fitted]
    console.print(
        f"标注 {n_own} 篇，语料回放 {len(plan.train) + len(plan.held_out) - n_own} 篇"
        f"（训练 {len(plan.train)}，留出 {len(plan.held_out)}）；训练的主题：{'、'.join(names)}"
    )
    for name in plan.too_few:
        console.print(f"注意：主题“{name}”的正例不到 {MIN_POSITIVES} 篇，这次不训练它")
    for problem in labelled.problems:
        console.print(f"注意：{problem}", highlight=False, markup=False)


def _read(
    plan: _Plan,
    source: Path,
    old: Manifest,
    settings: Settings,
    cache: Path,
    reporter: Reporter,
) -> tuple[_Part, _Part]:
    """Read every article, from the cache where it was read before."""
    encoder = Encoder.load(source, old.window_tokens, old.marks, threads=settings.threads)
    vectors = VectorCache(encoder, old, cache, source / ENCODER_NAME)
    parts = []
    with reporter.stage("阅读文章", len(plan.train) + len(plan.held_out)) as advance:
        for labelled in (plan.train, plan.held_out):
            read, targets = [], list[Targets]()
            for one in labelled:
                article = Article.from_raw(one.text, id=one.id)
                read.append(vectors.read(article))
                targets.append(make_targets(article, one, plan.keys, read[-1].sentences))
                advance()
            parts.append(_Part(labelled, HeadData.join(read, targets)))
    return parts[0], parts[1]


def _start_heads(source: Path, plan: _Plan, old: Manifest) -> dict[str, Head]:
    """Return the model's heads, and blank ones for themes that it does not know."""
    weights, biases = read_heads(source / ENCODER_NAME)
    blank = Head(np.zeros(weights.shape[1]), START_BIAS)
    known = {
        t.key: Head(row, float(bias))
        for t, row, bias in zip(old.themes, weights, biases, strict=False)
    }
    return {key: known.get(key, blank) for key in plan.keys}


def _fit(train: _Part, theme: int, start: Head, settings: Settings) -> _Fitted:
    """Fit a theme's head on all articles, and in folds for logits that no label bent."""
    own = np.flatnonzero(train.is_own)
    weights = np.where(train.is_own, settings.own_weight, 1.0)
    out_of_fold = np.full(len(train.articles), np.nan)
    for fold in _folds([train.articles[i] for i in own], settings.folds):
        left_out = own[fold]
        rest = np.setdiff1d(np.arange(len(train.articles)), left_out)
        found = fit_head(train.data.pick(rest), theme, start, settings, weights[rest])
        out_of_fold[left_out] = train.data.pick(left_out).pool(found.head)
    return _Fitted(fit_head(train.data, theme, start, settings, weights), out_of_fold)


def _folds(own: Sequence[LabelledArticle], n: int) -> list[list[int]]:
    """Deal stories into folds, those alike in themes in turn."""
    stories = sorted(group_articles(own), key=lambda story: sorted(own[story[0]].themes))
    folds: list[list[int]] = [[] for _ in range(n)]
    for at, story in enumerate(stories):
        folds[at % n] += story
    return [fold for fold in folds if fold]


def _decide(
    themes: Sequence[ThemeSetting], plan: _Plan, heads: dict[str, Head], part: _Part
) -> HeldOut:
    """Return logits and labels of some of the themes."""
    columns = [plan.keys.index(theme.key) for theme in themes]
    logits = np.stack([part.data.pool(heads[theme.key]) for theme in themes], axis=1)
    return HeldOut(logits, part.data.article_themes[:, columns])


def _calibrate(
    plan: _Plan,
    old: Manifest,
    heads: dict[str, Head],
    fitted: dict[str, _Fitted],
    train: _Part,
    held_out: _Part,
    settings: Settings,
) -> tuple[ThemeSetting, ...]:
    """Calibrate fitted themes on held-out articles and users' own out of fold.

    Of the others, users' labels do not count; their logits do, in what is sent to review.
    """
    kept = {theme.key: theme for theme in old.themes}
    own = train.is_own
    logits, labels = [], []
    for column, key in enumerate(plan.keys):
        seen = train.data.article_themes[own, column]
        outside = fitted[key].out_of_fold if key in fitted else train.data.pool(heads[key])
        logits.append(np.append(held_out.data.pool(heads[key]), outside[own]))
        labels.append(
            np.append(
                held_out.data.article_themes[:, column],
                seen if key in fitted else np.full(len(seen), UNKNOWN),
            )
        )
    found = fit_settings(
        plan.entries, HeldOut(np.stack(logits, axis=1), np.stack(labels, axis=1)), settings
    )
    return tuple(new if new.key in fitted else kept[new.key] for new in found)


def _find_suspects(
    themes: Sequence[ThemeSetting],
    heads: dict[str, Head],
    fitted: dict[str, _Fitted],
    train: _Part,
    held_out: _Part,
) -> list[Suspect]:
    """Look at users' labels of every fitted theme with heads that did not learn from them."""
    suspects = []
    own, own_held = np.flatnonzero(train.is_own), np.flatnonzero(held_out.is_own)
    articles = [train.articles[i] for i in own] + [held_out.articles[i] for i in own_held]
    for column, theme in enumerate(themes):
        if theme.key not in fitted:
            continue
        logits = np.append(
            fitted[theme.key].out_of_fold[own], held_out.data.pool(heads[theme.key])[own_held]
        )
        labels = np.append(
            train.data.article_themes[own, column],
            held_out.data.article_themes[own_held, column],
        )
        scores = to_scores(logits[:, None], [theme])[:, 0]
        suspects += to_suspects(articles, theme.key, labels, scores)
    return suspects


def _write(
    folder: Path,
    source: Path,
    old: Manifest,
    plan: _Plan,
    heads: dict[str, Head],
    themes: tuple[ThemeSetting, ...],
    metrics: dict[str, Any],
    settings: Settings,
) -> Manifest:
    """Write the model folder: the same encoder, the heads, the manifest.

    What was held out before stays so, at hand this time or not.
    """
    shutil.copy(source / TOKENIZER_NAME, folder)
    weights, biases = read_heads(source / ENCODER_NAME)
    rows = [heads[theme.key] for theme in themes]
    put_heads(
        source / ENCODER_NAME,
        folder / ENCODER_NAME,
        np.stack([*(head.weights for head in rows), weights[-1]]).astype(np.float32),
        np.array([*(head.bias for head in rows), biases[-1]], dtype=np.float32),
    )
    encoder = Encoder.load(folder, old.window_tokens, old.marks, threads=settings.threads)
    manifest = replace(
        old,
        name=settings.name,
        themes=themes,
        files={},
        probe=make_probe(encoder),
        held_out=tuple(dict.fromkeys((*(a.id for a in plan.held_out), *old.held_out))),
        metrics=metrics,
        settings=asdict(settings),
    )
    return seal(manifest, folder)


def _show(manifest: Manifest, console: Console) -> None:
    """Print every theme's F1 on held-out articles, before and now."""
    table = Table("主题", "留出篇数", "原模型 F1", "新模型 F1", "精确率", "召回率")
    for theme in manifest.themes:
        now = manifest.metrics["decisions"][theme.key]
        was = manifest.metrics["before"].get(theme.key)
        table.add_row(
            theme.name, str(now["articles"]), f"{was['f1']:.3f}" if was else "—",
            f"{now['f1']:.3f}", f"{now['precision']:.3f}", f"{now['recall']:.3f}",
        )  # fmt: skip
    console.print(table)
