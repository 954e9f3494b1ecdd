"""Points: the second form of a summary, up to six lines, each one fact with its place."""

from __future__ import annotations

import math
from collections.abc import Sequence

from model.article import Article
from model.report import Figure, Point
from model.spans import Span
from model.summary.choose import Option
from model.summary.desk import Desk
from model.summary.parts import heading_of
from model.summary.worth import find_repeated

MAX_POINTS = 6
MAX_POINT_CHARS = 80
_FIGURE_SHARE = 2.0
_LEAST_SHARE = 0.04  # of what the best line is worth
_MAX_REPEATED = 0.35


def choose_points(desk: Desk, figures: Sequence[Figure]) -> tuple[Point, ...]:
    """Choose the likeliest told sentences, each shortened to one fact that stands alone.

    Args:
        desk: the article's options; the sentences are those that its summary was chosen from.
        figures: the key figures.
    """
    taken = _choose(desk, figures)
    while desk.find_seams(taken):
        taken = _choose(desk, figures)
    return tuple(_make(desk.article, taken[row], figures) for row in sorted(taken))


def _choose(desk: Desk, figures: Sequence[Figure]) -> dict[int, Option]:
    """Of the likeliest told sentences, the best of each part of the page, then the best of all."""
    best = {row: o for row in tuple(desk.made) if (o := _densest(desk.options(row)))}
    worth = {row: _worth(option, figures) for row, option in best.items()}
    least = _LEAST_SHARE * max(worth.values(), default=0.0)
    order = [row for row in sorted(best, key=lambda row: -worth[row]) if worth[row] >= least]
    order = _lead_parts(desk.article, order)[: 2 * MAX_POINTS]
    repeated = find_repeated({row: best[row].words for row in order})
    taken: list[int] = []
    for row in order:
        said = max((repeated[row].get(other, 0.0) for other in taken), default=0.0)
        if said < _MAX_REPEATED and len(taken) < MAX_POINTS:
            taken.append(row)
    return {row: best[row] for row in taken}


def _lead_parts(article: Article, order: Sequence[int]) -> list[int]:
    """Put the first of each part before all others."""
    heads = {row: heading_of(article, article.block_of(row)) for row in order}
    first = {id(heads[row]): row for row in reversed(order)}.values()
    return sorted(order, key=lambda row: (row not in first, order.index(row)))


def _worth(option: Option, figures: Sequence[Figure]) -> float:
    """What a line tells, long ones for less; one with a figure for more."""
    share = _FIGURE_SHARE if _find_figure(option, figures) else 1.0
    return share * option.gain / math.sqrt(option.version.n_chars)


def _densest(options: Sequence[Option]) -> Option | None:
    """The version that tells most, among those that fit a line and need nothing before them."""
    own = [
        option
        for option in options
        if not option.needs and option.version.n_chars <= MAX_POINT_CHARS and option.gain > 0
    ]
    return max(own, key=lambda option: option.gain, default=None)


def _find_figure(option: Option, figures: Sequence[Figure]) -> Figure | None:
    kept = option.version.excerpt.kept
    own = (
        figure
        for figure in figures
        if figure.kind != "from"
        and any(s.start <= figure.span.start and figure.span.end <= s.end for s in kept)
    )
    return next(own, None)


def _make(article: Article, option: Option, figures: Sequence[Figure]) -> Point:
    kept = option.version.excerpt.kept
    head = heading_of(article, article.block_of(option.row))
    return Point(
        option.words,
        Span(kept[0].start, kept[-1].end),
        _find_figure(option, figures),
        head.span.of(article.text) if head else None,
    )
