"""Pictures of the atlas, drawn offline: bars of places for one indicator, years of one place.

There is no map: the outlines that packages carry come from map companies, whose leave to pass them
on is nowhere stated, and a published map of China needs a number of approval (审图号).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from model import InputError
from serving.atlas.pivot import PivotRow, Ranked
from serving.atlas.tables import show_cell
from serving.output.stats import label_fonts

SUFFIXES = (".png", ".svg", ".pdf")
_COLOUR, _QUIET = "#0b5cad", "#a3adb8"
_BAR_INCHES, _MIN_INCHES, _MAX_INCHES, _WIDTH_INCHES = 0.34, 2.5, 40.0, 9.0
_DPI = 150
_ROOM = 1.18
_MAX_LINES = 8


def draw_ranking(path: Path, ranked: Sequence[Ranked], title: str, unit: str) -> None:
    """Draw places as bars, the highest on top; a place with several values has a pale bar.

    Raises:
        InputError: there is nothing to draw, matplotlib or a Chinese font is missing, or the file
            cannot be written.
    """
    if not ranked:
        raise InputError("没有可画的数：这个指标、这一年没有记载")
    height = min(_MAX_INCHES, max(_MIN_INCHES, 1 + _BAR_INCHES * len(ranked)))
    figure, axes = _open(height)
    places = [one.place.name for one in ranked]
    values = [one.facts[0].compared[-1] for one in ranked]
    colours = [_COLOUR if len(one.facts) == 1 else _QUIET for one in ranked]
    bars = axes.barh(range(len(ranked)), values, color=colours)
    axes.bar_label(bars, [show_cell(one.facts) for one in ranked], padding=4)
    axes.set_yticks(range(len(ranked)), places)
    axes.invert_yaxis()
    axes.set_xlim(0, max(values) * _ROOM or 1)
    is_disputed = any(len(one.facts) > 1 for one in ranked)
    axes.set_xlabel(f"{unit}　灰色：报道说法不一" if is_disputed else unit)
    axes.set_title(title)
    axes.spines[["top", "right"]].set_visible(False)
    _save(figure, axes, path)


def draw_series(path: Path, rows: Sequence[PivotRow], title: str) -> None:
    """Draw the years of a place's indicators, a line each; gaps stay gaps.

    Raises:
        InputError: as in `draw_ranking`; or the rows have several units.
    """
    if not rows:
        raise InputError("没有可画的数：没有记载")
    if len({row.unit for row in rows}) > 1 or len(rows) > _MAX_LINES:
        raise InputError(f"一张图只画一种单位、最多 {_MAX_LINES} 个指标；请用 --indicator 选一个")
    figure, axes = _open(4.5)
    years = range(min(y for row in rows for y in row.cells), 1 + max(max(r.cells) for r in rows))
    for row in rows:
        values = [_value(row, year) for year in years]
        axes.plot(years, values, "o-", label=f"{row.name} {row.indicator}")
        for year, value in zip(years, values, strict=True):
            if year in row.cells:
                axes.annotate(
                    row.cells[year][0].shown, (year, value), textcoords="offset points",
                    xytext=(0, 7), ha="center",
                )  # fmt: skip
    axes.set_xticks(list(years))
    axes.set_ylabel(rows[0].unit)
    axes.set_title(title)
    axes.margins(y=0.2)
    axes.grid(axis="y", color="0.9")
    axes.legend()
    _save(figure, axes, path)


def _value(row: PivotRow, year: int) -> float:
    facts = row.cells.get(year)
    return facts[0].compared[-1] if facts else float("nan")


def _open(height: float) -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise InputError("画图需要 matplotlib，请先运行 make install") from None
    figure = Figure(figsize=(_WIDTH_INCHES, height), layout="constrained")
    return figure, figure.subplots()


def _save(figure: Any, axes: Any, path: Path) -> None:
    from matplotlib.text import Text

    fonts = label_fonts()
    texts: Iterable[Any] = figure.findobj(Text)
    for text in texts:
        text.set_fontfamily(fonts)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontfamily(fonts)
    try:
        figure.savefig(path, dpi=_DPI)
    except (OSError, ValueError) as error:
        raise InputError(f"图写不进 {path}：{error}") from None
