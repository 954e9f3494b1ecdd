"""Recalibration: calibration, thresholds and review bands chosen anew for unchanged weights.

`python -m training.recipes.recalibrate MODEL OUT [GOLD.jsonl]`

It is for changes of cleaning, calibration or the exporter, and for thresholds from more labels. The
articles that the model's training held out are scored again, and a model folder is written with the
same weights, exported by the current exporter. With GOLD, real articles reserved for choosing
thresholds, the model is calibrated on these and on the real ones among the held-out articles; the
thresholds' results on gold articles out of fold are printed and kept in the metrics.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from tokenizers import Tokenizer

from data.command import run_command
from data.corpus.loader import load_labelled
from data.gold import read_gold, to_labelled
from data.labelled import CORPUS, LabelledArticle
from data.themes import ThemeEntry, read_themes
from model import InputError
from model.encoder import Encoder
from model.figures.reading.reader import READER_NAME
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest
from model.summary.choice.network import CHOICE_NAME
from model.windows import SpecialTokens
from training.encoder.onnx_export import article_logits, export_onnx
from training.encoder.probe_texts import make_probe
from training.encoder.quantize import quantize
from training.encoder.unpack import unpack
from training.fitting.examples import make_examples
from training.fitting.metrics import count_articles, measure_out_of_fold, measure_quality
from training.packaging.calibrate import HeldOut, fit_settings
from training.packaging.model_folder import check_target, replace_model, seal
from training.reading.export import N_SHARED_LAYERS, add_states
from training.settings import Settings

# Metrics of the network itself, which recalibration does not change.
_OF_THE_NETWORK = ("score_changes", "candidates", "chosen", "layers", "teachers")


def recalibrate(source: Path, out: Path, console: Console, gold: Path | None = None) -> Manifest:
    """Write a model folder with the weights of `source`, calibrated with today's code.

    Args:
        source: a model folder.
        out: the new model folder.
        console: for messages.
        gold: articles to choose thresholds on, beside the real ones that training held out.

    Raises:
        InputError: the text of a held-out article is missing, the model has a theme that is not in
            the list of themes, or `out` holds something else.
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
        chosen_on = _choose_articles(held_out, golds)
        _export_anew(folder, old.marks, Path(scratch))
        found = _read(folder, old, themes, chosen_on)
        fitted = fit_settings(themes, found, settings)
        metrics = {name: old.metrics[name] for name in _OF_THE_NETWORK if name in old.metrics}
        metrics |= measure_quality(fitted, found, settings)
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
    """Return the list's entries of a model's themes, in the order of its heads."""
    entries = {entry.key: entry for entry in read_themes()}
    if unknown := [theme.name for theme in old.themes if theme.key not in entries]:
        raise InputError(
            f"主题表里没有这个模型的主题“{'、'.join(unknown)}”，无法重新校准：只能用于没有自己主题的模型"
        )
    return [entries[theme.key] for theme in old.themes]


def _choose_articles(
    held_out: Sequence[LabelledArticle], golds: Sequence[LabelledArticle]
) -> list[LabelledArticle]:
    """Return the articles to calibrate on: all held-out ones, or real ones and then the gold."""
    if not golds:
        return list(held_out)
    return [*(article for article in held_out if article.source != CORPUS), *golds]


def _count(
    old: Manifest, held_out: Sequence[LabelledArticle], chosen_on: Sequence[LabelledArticle]
) -> dict[str, Any]:
    """Count the articles of every part; `chosen_on` is empty if it is the held-out part."""
    data = old.metrics.get("data", {})
    counts = {name: data[name] for name in ("train", "sha256") if name in data}
    counts["held_out"] = count_articles(held_out)
    if chosen_on:
        counts["calibration"] = count_articles(chosen_on)
    return counts


def _export_anew(folder: Path, marks: SpecialTokens, scratch: Path) -> None:
    """Export a folder's network again: the same weights, the graph of the current exporter."""
    full = scratch / "float32.onnx"
    export_onnx(unpack(folder / ENCODER_NAME, marks), full)
    quantize(full, folder / ENCODER_NAME)
    if (folder / READER_NAME).exists():
        add_states(folder / ENCODER_NAME, folder / ENCODER_NAME, N_SHARED_LAYERS)


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
    examples = make_examples(articles, keys, tokenizer, old.window_tokens)
    return HeldOut(
        article_logits(folder / ENCODER_NAME, examples, old.marks),
        np.stack([example.article_themes for example in examples]),
    )


def _copy_old(source: Path, folder: Path) -> Manifest:
    """Copy network and tokenizer; load the manifest, even one of another release."""
    manifest = Manifest.read(source, any_release=True)
    known = (ENCODER_NAME, TOKENIZER_NAME, READER_NAME, CHOICE_NAME)
    names = [name for name in known if name in manifest.files]
    manifest = replace(manifest, files={name: manifest.files[name] for name in names})
    manifest.check_files(source)
    for name in names:
        shutil.copy(source / name, folder)
    return manifest


def main(
    model: Annotated[Path, typer.Argument(help="The model folder to recalibrate.")],
    out: Annotated[Path, typer.Argument(help="The new model folder.")],
    gold: Annotated[
        Path | None, typer.Argument(help="JSON Lines of gold articles to choose thresholds on.")
    ] = None,
) -> None:
    """Choose a model's calibration, thresholds and review bands anew; its weights stay."""
    recalibrate(model, out, Console(), gold)


if __name__ == "__main__":
    run_command(main)
