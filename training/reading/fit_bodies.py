"""`python -m training.reading.fit_bodies MODEL`: how much the cast and the reading head count.

Weights of `model.figures.body`, fitted to the bodies of labelled rows that the model's head did not
learn from: the fresh ones and those of the second set. With `--leave-out` each of the two is
measured with weights of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from scipy.optimize import minimize

from data.command import run_command
from data.corpus.body_rows import is_near
from data.corpus.figure_rows import FRESH_FOLDER, RowArticle, resolve_rows
from model import Analyzer, Article, InputError
from model.arrays import BoolArray, FloatArray
from model.figures.body import TABLE, describe
from model.figures.find import draft_figures
from model.figures.reading.reader import FigureReader
from training.fitting.log_linear import write_weights
from training.reading.examples import match_rows

FEATURES = ("read", "cast", "begun", "not in the cast", "nobody", "nobody read", "nobody cast")
_START = np.array([0.5, 0.5, *(0.0,) * (len(FEATURES) - 2)])
_PENALTY = 0.01


@dataclass(frozen=True)
class BodyChoice:
    """The names that a figure may have, nobody last: (names, FEATURES), and which are right."""

    features: FloatArray
    is_right: BoolArray


def body_choices(
    analyzer: Analyzer, reader: FigureReader, found: RowArticle
) -> Iterator[BodyChoice]:
    """Return the choices of an article's sure rows whose body is known."""
    article = Article.from_raw(found.text, id=found.id, date=found.date)
    drafts = draft_figures(article, reader, analyzer.encode(article).tokens)
    rows = match_rows(article, found.rows, [draft.figure.span for draft in drafts])
    for number, row in rows.items():
        reading = drafts[number].reading
        if row.is_sure and row.is_body_known and reading:
            body = found.text[slice(*row.body)] if row.body else None
            described = list(describe(drafts[number].votes, reading.names))
            table = [[features.get(f, 0.0) for f in FEATURES] for _, features in described]
            right = [
                body is None if name is None else body is not None and is_near(name, body)
                for name, _ in described
            ]
            yield BodyChoice(np.array(table), np.array(right))


def fit_pool(choices: Sequence[BodyChoice]) -> FloatArray:
    """Return the weights, in the order of `FEATURES`, that make right names likeliest."""
    known = [choice for choice in choices if choice.is_right.any()]

    def loss(weights: FloatArray) -> float:
        total = 0.0
        for choice in known:
            scores = choice.features @ weights
            likely = np.exp(scores - scores.max())
            total -= float(np.log(likely[choice.is_right].sum() / likely.sum() + 1e-9))
        return total / len(known) + _PENALTY * float(weights @ weights)

    fitted: FloatArray = minimize(loss, _START, method="L-BFGS-B").x
    return fitted


def measure(choices: Sequence[BodyChoice], weights: FloatArray) -> tuple[float, float]:
    """Return the shares of figures whose body is right, and that have a wrong name."""
    taken = [int(np.argmax(choice.features @ weights)) for choice in choices]
    pairs = list(zip(choices, taken, strict=True))
    right = [bool(choice.is_right[i]) for choice, i in pairs]
    wrong = [not choice.is_right[i] and i < len(choice.is_right) - 1 for choice, i in pairs]
    return float(np.mean(right)), float(np.mean(wrong))


def main(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="the model folder")],
    out: Annotated[Path, typer.Option(help="where the weights go")] = TABLE,
    leave_out: Annotated[bool, typer.Option("--leave-out", help="measure, write nothing")] = False,
) -> None:
    """Fit the weights and write them."""
    console, analyzer, reader = Console(), Analyzer.load(model), FigureReader.load(model)
    parts = {"fresh": resolve_rows(FRESH_FOLDER)[0], "second": resolve_rows(second=True)[0]}
    if not all(parts.values()):
        raise InputError("手边没有一篇标注了数字的文章（见 YIWEN_TEXTS）", code="no_articles")
    choices = {
        name: [one for found in track(part, name) for one in body_choices(analyzer, reader, found)]
        for name, part in parts.items()
    }
    if leave_out:
        for name, other in (("fresh", "second"), ("second", "fresh")):
            right, wrong = measure(choices[name], fit_pool(choices[other]))
            console.print(
                f"{name}: {len(choices[name])} rows, {right:.3f} right, {wrong:.3f} wrong"
            )
        return
    weights = fit_pool([choice for part in choices.values() for choice in part])
    fitted = dict(zip(FEATURES, map(float, weights), strict=True))
    write_weights(out, {"weight": fitted})
    console.print(f"{fitted}: {out}")


if __name__ == "__main__":
    run_command(main)
