"""Rows fit to file: the second set's figures, cell by cell, with intervals.

`python -m eval.studies.filed_rows MODEL... [--fresh] [--learned]`

A row is found where its place in the text is; it is fit to file where every cell could be left as
it is. Texts are looked up by `YIWEN_TEXTS`. With `--fresh` the articles are 70 of the collections
that the reading head learned from, whose rows it did not see; with `--learned` they are those that
it was trained on: what it has learned by heart, not what it can do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from data.characters import strip_punctuation
from data.command import run_command
from data.corpus.figure_rows import FRESH_FOLDER, ROWS_FOLDER, FigureRow, RowArticle, resolve_rows
from eval.measuring.bootstrap import draw_rows
from model import Analyzer, Article, Figure, InputError
from model.arrays import FloatArray

CELLS = ("indicator", "body", "kind", "bound", "year")
# Share of common characters from which an indicator can stay as it is, and how much longer it may
# be than one that it holds.
INDICATOR_LIKENESS, MORE_CHARS = 0.7, 8
_MIN_NAME_CHARS = 3


@dataclass(frozen=True)
class MarkedArticle:
    """Cells of one article's sure rows that were found, (rows, cells); how many were not."""

    cells: FloatArray
    n_missed: int
    n_extra: int


def mark_rows(
    article: Article, rows: Sequence[FigureRow], figures: Sequence[Figure]
) -> MarkedArticle:
    """Mark the figures of an article against its rows."""
    free = [(article.to_raw(figure.span), figure) for figure in figures]
    marked, n_missed = [], 0
    for row in sorted(rows, key=lambda row: not row.is_sure):
        start, end = row.at
        near = [one for one in free if one[0].start < end and start < one[0].end]
        if near:
            free.remove(near[0])
        if row.is_sure:
            n_missed += not near
            marked += [list(_mark_cells(article, row, figure)) for _, figure in near[:1]]
    return MarkedArticle(np.array(marked).reshape(-1, len(CELLS)), n_missed, len(free))


def _mark_cells(article: Article, row: FigureRow, figure: Figure) -> Iterator[bool]:
    raw = article.raw
    yield fits_indicator(figure.indicator, "".join(raw[a:b] for a, b in row.indicator))
    name = raw[slice(*row.body)] if row.body else None
    yield not row.is_body_known or fits_body(figure.body, name, figure.indicator)
    yield figure.kind == row.kind
    yield figure.bound == row.bound
    yield row.year is None or figure.year == row.year


def fits_indicator(found: str, expected: str) -> bool:
    """Whether a monitor could leave an indicator that was filed in other words."""
    one, other = strip_punctuation(found), strip_punctuation(expected)
    common = (Counter(one) & Counter(other)).total()
    is_like = 2 * common >= INDICATOR_LIKENESS * (len(one) + len(other))
    return bool(one) and (is_like or (other in one and len(one) <= len(other) + MORE_CHARS))


def fits_body(found: str | None, expected: str | None, indicator: str) -> bool:
    """Whether a body's name is the expected one, or the end of it, or ends with it."""
    if expected is None or not found:
        return not found and (expected is None or expected in indicator)
    is_end = expected.endswith(found) and len(found) >= _MIN_NAME_CHARS
    return found == expected or is_end or found.endswith(expected)


def measure(analyzer: Analyzer, articles: Sequence[RowArticle]) -> dict[str, FloatArray]:
    """Return the share of rows right in each cell, of rows found and of whole rows, with ends."""
    marked = []
    for one in track(articles, console=Console(stderr=True)):
        article = Article.from_raw(one.text, id=one.id, date=one.date)
        marked.append(mark_rows(article, one.rows, analyzer.analyze(article).figures))
    samples = [_shares(marked)]
    samples += [_shares([marked[i] for i in rows]) for rows in draw_rows(len(marked))]
    table = np.array(samples)
    ends = np.quantile(table[1:], [0.025, 0.975], axis=0)
    names = ("found (F1)", *CELLS, "whole row")
    return {name: np.array([table[0, i], *ends[:, i]]) for i, name in enumerate(names)}


def _shares(marked: Sequence[MarkedArticle]) -> list[float]:
    cells = np.concatenate([one.cells for one in marked])
    n_missed, n_extra = (sum(getattr(one, n) for one in marked) for n in ("n_missed", "n_extra"))
    found = 2 * len(cells) / max(2 * len(cells) + n_missed + n_extra, 1)
    whole = cells.all(axis=1).sum() / max(len(cells) + n_missed, 1)
    return [found, *(cells.mean(axis=0) if len(cells) else np.zeros(len(CELLS))), float(whole)]


def main(
    models: Annotated[list[Path], typer.Argument(metavar="MODEL...", help="model folders")],
    fresh: Annotated[bool, typer.Option("--fresh", help="rows left out of training")] = False,
    learned: Annotated[bool, typer.Option("--learned", help="rows that were learned from")] = False,
) -> None:
    """Measure rows of figures on articles of sources that no model was trained on."""
    articles, n_missing = resolve_rows(
        FRESH_FOLDER if fresh else ROWS_FOLDER, second=not (fresh or learned)
    )
    if n_missing or not articles:
        raise InputError(f"有 {n_missing} 篇的原文不在手边（见 YIWEN_TEXTS）")
    n_rows = sum(row.is_sure for article in articles for row in article.rows)
    table = Table("", title=f"{len(articles)} 篇，{n_rows} 行")
    columns = []
    for folder in models:
        analyzer = Analyzer.load(folder)
        table.add_column(analyzer.manifest.version)
        columns.append(measure(analyzer, articles))
    for name in columns[0]:
        shown = (column[name] for column in columns)
        table.add_row(name, *(f"{v:.3f} [{low:.3f}, {high:.3f}]" for v, low, high in shown))
    Console(width=120).print(table)


if __name__ == "__main__":
    run_command(main)
