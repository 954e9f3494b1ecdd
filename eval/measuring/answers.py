"""Answers: what a system says of an article, in the one shape that everything here measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from data.gold import GoldArticle
from model import Analyzer, Article, Figure


@dataclass(frozen=True)
class Answer:
    """What a system says of one article.

    `scores` are probabilities by theme; `review` names the themes that it sends to a person.
    `text` is the cleaned text that `figures` and `summary` are made from.
    """

    text: str
    themes: frozenset[str] = frozenset()
    scores: Mapping[str, float] = field(default_factory=dict)
    review: frozenset[str] = frozenset()
    primary: str | None = None
    figures: tuple[Figure, ...] = ()
    summary: str = ""


def to_article(gold: GoldArticle) -> Article:
    """Clean a gold article's text as serving does."""
    return Article.from_raw(
        gold.text, id=gold.id, title=gold.title, date=gold.date, source=gold.source
    )


def ask_model(analyzer: Analyzer, articles: Sequence[Article]) -> list[Answer]:
    """Analyse articles exactly as serving does."""
    return [
        Answer(
            text=report.article.text,
            themes=frozenset(theme.theme for theme in report.themes),
            scores=report.scores,
            review=frozenset(report.review),
            primary=report.primary,
            figures=report.figures,
            summary=report.summary.text,
        )
        for report in analyzer.analyze_many(articles)
    ]
