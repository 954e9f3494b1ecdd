"""Key figures: candidates from a grammar, guards against look-alikes, then reading."""

from __future__ import annotations

from collections.abc import Iterator

from model.article import Article, Span
from model.figures.base import find_base
from model.figures.body import BodyFinder
from model.figures.candidates import Candidate, find_candidates
from model.figures.consistency import find_conflicts
from model.figures.coordinated import find_groups
from model.figures.guards import is_figure
from model.figures.indicator import find_indicator, spread_indicators
from model.figures.kind import read_kind
from model.figures.year import read_year
from model.report import Figure

__all__ = ["find_conflicts", "find_figures"]


def find_figures(article: Article) -> tuple[Figure, ...]:
    """Find the key figures of an article, in order of the text."""
    bodies = BodyFinder(article.text, article.sentences)
    figures: list[Figure] = []
    for number, candidates in _by_sentence(article):
        sentence = article.sentences[number]
        figures += _read_sentence(article, sentence, candidates, bodies, number)
    return tuple(figures)


def _by_sentence(article: Article) -> Iterator[tuple[int, list[Candidate]]]:
    """The candidates that pass the guards, sentence by sentence."""
    number, held = 0, list[Candidate]()
    for candidate in find_candidates(article.text):
        at = number
        while at < len(article.sentences) and article.sentences[at].end <= candidate.start:
            at += 1
        if at != number and held:
            yield number, held
            held = []
        number = at
        if number == len(article.sentences):
            return
        if is_figure(article.text, candidate):
            held.append(candidate)
    if held:
        yield number, held


def _read_sentence(
    article: Article, sentence: Span, candidates: list[Candidate], bodies: BodyFinder, number: int
) -> list[Figure]:
    text = article.text
    own_year = int(article.date[:4]) if article.date else None
    names = _name_all(text, candidates, sentence.start)
    starts = _group_starts(text, candidates)
    figures: list[Figure] = []
    for candidate, name, start in zip(candidates, names, starts, strict=True):
        kind = read_kind(text, candidate, sentence.start, own_year)
        is_multiple = candidate.unit_class == "times"
        base = (
            find_base(text, start, sentence.start, times=is_multiple)
            if kind == "change" or is_multiple
            else None
        )
        body = bodies.find(candidate.start, number, own_only=_is_general(candidate, name))
        figures.append(
            Figure(
                text=text[candidate.start : candidate.end],
                indicator=name.of(text) if name else "",
                value=candidate.value,
                unit=candidate.unit,
                kind=kind,
                bound=candidate.bound,
                year=read_year(text, candidate, sentence.start, own_year),
                span=Span(candidate.start, candidate.end),
                sentence=sentence.of(text),
                body=body.of(text) if body else None,
                base=base.of(text) if base else None,
            )
        )
    return figures


def _name_all(text: str, candidates: list[Candidate], sentence_start: int) -> list[Span | None]:
    """The indicator of every candidate of a sentence; listed ones share or divide what is said."""
    names = [find_indicator(text, candidate, sentence_start) for candidate in candidates]
    spans = [(c.start, c.end) for c in candidates]
    for group in find_groups(text, spans):
        if len({candidates[i].unit for i in group}) == 1 and names[group[0]] is not None:
            listed = [Span(*spans[i]) for i in group]
            shared = spread_indicators(text, listed, names[group[0]], names[: group[0]])
            for i, name in zip(group, shared, strict=True):
                names[i] = name
    return names


def _group_starts(text: str, candidates: list[Candidate]) -> list[int]:
    """Where each candidate, or the first of those listed with it, starts."""
    starts = [c.start for c in candidates]
    for group in find_groups(text, [(c.start, c.end) for c in candidates]):
        for i in group:
            starts[i] = starts[group[0]]
    return starts


def _is_general(candidate: Candidate, name: Span | None) -> bool:
    """`70%的患者`: a share of what stands behind it is often a fact of medicine, not of a house."""
    return candidate.unit_class == "share" and name is not None and name.start >= candidate.end
