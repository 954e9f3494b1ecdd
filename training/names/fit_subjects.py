"""`python -m training.names.fit_subjects`: weights of what says whom a sentence or figure is about.

A log-linear model (Berger and others 1996) over the yes-or-no features of
`model.names.subjects`, fitted to the bodies of labelled rows (`data/pointers/rows`) of the articles
that rules may be written from; every candidate that goes by the right name counts as right.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from data.command import run_command
from data.corpus.body_rows import BodyArticle, body_articles, is_near
from model.names import read_cast
from model.names.subjects import NOBODY, OF_FIGURE, OF_SENTENCE, SubjectFinder, Target
from model.spans import Span
from training.fitting.log_linear import Example, LogLinearSettings, fit_weights, write_weights

TABLE = Path("model/names/subject_weights.tsv")
SETTINGS = LogLinearSettings()


def make_examples(found: BodyArticle, use: str) -> Iterator[Example]:
    """Return the candidates of each row of an article; rows without a right one are left out."""
    finder = read_cast(found.article).finder
    for row in found.rows:
        at = row.at.start if use == OF_FIGURE else found.article.sentences[row.number].end
        target = Target(row.number, at, use)
        example = [
            (frozenset(features), _is_right(found, finder, entity, at, row.body))
            for entity, features in finder.candidates(target).items()
        ]
        if any(is_right for _, is_right in example):
            yield example


def _is_right(
    found: BodyArticle, finder: SubjectFinder, entity: int, at: int, body: Span | None
) -> bool:
    span = finder.span_of(entity, at)
    if span is None or body is None:
        return entity == NOBODY and body is None
    return is_near(span.of(found.article.text), body.of(found.article.text))


def main(
    out: Annotated[Path, typer.Option(help="where the weights go")] = TABLE,
) -> None:
    """Fit the weights and write them."""
    articles = list(body_articles(("written",)))
    fitted = {
        use: fit_weights([one for found in articles for one in make_examples(found, use)], SETTINGS)
        for use in (OF_SENTENCE, OF_FIGURE)
    }
    n_features = write_weights(out, fitted)
    Console().print(f"{len(articles)} articles, {n_features} features: {out}")


if __name__ == "__main__":
    run_command(main)
