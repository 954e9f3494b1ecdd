"""Distilling: from a model, its teachers and unlabelled articles to a model of fewer layers.

`python -m training.recipes.distil START OUT TEXTS... [--teacher MODEL]... [--layers 0,3,6,7,8,9]`

START is a model folder: the student keeps some of its layers. Teachers are model folders, by
default START alone; TEXTS are JSON Lines of real articles without labels. The labelled articles are
learned from too, except those held out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from tokenizers import Tokenizer

from data.command import run_command
from data.corpus.duplicates import find_known
from data.corpus.texts import read_texts
from data.labelled import LabelledArticle
from model import InputError
from model.encoder import Encoder
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest
from training.encoder.unpack import unpack
from training.fitting.distillation import Lesson, distil, make_lesson, make_student
from training.fitting.examples import make_examples
from training.fitting.optimisation import set_seed
from training.packaging.finish import make_model
from training.packaging.model_folder import check_target, replace_model
from training.packaging.run_folder import RunFolder
from training.settings import Settings, read_settings
from training.training_data import TrainingData, UserData, load_training_data

LAYERS = (0, 3, 6, 7, 8, 9)
DEFAULTS = Settings(learning_rate=1.5e-4)


def distil_model(
    start: Path,
    out: Path,
    texts: Sequence[Path],
    teachers: Sequence[Path],
    layers: Sequence[int],
    settings: Settings,
    console: Console,
) -> Manifest:
    """Distil a student of `start` into the model folder `out`, with a run folder beside it.

    Raises:
        InputError: there are too few labelled articles, or `out` holds something else.
        ModelError: a teacher is no model.
    """
    check_target(out)
    set_seed(settings.seed, settings.threads)
    manifest = Manifest.load(start)
    versions = [Manifest.load(teacher).version for teacher in teachers]
    settings = replace(settings, window_tokens=manifest.window_tokens)
    data = load_training_data(UserData(()), settings, console)
    tokenizer = Tokenizer.from_file(str(start / TOKENIZER_NAME))
    student = make_student(unpack(start / ENCODER_NAME, manifest.marks), layers)
    run = RunFolder.beside(out)
    digest = run.write_inputs(str(start), settings, data.train, data.held_out)
    encoders = [Encoder.load(t, settings.window_tokens, student.marks) for t in teachers]
    keys = [theme.key for theme in data.themes]
    with Progress(console=console) as progress:
        articles = progress.track(list(_articles(data, texts)), description="教师打分")
        lessons = list(_gather(articles, keys, tokenizer, encoders, settings))
        fitting = progress.add_task("蒸馏", total=None)
        losses = distil(
            student, lessons, settings,
            lambda step, n, _: progress.update(fitting, completed=step, total=n),
        )  # fmt: skip
    held_out = make_examples(data.held_out, keys, tokenizer, settings.window_tokens)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        made = make_model(
            student, tokenizer, data, held_out, folder, base=manifest.base, settings=settings,
            digest=digest,
            extra_metrics={"layers": list(layers), "teachers": versions},
        )  # fmt: skip
        run.write_results(made.metrics, losses, student)
        replace_model(folder, out)
    console.print(f"完成：{out}（{made.version}）；训练记录：{run.path}")
    return made


def _gather(
    articles: Iterable[tuple[LabelledArticle, bool]],
    themes: Sequence[str],
    tokenizer: Tokenizer,
    teachers: Sequence[Encoder],
    settings: Settings,
) -> Iterator[Lesson]:
    for article, is_labelled in articles:
        with suppress(InputError):  # texts that are too short are skipped
            yield make_lesson(
                article, themes, tokenizer, teachers, settings, is_labelled=is_labelled
            )


def _articles(data: TrainingData, texts: Sequence[Path]) -> Iterator[tuple[LabelledArticle, bool]]:
    """Yield articles and whether they are labelled, without held-out ones and their twins."""
    yield from ((article, True) for article in data.train)
    known_ids = {article.id for article in (*data.train, *data.held_out)}
    unlabelled = [(name, text) for name, text in read_texts(tuple(texts)) if name not in known_ids]
    held_out = [article.text for article in data.held_out]
    twins = find_known([text for _, text in unlabelled], held_out)
    for (name, text), twin in zip(unlabelled, twins, strict=True):
        if twin is None:
            yield LabelledArticle(name, text, "unlabelled", frozenset()), False


def main(
    start: Annotated[Path, typer.Argument(help="The model folder whose layers the student keeps.")],
    out: Annotated[Path, typer.Argument(help="The new model folder.")],
    texts: Annotated[
        list[Path], typer.Argument(help="JSON Lines of real articles without labels.")
    ],
    teacher: Annotated[
        list[Path] | None, typer.Option(help="A teacher's model folder; may be repeated.")
    ] = None,
    layers: Annotated[str, typer.Option(help="Layers to keep, separated by commas.")] = ",".join(
        map(str, LAYERS)
    ),
    settings: Annotated[
        Path | None, typer.Option(help="TOML file that overrides settings.")
    ] = None,
) -> None:
    """Distil a model into one of fewer layers."""
    distil_model(
        start, out, texts, teacher or [start], [int(i) for i in layers.split(",")],
        read_settings(settings, DEFAULTS), Console(),
    )  # fmt: skip


if __name__ == "__main__":
    run_command(main)
