"""The main figure: the one that a summary must not do without."""

from __future__ import annotations

from collections.abc import Sequence

from model.report import Figure
from model.summary.worth import Worth

_KIND_WORTH = {"level": 0.5, "change": 0.5, "target": 0.2}


def find_main_figure(figures: Sequence[Figure], rows: Sequence[int], worth: Worth) -> Figure | None:
    """Return the figure whose sentence is worth most, a value reached before a planned one.

    What a statement only starts from (`from`) is never the main figure; of several in one
    sentence, the first counts.

    Args:
        figures: the key figures.
        rows: the sentence of each.
        worth: what the article's sentences are worth.
    """
    scored = [
        (float(worth.total[row]) + _KIND_WORTH[figure.kind], -i)
        for i, (figure, row) in enumerate(zip(figures, rows, strict=True))
        if figure.kind in _KIND_WORTH
    ]
    return figures[-max(scored)[1]] if scored else None
