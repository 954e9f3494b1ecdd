"""Refitting: all layers of a model go on learning from all labelled articles.

`python -m training.recipes.refit MODEL OUT [SETTINGS.toml]`

MODEL is a model folder; OUT becomes a model with the same layers, word embeddings and tokenizer,
whose other weights were fitted anew on the corpus, the pointers whose texts are at hand
(`YIWEN_TEXTS`) and nothing else; it is calibrated on what was held out. A reading head of figures
is not taken along, since it starts from the encoder's layers: `read_figures` fits one.
"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from tokenizers import Tokenizer

from data.command import run_command
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest
from training.encoder.unpack import unpack
from training.fitting.examples import make_examples
from training.fitting.optimisation import set_seed
from training.fitting.whole_fit import fit_whole
from training.packaging.finish import make_model
from training.packaging.model_folder import check_target, replace_model
from training.packaging.run_folder import RunFolder
from training.settings import Settings, read_settings
from training.training_data import UserData, load_training_data

DEFAULTS = Settings(
    dropped_layers=(), frozen_layers=0, batch_tokens=4_000, learning_rate=5e-5,
    head_learning_rate=5e-4,
)  # fmt: skip


def refit_model(source: Path, out: Path, settings: Settings, console: Console) -> Manifest:
    """Refit a model into the model folder `out`, with a run folder beside it.

    Raises:
        InputError: there are too few labelled articles, or `out` holds something else.
        ModelError: `source` is no model.
    """
    check_target(out)
    set_seed(settings.seed, settings.threads)
    old = Manifest.load(source)
    settings = replace(settings, window_tokens=old.window_tokens)
    data = load_training_data(UserData(()), settings, console)
    tokenizer = Tokenizer.from_file(str(source / TOKENIZER_NAME))
    network = unpack(source / ENCODER_NAME, old.marks)
    run = RunFolder.beside(out)
    digest = run.write_inputs(str(source), settings, data.train, data.held_out)
    keys = [theme.key for theme in data.themes]
    train, held_out = (
        make_examples(part, keys, tokenizer, settings.window_tokens)
        for part in (data.train, data.held_out)
    )
    with Progress(console=console) as progress:
        fitting = progress.add_task("训练", total=None)

        def show(step: int, n_steps: int, loss: float) -> None:
            progress.update(
                fitting, completed=step, total=n_steps, description=f"训练（损失 {loss:.3f}）"
            )

        losses = fit_whole(network, train, settings, show)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        made = make_model(
            network, tokenizer, data, held_out, folder, base=old.base, settings=settings,
            digest=digest, extra_metrics={"refitted": old.version},
        )  # fmt: skip
        run.write_results(made.metrics, losses, network)
        replace_model(folder, out)
    console.print(f"完成：{out}（{made.version}）；训练记录：{run.path}")
    return made


def main(
    source: Annotated[Path, typer.Argument(metavar="MODEL", help="the model folder")],
    out: Annotated[Path, typer.Argument(help="the new model folder")],
    settings: Annotated[
        Path | None, typer.Argument(help="TOML file that overrides settings")
    ] = None,
) -> None:
    """Fit all layers of a model on all labelled articles."""
    refit_model(source, out, read_settings(settings, DEFAULTS), Console())


if __name__ == "__main__":
    run_command(main)
