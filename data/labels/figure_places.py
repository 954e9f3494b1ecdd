"""Places of what people wrote of a figure: users' labels as the rows that the reading head learns.

A label says in words what is measured and whose it is; the head points at places. Words that the
text does not have, people may write too; of those nothing is learned.
"""

from __future__ import annotations

from data.corpus.figure_rows import FigureRow, Place, RowArticle
from data.labelled import LabelledArticle, LabelledFigure

# What a figure measures stands near it; whose it is may be said at the top.
BEFORE_CHARS, BEHIND_CHARS = 300, 80
_MIN_PART = 2


def to_row_article(labelled: LabelledArticle) -> RowArticle | None:
    """Return an article's figures as rows with places, None where no figures were marked."""
    if labelled.figures is None:
        return None
    rows = tuple(_to_row(figure, labelled.text) for figure in labelled.figures)
    return RowArticle(labelled.id, labelled.text, labelled.date, rows)


def _to_row(figure: LabelledFigure, text: str) -> FigureRow:
    at = (figure.start, figure.end)
    body = _find_nearest(text, figure.body, at) if figure.body else None
    return FigureRow(
        at=at,
        is_sure=True,
        kind=figure.kind,
        bound=figure.bound,
        year=figure.year,
        indicator=_find_parts(text, figure.indicator, at),
        body=body,
        is_body_known=figure.body == "" or body is not None,
    )


def _find_parts(text: str, indicator: str, at: Place) -> tuple[Place, ...]:
    """Find an indicator near a figure, whole or as two parts; nothing where it has other words."""
    low, high = max(0, at[0] - BEFORE_CHARS), at[1] + BEHIND_CHARS
    near, own = text[low:high], (at[0] - low, at[1] - low)
    if whole := _find_nearest(near, indicator, own):
        return (_move(whole, low),)
    for cut in range(len(indicator) - _MIN_PART, _MIN_PART - 1, -1):
        first = _find_nearest(near, indicator[:cut], own)
        second = _find_nearest(near, indicator[cut:], own)
        if first and second:
            return (_move(first, low), _move(second, low))
    return ()


def _find_nearest(text: str, words: str, at: Place) -> Place | None:
    """Return the place of words nearest to a figure: the last before it, else the first behind."""
    if not words:
        return None
    start = text.rfind(words, 0, at[0])
    if start < 0:
        start = text.find(words, at[1])
    return (start, start + len(words)) if start >= 0 else None


def _move(place: Place, by: int) -> Place:
    return (place[0] + by, place[1] + by)
