"""`python -m training.names.fit_subjects`: weights of what says whom a sentence or figure is about.

A log-linear model (Berger and others 1996) over the yes-or-no features of
`model.names.subjects`, fitted to the bodies of labelled rows (`data/pointers/rows`) of the articles
that rules may be written from; every candidate that goes by the right name counts as right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from data.command import run_command
from data.corpus.body_rows import BodyArticle, body_articles, is_near
from model.arrays import FloatArray, IntArray
from model.names import read_cast
from model.names.subjects import NOBODY, OF_FIGURE, OF_SENTENCE, SubjectFinder, Target
from model.spans import Span

TABLE = Path("model/names/subject_weights.tsv")
_PENALTY, _STEPS, _RATE = 0.001, 400, 0.5
_LEAST_SEEN = 4
# A target: the features of each candidate, and whether it is right.
Example = list[tuple[frozenset[str], bool]]


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


def fit(examples: Sequence[Example]) -> dict[str, float]:
    """Return the weights that make right candidates likeliest, by feature."""
    seen = Counter(f for example in examples for features, _ in example for f in features)
    number = {f: i for i, (f, n) in enumerate(sorted(seen.items())) if n >= _LEAST_SEEN}
    number = {feature: i for i, feature in enumerate(number)}
    rows, owners, right = _flatten(examples, number)
    weights = np.zeros(len(number), dtype=np.float64)
    squares = np.full(len(number), 1e-8)
    for _ in range(_STEPS):
        gradient = rows.T @ _errors(rows @ weights, owners, right, len(examples))
        gradient = gradient / len(examples) + _PENALTY * weights
        squares += gradient**2
        weights -= _RATE * gradient / np.sqrt(squares)
    return {feature: float(weights[i]) for feature, i in number.items()}


def _flatten(
    examples: Sequence[Example], number: dict[str, int]
) -> tuple[FloatArray, IntArray, FloatArray]:
    """All candidates in one matrix (candidates, features), whose each is, and which are right."""
    flat = [(n, *candidate) for n, example in enumerate(examples) for candidate in example]
    rows = np.zeros((len(flat), len(number)), dtype=np.float32)
    for i, (_, features, _) in enumerate(flat):
        rows[i, [number[f] for f in features if f in number]] = 1
    owners = np.array([n for n, _, _ in flat])
    return rows, owners, np.array([is_right for _, _, is_right in flat], dtype=np.float32)


def _errors(scores: FloatArray, owners: IntArray, right: FloatArray, n: int) -> FloatArray:
    """Probability of each candidate less its share among the right ones."""
    likely = np.exp(scores - scores.max())
    correct = likely * right
    errors: FloatArray = (
        likely / np.bincount(owners, likely, n)[owners]
        - correct / np.bincount(owners, correct, n)[owners]
    )
    return errors


def main(
    out: Annotated[Path, typer.Option(help="where the weights go")] = TABLE,
) -> None:
    """Fit the weights and write them."""
    articles = list(body_articles(("written",)))
    fitted = {
        use: fit([example for found in articles for example in make_examples(found, use)])
        for use in (OF_SENTENCE, OF_FIGURE)
    }
    features = sorted({feature for weights in fitted.values() for feature in weights})
    lines = ["feature\tsentence\tfigure"]
    for feature in features:
        cells = (f"{fitted[use].get(feature, 0.0):.2f}" for use in (OF_SENTENCE, OF_FIGURE))
        lines.append("\t".join((feature, *cells)))
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    Console().print(f"{len(articles)} articles, {len(features)} features: {out}")


if __name__ == "__main__":
    run_command(main)
