"""PDF tables with ruled lines: cells that stand close together are told apart by the rules."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Any

from data.readers.grid import table_lines
from data.readers.pages.layout import Segment

_MIN_EDGES = 5
# The search for tables takes time that grows faster than the number of rules.
_MAX_EDGES = 600
_MAX_CELL_CHARS = 60
_MIN_ROWS = 2

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class RuledTable:
    """Where a table stands on its page, and its lines of text."""

    box: Box
    lines: list[str]

    def holds(self, char: dict[str, Any]) -> bool:
        """Whether a character stands in it."""
        x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
        x0, top, x1, bottom = self.box
        return bool(x0 <= x <= x1 and top <= y <= bottom)

    def to_segments(self, size: float) -> list[Segment]:
        """Return its lines, spread over its height."""
        x0, top, x1, bottom = self.box
        step = (bottom - top) / len(self.lines)
        return [
            Segment(line, x0, x1, top + i * step, top + (i + 0.8) * step, size, (line,))
            for i, line in enumerate(self.lines)
        ]


def find_ruled_tables(page: Any) -> list[RuledTable]:
    """Return the tables of figures that rules enclose; boxes around text are none."""
    if not _MIN_EDGES <= len(page.edges) <= _MAX_EDGES:
        return []
    found = []
    for table in page.find_tables():
        rows = [[" ".join((cell or "").split()) for cell in row] for row in table.extract()]
        if _is_data(rows):
            found.append(RuledTable(table.bbox, table_lines(rows)))
    return found


def usual_size(chars: list[dict[str, Any]]) -> float:
    """Return the usual size of characters, 10 where there are none."""
    return float(median([char["size"] for char in chars])) if chars else 10.0


def _is_data(rows: list[list[str]]) -> bool:
    filled = [row for row in rows if sum(map(bool, row)) > 1]
    return len(filled) >= _MIN_ROWS and max(len(c) for row in rows for c in row) <= _MAX_CELL_CHARS
