"""Layout: pieces of text on a page to columns in reading order, and these to paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

# Lengths are in heights of a character.
MIN_GUTTER = 0.8
MIN_COLUMN = 6.0
INDENT = 1.2
RAGGED = 2.2
# The boxes of two lines may touch; their middles do not.
SHRINK = 0.2
SAME_HEIGHT = 0.15
MIN_LINES = 2


@dataclass(frozen=True)
class Segment:
    """A stretch of text on one line and its box, in points from the page's top left corner."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        """The height of its characters."""
        return self.bottom - self.top


def order_columns(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Return columns in reading order, each a list of lines from top to bottom.

    Where a gutter runs through everything, what is left of it comes first. Else the most lines
    in a row that share a gutter are a band of columns, read after what is above it and before
    what is below it. What has no gutter is one column.
    """
    if not segments:
        return []
    gutter = _find_gutter(segments)
    if gutter is not None:
        left = [s for s in segments if s.x1 <= gutter]
        return order_columns(left) + order_columns([s for s in segments if s.x1 > gutter])
    rows = _split_rows(segments)
    start, end = _find_band(rows)
    if start == end:
        return [[_join_row(row) for row in rows]]
    bands = (rows[:start], rows[start:end], rows[end:])
    return [column for band in bands for column in order_columns([s for row in band for s in row])]


def join_lines(columns: Sequence[Sequence[Segment]]) -> str:
    """Join the lines of a paragraph, also from one column to the next; one paragraph a line."""
    lines = [line for column in columns for line in _measure(column)]
    pieces = [lines[0].segment.text] if lines else []
    for before, line in pairwise(lines):
        is_same = abs(before.segment.height / line.segment.height - 1) <= SAME_HEIGHT
        is_joined = is_same and not before.ends and not line.starts
        pieces += [_between(before.segment.text, line.segment.text) if is_joined else "\n"]
        pieces += [line.segment.text]
    return "".join(pieces)


@dataclass(frozen=True)
class _Line:
    segment: Segment
    starts: bool
    ends: bool


def _measure(column: Sequence[Segment]) -> list[_Line]:
    """Tell the lines that start a paragraph by their indent, those that end one by their length."""
    left, right = min(s.x0 for s in column), max(s.x1 for s in column)
    alone = len(column) < MIN_LINES
    return [
        _Line(
            segment,
            starts=alone or segment.x0 > left + INDENT * segment.height,
            ends=alone or segment.x1 < right - RAGGED * segment.height,
        )
        for segment in column
    ]


def _between(before: str, after: str) -> str:
    return " " if before[-1].isascii() and after[0].isascii() else ""


def _find_gutter(segments: Sequence[Segment]) -> float | None:
    """Return the middle of the widest empty stripe with prose on both sides, or None."""
    em = median(s.height for s in segments)
    by_left = sorted(segments, key=lambda s: s.x0)
    best: tuple[float, float] | None = None
    reach = by_left[0].x1
    for at, segment in enumerate(by_left[1:], 1):
        gap = segment.x0 - reach
        is_best = gap >= MIN_GUTTER * em and (best is None or gap > best[0])
        if is_best and _is_prose(by_left[:at], em) and _is_prose(by_left[at:], em):
            best = gap, reach + gap / 2
        reach = max(reach, segment.x1)
    return best[1] if best else None


def _is_prose(side: Sequence[Segment], em: float) -> bool:
    """Cells of a table are short; lines of a column are not."""
    widths = sum(s.x1 - s.x0 for s in side)
    return len(side) >= MIN_LINES and widths >= MIN_COLUMN * em * len(side)


def _split_rows(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Group what overlaps in height; rows come from top to bottom."""
    rows: list[list[Segment]] = []
    reach = float("-inf")
    for segment in sorted(segments, key=lambda s: s.top):
        margin = SHRINK * segment.height
        if segment.top + margin >= reach:
            rows.append([])
        rows[-1].append(segment)
        reach = max(reach, segment.bottom - margin)
    return rows


def _find_band(rows: Sequence[Sequence[Segment]]) -> tuple[int, int]:
    """Return the run of rows with a gutter that holds the most segments; empty if none does."""
    best, most = (0, 0), 0
    for start in range(len(rows)):
        if sum(map(len, rows[start:])) <= most:
            break
        end = _extend(rows, start)
        n_segments = sum(map(len, rows[start:end]))
        if n_segments > most:
            best, most = (start, end), n_segments
    return best


def _extend(rows: Sequence[Sequence[Segment]], start: int) -> int:
    """Return where the longest band from `start` on ends, or `start`."""
    band: list[Segment] = []
    found = start
    for end in range(start, len(rows)):
        band += rows[end]
        if _find_gutter(band) is not None:
            found = end + 1
        elif found > start:
            break
    return found


def _join_row(row: Sequence[Segment]) -> Segment:
    parts = sorted(row, key=lambda s: s.x0)
    return Segment(
        " ".join(part.text for part in parts),
        parts[0].x0,
        max(part.x1 for part in parts),
        min(part.top for part in parts),
        max(part.bottom for part in parts),
    )
