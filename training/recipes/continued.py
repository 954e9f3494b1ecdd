"""Continuing: from a model and users' labels to a model with the same encoder and better heads.

The encoder is frozen: users' articles, and a replay of the corpus, are encoded once, and the heads
of the themes that users labelled are fitted on the segment vectors. All other heads, their
calibration and their thresholds stay bit for bit the same. A theme that is new to the model gets a
head of its own.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from data.corpus.loader import Labelled, load_labelled
from data.themes import ThemeEntry, read_themes
from model.encoder import Encoder
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest, ThemeSetting
from model.own_themes import OutOfFold, read_own_themes, write_own_themes
from training.encoder.onnx_export import put_heads, read_heads
from training.encoder.probe_texts import make_probe
from training.encoder.trainable import START_BIAS
from training.fitting.heads import Head
from training.fitting.metrics import describe_data, measure_quality
from training.fitting.out_of_fold import count_out_of_fold
from training.fitting.progress import Reporter
from training.fitting.suspects import Suspect, write_review
from training.fitting.theme_heads import (
    EncodedPart,
    ThemeHeads,
    calibrate_themes,
    decide,
    encode_part,
    fit_themes,
    suspect_labels,
)
from training.fitting.vectors import VectorCache
from training.packaging.label_record import LabelRecord
from training.packaging.model_folder import check_target, copy_reader, replace_model, seal
from training.packaging.names import REVIEW_NAME
from training.packaging.run_folder import RunFolder
from training.recipes.continuation_plan import ContinuationPlan, list_themes, make_plan, print_plan
from training.recipes.users_rows import learn_rows
from training.settings import Settings
from training.training_data import UserData

_SHOWN_IDS = 10


def continue_model(
    source: Path, out: Path, user_data: UserData, settings: Settings, console: Console, cache: Path
) -> Manifest:
    """Fit heads on users' labels, calibrate and verify; replace an older model at `out` at the end.

    Vectors are kept in `cache`, so that a stopped run resumes. The run folder, `OUT.run`, gets
    `review.csv`, a list of labels to check.

    Args:
        source: the model to continue.
        out: the new model folder; an older model there is replaced.
        user_data: users' labels and themes.
        settings: see `Settings`.
        console: for progress and messages.
        cache: a folder for vectors.

    Raises:
        InputError: the labels do not parse or are too few, or `out` holds something else.
        ModelError: the model cannot be continued.
    """
    entries = list_themes(user_data.theme_files, Manifest.read(source))
    labelled = load_labelled(entries, user_data.paths, is_complete=user_data.is_complete)
    return continue_with(source, out, labelled, entries, settings, console, cache)


def continue_with(
    source: Path,
    out: Path,
    labelled: Labelled,
    entries: Sequence[ThemeEntry],
    settings: Settings,
    console: Console,
    cache: Path,
) -> Manifest:
    """Continue a model with labels that are already loaded; see `continue_model`."""
    check_target(out)
    run = RunFolder.beside(out)
    old = Manifest.load(source)
    plan = make_plan(labelled, entries, old, settings)
    digest = run.write_inputs(str(source), settings, plan.train, plan.held_out)
    names = {entry.key: entry.name for entry in (*entries, *plan.entries)}
    LabelRecord(labelled.files, names, labelled.is_complete).save(run.path)
    with Reporter(run.path, console) as reporter, tempfile.TemporaryDirectory() as scratch:
        print_plan(plan, labelled, console)
        train, held_out = _encode(plan, source, old, settings, cache, reporter)
        _print_skipped(plan, (train, held_out), console)
        start = _start_heads(source, plan.keys, old)
        with reporter.stage("训练各主题", len(plan.fitted)) as advance:
            found = fit_themes(train, start, plan.fitted, settings, advance)
        themes = calibrate_themes(plan.entries, old.themes, found, train, held_out, settings)
        suspects = suspect_labels(themes, found, train, held_out)
        review = run.path / REVIEW_NAME
        write_review(review, suspects, labelled.disagreements, names)
        before = decide(old.themes, plan.keys, start, held_out)
        own = _measure_own(plan, old, found, train, held_out, suspects, settings)
        metrics: dict[str, Any] = {
            "continued": old.version,
            "before": measure_quality(old.themes, before, settings)["decisions"],
            **measure_quality(themes, found.decide(themes, held_out), settings),
            **write_own_themes(own, plan.too_few),
            "score_changes": old.metrics["score_changes"],
            "data": describe_data(plan.train, plan.held_out, digest),
        }
        folder = Path(scratch) / "model"
        manifest = _write(folder, source, old, plan, found, themes, metrics, settings)
        manifest = learn_rows(folder, manifest, labelled, reporter, console)
        run.write_curves(
            metrics, {names.get(key, key): one.full.losses for key, one in found.fitted.items()}
        )
        replace_model(folder, out)
    _print_quality(manifest, console)
    console.print(f"待人看的标注：{len(suspects) + len(labelled.disagreements)} 条，见 {review}")
    console.print(f"完成：{out}（{manifest.version}）；训练记录：{run.path}")
    return manifest


def _encode(
    plan: ContinuationPlan,
    source: Path,
    old: Manifest,
    settings: Settings,
    cache: Path,
    reporter: Reporter,
) -> tuple[EncodedPart, EncodedPart]:
    """Encode both parts with the model's encoder."""
    encoder = Encoder.load(source, old.window_tokens, old.marks, threads=settings.threads)
    vectors = VectorCache(encoder, old, cache, source / ENCODER_NAME)
    with reporter.stage("阅读文章", len(plan.train) + len(plan.held_out)) as advance:
        train = encode_part(plan.train, plan.keys, vectors, advance)
        held_out = encode_part(plan.held_out, plan.keys, vectors, advance)
    return train, held_out


def _print_skipped(plan: ContinuationPlan, parts: Sequence[EncodedPart], console: Console) -> None:
    """Say which articles were left out, because cleaning leaves too little of them."""
    kept = {article.id for part in parts for article in part.articles}
    ids = [a.id for a in (*plan.train, *plan.held_out) if a.id not in kept]
    if ids:
        shown = "、".join(ids[:_SHOWN_IDS])
        console.print(
            f"注意：{len(ids)} 篇的正文太短或不是中文，没有学：{shown}", highlight=False,
            markup=False,
        )  # fmt: skip


def _start_heads(source: Path, keys: Sequence[str], old: Manifest) -> dict[str, Head]:
    """Return the model's heads, and blank heads for new themes, in the order of `keys`."""
    weights, biases = read_heads(source / ENCODER_NAME)
    blank = Head(np.zeros(weights.shape[1]), START_BIAS)
    known = {
        t.key: Head(row, float(bias))
        for t, row, bias in zip(old.themes, weights, biases, strict=False)
    }
    return {key: known.get(key, blank) for key in keys}


def _measure_own(
    plan: ContinuationPlan,
    old: Manifest,
    found: ThemeHeads,
    train: EncodedPart,
    held_out: EncodedPart,
    suspects: Sequence[Suspect],
    settings: Settings,
) -> dict[str, OutOfFold]:
    """Count out-of-fold decisions on users' own themes; of those not fitted, keep the old ones."""
    ours = {entry.key for entry in read_themes()}
    kept = read_own_themes(old.metrics)
    n_suspects = Counter(suspect.theme for suspect in suspects)
    own = {}
    for entry in plan.entries:
        if entry.key in plan.fitted and entry.key not in ours:
            n = n_suspects[entry.key]
            own[entry.key] = count_out_of_fold(entry, found, train, held_out, settings, n)
        elif entry.key in kept:
            own[entry.key] = kept[entry.key]
    return own


def _write(
    folder: Path,
    source: Path,
    old: Manifest,
    plan: ContinuationPlan,
    found: ThemeHeads,
    themes: tuple[ThemeSetting, ...],
    metrics: dict[str, Any],
    settings: Settings,
) -> Manifest:
    """Write the model folder: the same encoder, the heads, the manifest.

    Articles that were held out before stay on the held-out list, whether or not their texts were
    found this time.
    """
    folder.mkdir()
    shutil.copy(source / TOKENIZER_NAME, folder)
    copy_reader(source, folder, old)
    weights, biases = read_heads(source / ENCODER_NAME)
    rows = [found.heads[theme.key] for theme in themes]
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


def _print_quality(manifest: Manifest, console: Console) -> None:
    """Print every theme's F1 on held-out articles, before and after."""
    table = Table("主题", "留出篇数", "原模型 F1", "新模型 F1", "精确率", "召回率")
    for theme in manifest.themes:
        after = manifest.metrics["decisions"][theme.key]
        before = manifest.metrics["before"].get(theme.key)
        table.add_row(
            theme.name, str(after["articles"]), f"{before['f1']:.3f}" if before else "—",
            f"{after['f1']:.3f}", f"{after['precision']:.3f}", f"{after['recall']:.3f}",
        )  # fmt: skip
    console.print(table)
    for key, own in read_own_themes(manifest.metrics).items():
        console.print(
            f"{manifest.theme_names[key]}：交叉验证 F1 {own.f1:.3f}（{own.folds} 折，标注 "
            f"{own.n_articles} 篇，其中 {own.n_positive} 篇有它），"
            f"疑似标错 {own.suspects} 条",
            highlight=False,
        )
