"""Doubt: figures whose signs were read off a picture with little confidence.

Such a row stays in the report, marked, and is compared with the original before it is used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from model.article import Article
from model.report import Figure
from model.spans import Span

_N_SHOWN = 5


def mark_doubtful(article: Article, figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """Return the figures, marked where their number or their year is doubtful."""
    if not article.doubtful:
        return tuple(figures)
    return tuple(replace(f, doubtful=_is_doubtful(article, f)) for f in figures)


def warn_of_doubt(figures: Sequence[Figure]) -> tuple[str, ...]:
    """Return a warning in Chinese that names the doubtful figures, if there are any."""
    doubtful = [figure for figure in figures if figure.doubtful]
    if not doubtful:
        return ()
    names = "、".join(figure.indicator + figure.text for figure in doubtful[:_N_SHOWN])
    more = "等" if len(doubtful) > _N_SHOWN else ""
    return (f"有 {len(doubtful)} 个数字识别把握不大，已标“待核”，请先对照原件：{names}{more}",)


def _is_doubtful(article: Article, figure: Figure) -> bool:
    if any(_overlap(span, figure.span) for span in article.doubtful):
        return True
    if figure.year is None:
        return False
    at = figure.span.start
    own = next((s for s in article.sentences if s.start <= at < s.end), figure.span)
    year = str(figure.year)
    return any(
        _overlap(span, own) and year.endswith(span.of(article.text)) for span in article.doubtful
    )


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
