"""`Report`: what Yiwen says of an article, and its JSON form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from model.article import Article, Span

SCORE_DIGITS = 4


@dataclass(frozen=True)
class Theme:
    """A theme that an article holds; `score` is a calibrated probability.

    `evidence` are the sentences that carry it, in order of the text.
    """

    theme: str
    name: str
    score: float
    evidence: tuple[Span, ...]


@dataclass(frozen=True)
class Figure:
    """A key figure; the fields are those of the label definitions.

    `value` is in base units and has two entries for a range; `span` covers `text`. `body` is
    whom it is about (a hospital, a county), `base` what a change is compared with; both in the
    text's own words, None where it does not say.
    """

    text: str
    indicator: str
    value: tuple[float, ...]
    unit: str
    kind: str
    bound: str
    year: int | None
    span: Span
    sentence: str
    body: str | None = None
    base: str | None = None

    @property
    def shown_value(self) -> float | int | list[float | int]:
        """The value as JSON and tables show it: whole numbers without a point."""
        ends = [int(v) if v == int(v) else v for v in self.value]
        return ends[0] if len(ends) == 1 else ends


@dataclass(frozen=True)
class Summary:
    """Sentences of the article, in its order; `text` joins them."""

    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True)
class Report:
    """What was found in one article.

    `scores` holds the calibrated probability of every theme, `review` the themes too close to
    call, `model` the version that said so.
    """

    article: Article
    themes: tuple[Theme, ...]
    scores: dict[str, float]
    primary: str | None
    review: tuple[str, ...]
    figures: tuple[Figure, ...]
    summary: Summary
    warnings: tuple[str, ...]
    model: str

    def to_dict(self) -> dict[str, Any]:
        """Return the report as it is written in JSON."""
        article = self.article
        return {
            "id": article.id,
            "source": article.source or None,
            "title": article.title or None,
            "date": article.date or None,
            "text": article.text,
            "themes": [_theme(t, article) for t in self.themes],
            "scores": {k: round(v, SCORE_DIGITS) for k, v in self.scores.items()},
            "primary": self.primary,
            "review": list(self.review),
            "figures": [_figure(f, article) for f in self.figures],
            "summary": {
                "text": self.summary.text,
                "sentences": [{"start": s.start, "end": s.end} for s in self.summary.sentences],
            },
            "warnings": list(self.warnings),
            "model": self.model,
        }


def _theme(theme: Theme, article: Article) -> dict[str, Any]:
    return {
        "theme": theme.theme,
        "name": theme.name,
        "score": round(theme.score, SCORE_DIGITS),
        "evidence": [
            {
                "start": span.start,
                "end": span.end,
                "text": span.of(article.text),
                "speaker": article.speaker_of(span),
            }
            for span in theme.evidence
        ],
    }


def _figure(figure: Figure, article: Article) -> dict[str, Any]:
    return {
        "text": figure.text,
        "indicator": figure.indicator,
        "value": figure.shown_value,
        "unit": figure.unit,
        "kind": figure.kind,
        "bound": figure.bound,
        "year": figure.year,
        "start": figure.span.start,
        "end": figure.span.end,
        "sentence": figure.sentence,
        "speaker": article.speaker_of(figure.span),
        "body": figure.body,
        "base": figure.base,
    }
