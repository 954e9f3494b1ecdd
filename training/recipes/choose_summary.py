"""Fitting the learned choice of summaries on a model's own encoder.

`python -m training.recipes.choose_summary MODEL OUT`

MODEL is a model folder; OUT becomes the same model with a head that says which clauses a summary
tells, learned from the summaries that `data/pointers/picks/` points to (`YIWEN_TEXTS` names the
files with their texts). Nothing else of the model changes. The printed scores are of articles that
the heads they were measured with had not seen.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from rich.console import Console
from rich.progress import Progress

from data.command import run_command
from data.corpus.duplicates import find_clusters
from data.corpus.summary_picks import PickArticle, resolve_picks
from model import Analyzer, InputError
from model.manifest import MANIFEST_NAME, Manifest
from model.summary.choice.network import CHOICE_NAME, ChoiceNetwork
from training.packaging.model_folder import check_target, replace_model, seal
from training.summary.examples import Analysed, ChoiceExample, analyse, make_example, summarise_by
from training.summary.export import export_choice
from training.summary.fit import ChoiceSettings, fit_choice
from training.summary.objective import PickScore, score_summary

N_FOLDS = 4


def fit_chooser(source: Path, out: Path, settings: ChoiceSettings, console: Console) -> Manifest:
    """Fit a head for a model and write both as a new model folder.

    Raises:
        InputError: no pick's text is at hand, or `out` holds something else.
        ModelError: `source` is no model.
    """
    check_target(out)
    manifest = Manifest.load(source)
    picks, n_missing = resolve_picks()
    if n_missing:
        console.print(f"注意：{n_missing} 篇的原文不在手边（见 YIWEN_TEXTS），未用")
    if len(picks) < N_FOLDS:
        raise InputError("手边没有几篇选好摘要的文章", code="no_articles")
    torch.set_num_threads(1)  # the head is small: more threads only wait for each other
    analysed, examples = read_examples(picks, source, console)
    scores = measure_held_out(picks, analysed, examples, settings)
    metrics = {"articles": len(picks), **_mean(scores)}
    console.print(f"未学过的文章：{metrics}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        shutil.copytree(source, folder)
        (folder / MANIFEST_NAME).unlink()  # it is written last
        with Progress(console=console) as progress:
            fitting = progress.add_task("学习", total=None)
            head = fit_choice(
                examples, settings,
                lambda step, n: progress.update(fitting, completed=step, total=n),
            )  # fmt: skip
        export_choice(head, folder / CHOICE_NAME)
        sealed = seal(replace(manifest, metrics=manifest.metrics | {"summary": metrics}), folder)
        replace_model(folder, out)
    return sealed


def read_examples(
    picks: Sequence[PickArticle], source: Path, console: Console
) -> tuple[list[Analysed], list[ChoiceExample]]:
    """Analyse the picks' articles, and make an example of each."""
    analyzer = Analyzer.load(source)
    groups = find_clusters([pick.text for pick in picks])
    with Progress(console=console) as progress:
        analysed = [analyse(pick, analyzer) for pick in progress.track(picks, description="编码")]
    examples = [
        make_example(one, pick.parts, group)
        for one, pick, group in zip(analysed, picks, groups, strict=True)
    ]
    return analysed, examples


def measure_held_out(
    picks: Sequence[PickArticle],
    analysed: Sequence[Analysed],
    examples: Sequence[ChoiceExample],
    settings: ChoiceSettings,
) -> list[PickScore]:
    """Score summaries of every fourth story by a head fitted on the others."""
    order = {group: n for n, group in enumerate(sorted({example.group for example in examples}))}
    held_out = [order[example.group] % N_FOLDS == 0 for example in examples]
    others = [example for example, is_out in zip(examples, held_out, strict=True) if not is_out]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / CHOICE_NAME
        export_choice(fit_choice(others, settings), path)
        network = ChoiceNetwork.load(path)
    return [
        score_summary(
            summarise_by(network, one, example).text,
            [pick.text[start:end] for start, end in pick.parts],
        )
        for pick, one, example, is_out in zip(picks, analysed, examples, held_out, strict=True)
        if is_out
    ]


def _mean(scores: Sequence[PickScore]) -> dict[str, float]:
    return {
        name: round(float(np.mean([getattr(score, name) for score in scores])), 4)
        for name in ("recall", "precision", "is_whole")
    }


def main(
    source: Annotated[Path, typer.Argument(metavar="MODEL", help="the model folder")],
    out: Annotated[Path, typer.Argument(help="the new model folder")],
    epochs: Annotated[
        int, typer.Option(help="passes over all picks", min=1)
    ] = ChoiceSettings.epochs,
) -> None:
    """Fit the head that chooses what a summary tells."""
    console = Console(stderr=True)
    manifest = fit_chooser(source, out, ChoiceSettings(epochs=epochs), console)
    console.print(f"已写入 {out}：{manifest.version}")


if __name__ == "__main__":
    run_command(main)
