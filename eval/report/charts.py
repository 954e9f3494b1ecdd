"""Charts as SVG text: reliability and precision–recall curves; captions are in the template."""

from __future__ import annotations

import io
from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve

from eval.measuring.measures import known_scores, reliability
from eval.measuring.scoresheet import Scoresheet

COLOURS = ("#2563eb", "#059669", "#d97706", "#dc2626", "#7c3aed", "#0891b2", "#4b5563", "#be185d")
ALL_COLOUR = "#111827"
_SIZE_INCHES = (4.2, 3.4)


def colour_of(theme: int) -> str:
    """Return the colour that a theme has in every chart and legend."""
    return COLOURS[theme % len(COLOURS)]


def draw_reliability(sheet: Scoresheet) -> str:
    """Draw mean score against the share of true labels, by theme and for all labels together."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color="#9ca3af", linewidth=1, linestyle="--")
        for theme in range(sheet.expected.shape[1]):
            bins = reliability(sheet, theme)
            axes.plot(
                [b.score for b in bins], [b.share for b in bins],
                color=colour_of(theme), linewidth=1, marker=".", alpha=0.6,
            )  # fmt: skip
        every = reliability(sheet)
        axes.plot([b.score for b in every], [b.share for b in every], color=ALL_COLOUR, marker="o")

    return _draw(draw)


def draw_precision_recall(sheet: Scoresheet) -> str:
    """Draw precision against recall for every theme."""

    def draw(axes: Axes) -> None:
        for theme in range(sheet.expected.shape[1]):
            expected, scores = known_scores(sheet, theme)
            if expected.any():
                precision, recall, _ = precision_recall_curve(expected, scores)
                axes.step(recall, precision, where="post", color=colour_of(theme))

    return _draw(draw)


def _draw(draw: Callable[[Axes], None]) -> str:
    figure = Figure(figsize=_SIZE_INCHES, layout="tight")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    draw(axes)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.25)
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]
