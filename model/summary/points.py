"""Points: the second form of a summary, up to six lines, each one fact with its place."""

from __future__ import annotations

from collections.abc import Sequence

from model.article import Article
from model.report import Figure, Point
from model.spans import Span
from model.summary.choose import Option
from model.summary.worth import find_repeated

MAX_POINTS = 6
MAX_POINT_CHARS = 80
_MAX_REPEATED = 0.35


def choose_points(
    options: dict[int, list[Option]],
    article: Article,
    figures: Sequence[Figure],
) -> tuple[Point, ...]:
    """Choose the likeliest told sentences, each shortened to one fact that stands alone.

    Args:
        options: the options of each sentence.
        article: the article.
        figures: the key figures.
    """
    best = {row: option for row, some in options.items() if (option := _densest(some))}
    order = sorted(best, key=lambda row: -best[row].gain)[: 2 * MAX_POINTS]
    repeated = find_repeated(article, order)
    taken: list[int] = []
    for row in order:
        said = max((repeated[row].get(other, 0.0) for other in taken), default=0.0)
        if said < _MAX_REPEATED and len(taken) < MAX_POINTS:
            taken.append(row)
    return tuple(_make(best[row], figures) for row in sorted(taken))


def _densest(options: Sequence[Option]) -> Option | None:
    """The version that tells most, among those that fit a line and need nothing before them."""
    own = [
        option
        for option in options
        if not option.needs and option.version.n_chars <= MAX_POINT_CHARS and option.gain > 0
    ]
    return max(own, key=lambda option: option.gain, default=None)


def _make(option: Option, figures: Sequence[Figure]) -> Point:
    kept = option.version.excerpt.kept
    own = (
        figure
        for figure in figures
        if figure.kind != "from"
        and any(s.start <= figure.span.start and figure.span.end <= s.end for s in kept)
    )
    return Point(option.words, Span(kept[0].start, kept[-1].end), next(own, None))
