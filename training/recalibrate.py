"""Recalibration: what scores mean, thresholds and review bands, chosen anew for a network as it is.

usage: python -m training.recalibrate MODEL OUT [GOLD.jsonl]

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

from data.gold import read_gold, to_labelled
from data.labelled import CORPUS, LabelledArticle
from data.loader import load_labelled
from data.themes import ThemeEntry, read_themes
from model import InputError
from model.cleaning import CLEANING_VERSION
from model.encoder import Encoder
from model.manifest import ENCODER_NAME, MANIFEST_NAME, TOKENIZER_NAME, Manifest
from model.windows import Marks
from training.calibrate import HeldOut, fit_settings
from training.examples import make_example
from training.export import article_logits, export_onnx
from training.metrics import count_articles, measure, measure_out_of_fold
from training.probe import make_probe
from training.quantize import quantize
from training.run import replace_model, seal
from training.settings import Settings
from training.unpack import unpack


def recalibrate(source: Path, out: Path, console: Console, gold: Path | None = None) -> Manifest:
    """Write a model folder with the weights of `source`, calibrated with today's code.

    Args:
        source: a model folder.
        out: where the new one is put.
        console: where messages go.
        gold: articles to choose thresholds on, beside the real ones that training held out.

    Raises:
        InputError: not all articles that its training held out are at hand.
        ModelError: `source` is no model or was changed.
    """
    settings = Settings()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        folder.mkdir()
        for name in (ENCODER_NAME, TOKENIZER_NAME):
            shutil.copy(source / name, folder)
        old = _load_old(source, folder)
        _export_anew(folder, old.marks, Path(scratch))
        themes = [theme for theme in read_themes() if theme.key in {t.key for t in old.themes}]
        held_out = _load_held_out(old, themes)
        counts = {"held_out": count_articles(held_out)}
        if trained := old.metrics.get("data", {}).get("train"):
            counts["train"] = trained
        kept = {k: v for k, v in old.metrics.items() if k in {"losses", "score_changes"}}
        if gold:
            keys = frozenset(theme.key for theme in themes)
            golds = [to_labelled(one) for one in read_gold(gold, keys)]
            held_out = [article for article in held_out if article.source != CORPUS]
            chosen_on = [*held_out, *golds]
            counts["calibration"] = count_articles(chosen_on)
            found = _read(folder, old, themes, chosen_on)
            outside = measure_out_of_fold(themes, found, settings, first=len(held_out))
            kept["out_of_fold"] = outside
            console.print(f"阈值在未参与选择的金标文章上：{outside}", highlight=False)
        else:
            found = _read(folder, old, themes, held_out)
        fitted = fit_settings(themes, found, settings)
        encoder = Encoder.load(folder, old.window_tokens, old.marks, threads=settings.threads)
        manifest = replace(
            old,
            themes=fitted,
            probe=make_probe(encoder),
            metrics=kept | measure(fitted, found, settings) | {"data": counts},
        )
        manifest = seal(manifest, folder)
        replace_model(folder, out)
    console.print(f"完成：{out}（{manifest.version}），用 {len(found.labels)} 篇文章重新校准")
    return manifest


def _export_anew(folder: Path, marks: Marks, scratch: Path) -> None:
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


def _load_old(source: Path, folder: Path) -> Manifest:
    """Load a manifest that may be of another cleaning, which is what recalibration is for."""
    row: dict[str, Any] = json.loads((source / MANIFEST_NAME).read_text(encoding="utf-8"))
    row["cleaning_version"] = CLEANING_VERSION
    row["files"] = {k: v for k, v in row["files"].items() if k in {ENCODER_NAME, TOKENIZER_NAME}}
    (folder / MANIFEST_NAME).write_text(json.dumps(row), encoding="utf-8")
    manifest = Manifest.load(folder)
    (folder / MANIFEST_NAME).unlink()
    return manifest


if __name__ == "__main__":
    given = [Path(argument) for argument in sys.argv[1:]]
    recalibrate(given[0], given[1], Console(), *given[2:])
