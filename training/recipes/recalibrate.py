"""Recalibration: what scores mean, thresholds and review bands, chosen anew for a network as it is.

usage: python -m training.recipes.recalibrate MODEL OUT [GOLD.jsonl]

For when cleaning, calibration or the exporter changed but the weights need not, and for thresholds
from more labels: it reads the articles that the model's training held out once more, and writes a
model folder with the same weights, as today's exporter writes them. With GOLD, real articles set
apart for choosing thresholds, these and the real ones among those held out are what is calibrated
on, and what the thresholds reach on gold articles that had no say in them is printed and kept.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from tokenizers import Tokenizer

from data.corpus.loader import load_labelled
from data.gold import read_gold, to_labelled
from data.labelled import CORPUS, LabelledArticle
from data.themes import ThemeEntry, read_themes
from model import InputError, YiwenError
from model.cleaning import CLEANING_VERSION
from model.encoder import Encoder
from model.manifest import ENCODER_NAME, FORMAT, MANIFEST_NAME, TOKENIZER_NAME, Manifest
from model.windows import SpecialTokens
from training.encoder.onnx_export import article_logits, export_onnx
from training.encoder.probe_texts import make_probe
from training.encoder.quantize import quantize
from training.encoder.unpack import unpack
from training.fitting.examples import make_example
from training.fitting.metrics import count_articles, measure, measure_out_of_fold
from training.packaging.calibrate import HeldOut, fit_settings
from training.recipes.from_base import check_target, replace_model, seal
from training.settings import Settings

# What the metrics tell of the network itself, which stays.
_OF_THE_NETWORK = ("score_changes", "candidates", "chosen", "layers", "teachers")
USAGE = "用法：python -m training.recipes.recalibrate 模型文件夹 新模型文件夹 [金标文章.jsonl]"


def recalibrate(source: Path, out: Path, console: Console, gold: Path | None = None) -> Manifest:
    """Write a model folder with the weights of `source`, calibrated with today's code.

    Args:
        source: a model folder.
        out: where the new one is put.
        console: where messages go.
        gold: articles to choose thresholds on, beside the real ones that training held out.

    Raises:
        InputError: not all articles that its training held out are at hand, it has a theme that
            is not ours, or `out` holds something else.
        ModelError: `source` is no model or was changed.
    """
    check_target(out)
    settings = Settings()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        folder.mkdir()
        old = _copy_old(source, folder)
        themes = _list_themes(old)
        held_out = _load_held_out(old, themes)
        golds = _load_golds(gold, themes)
        chosen_on = _choose(held_out, golds)
        _export_anew(folder, old.marks, Path(scratch))
        found = _read(folder, old, themes, chosen_on)
        fitted = fit_settings(themes, found, settings)
        metrics = {name: old.metrics[name] for name in _OF_THE_NETWORK if name in old.metrics}
        metrics |= measure(fitted, found, settings)
        metrics["data"] = _count(old, held_out, chosen_on if golds else ())
        if golds:
            outside = measure_out_of_fold(themes, found, settings, len(chosen_on) - len(golds))
            metrics["out_of_fold"] = outside
            console.print(f"阈值在未参与选择的金标文章上：{outside}", highlight=False)
        encoder = Encoder.load(folder, old.window_tokens, old.marks, threads=settings.threads)
        made = replace(old, themes=fitted, probe=make_probe(encoder), metrics=metrics)
        manifest = seal(made, folder)
        replace_model(folder, out)
    console.print(f"完成：{out}（{manifest.version}），用 {len(found.labels)} 篇文章重新校准")
    return manifest


def _list_themes(old: Manifest) -> list[ThemeEntry]:
    """Return a model's themes as our list has them, in the order of its heads."""
    entries = {entry.key: entry for entry in read_themes()}
    if unknown := [theme.name for theme in old.themes if theme.key not in entries]:
        raise InputError(
            f"主题表里没有这个模型的主题“{'、'.join(unknown)}”，无法重新校准：只能用于没有自己主题的模型"
        )
    return [entries[theme.key] for theme in old.themes]


def _choose(
    held_out: Sequence[LabelledArticle], golds: Sequence[LabelledArticle]
) -> list[LabelledArticle]:
    """Return what is calibrated on: all held-out articles, or the real ones and then the gold."""
    if not golds:
        return list(held_out)
    return [*(article for article in held_out if article.source != CORPUS), *golds]


def _count(
    old: Manifest, held_out: Sequence[LabelledArticle], chosen_on: Sequence[LabelledArticle]
) -> dict[str, Any]:
    """Count the articles of every part; `chosen_on` is empty where it is what was held out."""
    data = old.metrics.get("data", {})
    counts = {name: data[name] for name in ("train", "sha256") if name in data}
    counts["held_out"] = count_articles(held_out)
    if chosen_on:
        counts["calibration"] = count_articles(chosen_on)
    return counts


def _export_anew(folder: Path, marks: SpecialTokens, scratch: Path) -> None:
    """Write the network of a folder anew: weights stay, the graph is today's exporter's."""
    full = scratch / "float32.onnx"
    export_onnx(unpack(folder / ENCODER_NAME, marks), full)
    quantize(full, folder / ENCODER_NAME)


def _load_held_out(old: Manifest, themes: Sequence[ThemeEntry]) -> list[LabelledArticle]:
    wanted = set(old.held_out)
    held_out = [a for a in load_labelled(themes).articles if a.id in wanted]
    if missing := len(wanted) - len(held_out):
        raise InputError(f"{missing} 篇留出的文章不在手边，无法重新校准（见 YIWEN_TEXTS）")
    return held_out


def _load_golds(gold: Path | None, themes: Sequence[ThemeEntry]) -> list[LabelledArticle]:
    keys = frozenset(theme.key for theme in themes)
    return [to_labelled(one) for one in read_gold(gold, keys)] if gold else []


def _read(
    folder: Path, old: Manifest, themes: Sequence[ThemeEntry], articles: Sequence[LabelledArticle]
) -> HeldOut:
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
    keys = [theme.key for theme in themes]
    examples = [make_example(a, keys, tokenizer, old.window_tokens) for a in articles]
    return HeldOut(
        article_logits(folder / ENCODER_NAME, examples, old.marks),
        np.stack([example.article_themes for example in examples]),
    )


def _copy_old(source: Path, folder: Path) -> Manifest:
    """Copy network and tokenizer; load the manifest, which may be of another release.

    That is what recalibration is for.
    """
    for name in (ENCODER_NAME, TOKENIZER_NAME):
        shutil.copy(source / name, folder)
    row: dict[str, Any] = json.loads((source / MANIFEST_NAME).read_text(encoding="utf-8"))
    row |= {"cleaning_version": CLEANING_VERSION, "format": FORMAT}
    row["files"] = {k: v for k, v in row["files"].items() if k in {ENCODER_NAME, TOKENIZER_NAME}}
    (folder / MANIFEST_NAME).write_text(json.dumps(row), encoding="utf-8")
    manifest = Manifest.load(folder)
    (folder / MANIFEST_NAME).unlink()
    return manifest


def main(arguments: Sequence[str]) -> int:
    """Recalibrate; return the exit status. Without the two folders, say how to call it."""
    console = Console()
    model, out, gold, *rest = [*map(Path, arguments), None, None, None]
    if model is None or out is None or any(rest):
        console.print(USAGE, highlight=False, markup=False)
        return 1
    try:
        recalibrate(model, out, console, gold)
    except (YiwenError, OSError) as error:
        console.print(f"错误：{error}", style="red", highlight=False, markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
