"""Key figures: candidates from a grammar, guards against look-alikes, then reading."""

from __future__ import annotations

from model.article import Article, Span
from model.figures.candidates import Candidate, find_candidates
from model.figures.guards import is_figure
from model.figures.indicator import find_indicator
from model.figures.reading import read_kind, read_year
from model.report import Figure


def find_figures(article: Article) -> tuple[Figure, ...]:
    """Find the key figures of an article, in order of the text."""
    sentences = iter(article.sentences)
    sentence = next(sentences, None)
    figures = []
    for candidate in find_candidates(article.text):
        while sentence is not None and sentence.end <= candidate.start:
            sentence = next(sentences, None)
        if sentence is not None and is_figure(article.text, candidate):
            figures.append(_read(article, candidate, sentence))
    return tuple(figures)


def _read(article: Article, candidate: Candidate, sentence: Span) -> Figure:
    text = article.text
    own_year = int(article.date[:4]) if article.date else None
    year = read_year(text, candidate, sentence.start, own_year)
    indicator = find_indicator(text, candidate, sentence.start)
    return Figure(
        text=text[candidate.start : candidate.end],
        indicator=indicator.of(text) if indicator else "",
        value=candidate.value,
        unit=candidate.unit,
        kind=read_kind(text, candidate, sentence.start, own_year),
        bound=candidate.bound,
        year=year,
        span=Span(candidate.start, candidate.end),
        sentence=sentence.of(text),
    )
