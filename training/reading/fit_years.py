"""`python -m training.reading.fit_years`: weights of what says which year a figure is of.

A log-linear model over the features of `model.figures.year`, fitted to the years of labelled rows
(`data/pointers/rows`). Each article is read with its date and without: a year that neither the
text nor the date gives is None's. It prints how often the weights are right on rows that they were
not fitted to: the fresh ones and those of the second set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from data.command import run_command
from data.corpus.figure_rows import FRESH_FOLDER, RowArticle, resolve_rows
from model import Article, InputError
from model.figures.find import place_figures
from model.figures.year import TABLE
from model.log_linear import Weights, choose
from training.fitting.log_linear import Example, LogLinearSettings, fit_weights, write_weights
from training.reading.examples import match_rows

SETTINGS = LogLinearSettings(penalty=0.0005, steps=300, least_seen=15)


@dataclass(frozen=True)
class DatedFigure:
    """A labelled figure: the features of the years that it may have, and the right one."""

    candidates: dict[int | None, set[str]]
    year: int | None


def dated_figures(found: RowArticle, date: str) -> Iterator[DatedFigure]:
    """Read the sure rows of an article as if it had been published at a date, or at none."""
    try:
        article = Article.from_raw(found.text, id=found.id, date=date)
    except InputError:
        return
    reader, places = place_figures(article)
    rows = match_rows(article, found.rows, [place.candidate for place in places])
    for number, row in rows.items():
        candidates = reader.candidates(places[number])
        is_said = row.year in candidates
        if row.is_sure and (is_said or not article.date):
            yield DatedFigure(candidates, row.year if is_said else None)


def make_examples(articles: list[RowArticle]) -> Iterator[Example]:
    """Return the choices that labelled articles teach; rows of a year out of reach teach none."""
    for article in articles:
        for date in sorted({article.date, ""}):
            for figure in dated_figures(article, date):
                ones = figure.candidates.items()
                yield [(features, year == figure.year) for year, features in ones]


def measure(figures: Sequence[DatedFigure], weights: Weights) -> str:
    """Say how many figures with a year, and how many without one, get the right answer."""
    parts = []
    for what, has_year in (("with a year", True), ("without one", False)):
        own = [figure for figure in figures if (figure.year is not None) is has_year]
        n_right = sum(choose(figure.candidates, weights) == figure.year for figure in own)
        parts.append(f"{n_right} of {len(own)} {what}")
    return ", ".join(parts)


def main(
    out: Annotated[Path, typer.Option(help="where the weights go")] = TABLE,
) -> None:
    """Fit the weights and write them."""
    articles, _ = resolve_rows()
    if not articles:
        raise InputError("手边没有一篇标注了数字的文章（见 YIWEN_TEXTS）", code="no_articles")
    weights = fit_weights(list(make_examples(articles)), SETTINGS)
    n_features = write_weights(out, {"weight": weights})
    console = Console()
    console.print(f"{len(articles)} articles, {n_features} features: {out}")
    others = {"fresh": resolve_rows(FRESH_FOLDER)[0], "second": resolve_rows(second=True)[0]}
    for name, part in others.items():
        for is_dated in (True, False):
            own = [article for article in part if bool(article.date) is is_dated]
            figures = [one for article in own for one in dated_figures(article, article.date)]
            kind = "dated" if is_dated else "undated"
            console.print(f"{name}, {kind}: {measure(figures, Weights(weights))}")


if __name__ == "__main__":
    run_command(main)
