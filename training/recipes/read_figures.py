"""Fitting the reading head of figures on a model's own encoder.

`python -m training.recipes.read_figures MODEL OUT`

MODEL is a model folder; OUT becomes the same model with a head that reads rows, learned from the
rows that `data/pointers/rows/` points to (`YIWEN_TEXTS` names the files with their texts). Themes,
thresholds and the encoder's weights stay what they were. The head has upper layers of its own,
which start from the encoder's.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.progress import Progress

from data.command import run_command
from data.corpus.figure_rows import resolve_rows
from model import InputError
from model.encoder import Encoder
from model.figures.reading.reader import READER_NAME
from model.manifest import ENCODER_NAME, MANIFEST_NAME, Manifest
from training.encoder.unpack import unpack
from training.packaging.model_folder import check_target, replace_model, seal
from training.reading.examples import ReadingExample, make_examples
from training.reading.export import N_SHARED_LAYERS, add_states, export_head
from training.reading.fit import FitSettings, fit_head
from training.reading.network import ReadingHead


def fit_reader(source: Path, out: Path, settings: FitSettings, console: Console) -> Manifest:
    """Fit a head for a model and write both as a new model folder.

    Raises:
        InputError: no row's text is at hand, or `out` holds something else.
        ModelError: `source` is no model.
    """
    check_target(out)
    manifest = Manifest.load(source)
    articles, n_missing = resolve_rows()
    if n_missing:
        console.print(f"注意：{n_missing} 篇的原文不在手边（见 YIWEN_TEXTS），未用")
    if not articles:
        raise InputError("手边没有一篇标注了数字的文章", code="no_articles")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        shutil.copytree(source, folder)
        (folder / MANIFEST_NAME).unlink()  # it is written last
        add_states(source / ENCODER_NAME, folder / ENCODER_NAME, N_SHARED_LAYERS)
        encoder = Encoder.load(folder, manifest.window_tokens, manifest.marks)
        head = make_head(source, manifest)
        with Progress(console=console) as progress:
            examples: list[ReadingExample] = []
            for article in progress.track(articles, description="编码"):
                examples += make_examples(article, encoder)
            fitting = progress.add_task("学习", total=None)
            fit_head(
                head, examples, settings,
                lambda step, n, _: progress.update(fitting, completed=step, total=n),
            )  # fmt: skip
        export_head(head, folder / READER_NAME)
        n_rows = sum(len(article.rows) for article in articles)
        counts = {"articles": len(articles), "rows": n_rows, "chunks": len(examples)}
        sealed = seal(replace(manifest, metrics=manifest.metrics | {"rows": counts}), folder)
        replace_model(folder, out)
    return sealed


def make_head(source: Path, manifest: Manifest) -> ReadingHead:
    """Return a head whose layers are copies of the encoder's upper ones."""
    bert = unpack(source / ENCODER_NAME, manifest.marks).bert
    layers = torch.nn.ModuleList(copy.deepcopy(layer) for layer in bert.encoder.layer)
    return ReadingHead(layers[N_SHARED_LAYERS:], bert.config.hidden_size)


def main(
    source: Annotated[Path, typer.Argument(metavar="MODEL", help="the model folder")],
    out: Annotated[Path, typer.Argument(help="the new model folder")],
    epochs: Annotated[int, typer.Option(help="passes over all rows", min=1)] = FitSettings.epochs,
) -> None:
    """Fit the head that reads rows of figures."""
    console = Console(stderr=True)
    manifest = fit_reader(source, out, FitSettings(epochs=epochs), console)
    console.print(f"已写入 {out}：{manifest.version}")


if __name__ == "__main__":
    run_command(main)
