"""Predictions: the output of any system for an article, in the one form that is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from data.gold import GoldArticle
from model import Analyzer, Article, Figure, Report


@dataclass(frozen=True)
class Prediction:
    """A system's output for one article.

    `scores` are probabilities by theme; `review` names the themes that a person should check.
    `text` is the cleaned text, from which `figures` and `summary` are made.
    """

    text: str
    themes: frozenset[str] = frozenset()
    scores: Mapping[str, float] = field(default_factory=dict)
    review: frozenset[str] = frozenset()
    primary: str | None = None
    figures: tuple[Figure, ...] = ()
    summary: str = ""


def clean_gold(gold: GoldArticle) -> Article:
    """Clean a gold article's text as serving does."""
    return Article.from_raw(
        gold.text, id=gold.id, title=gold.title, date=gold.date, source=gold.source
    )


def predict(
    analyzer: Analyzer, articles: Sequence[Article], advance: Callable[[], None] | None = None
) -> list[Prediction]:
    """Analyse articles exactly as serving does; `advance` is called after each."""
    predictions = []
    for report in analyzer.analyze_many(articles):
        predictions.append(_to_prediction(report))
        if advance is not None:
            advance()
    return predictions


def _to_prediction(report: Report) -> Prediction:
    return Prediction(
        text=report.article.text,
        themes=frozenset(theme.theme for theme in report.themes),
        scores=report.scores,
        review=frozenset(report.review),
        primary=report.primary,
        figures=report.figures,
        summary=report.summary.text,
    )
