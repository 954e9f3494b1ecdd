"""The main figure: the one that a summary is built around."""

from __future__ import annotations

from collections.abc import Sequence

from model.report import Figure, Summary
from model.summary.choice.chooser import Told

# A value reached counts for more than a planned one; what a statement starts from is never it.
_KIND_SHARE = {"level": 1.0, "change": 1.0, "target": 0.8}


def find_main_figure(figures: Sequence[Figure], told: Told, summary: Summary) -> Figure | None:
    """Return the likeliest told figure in the summary; without any there, in the article."""
    own = [figure for figure in figures if figure.kind in _KIND_SHARE]
    kept = [span for excerpt in summary.sentences for span in excerpt.kept]
    inside = [
        figure
        for figure in own
        if any(s.start <= figure.span.start and figure.span.end <= s.end for s in kept)
    ]

    def worth(figure: Figure) -> float:
        n_chars = figure.span.end - figure.span.start
        return _KIND_SHARE[figure.kind] * told.of(figure.span) / n_chars

    return max(inside or own, key=worth, default=None)
