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
HEADING = 1.3
MIN_LINES = 2


@dataclass(frozen=True)
class Segment:
    """A stretch of text on one line and its box, in points from the page's top left corner.

    `n_cells` says of how many stretches it was joined: a table's row has several.
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    n_cells: int = 1

    @property
    def height(self) -> float:
        """The height of its characters."""
        return self.bottom - self.top


def order_columns(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Return columns in reading order, each a list of lines from top to bottom.

    A heading with nothing beside it parts what is above it from what is below it. Else, where a
    gutter runs through everything, what is left of it comes first. Else the largest band of lines
    that share gutters is read between what is above and below it. The rest is one column.
    """
    if not segments:
        return []
    rows = split_rows(segments)
    heading = _find_heading(rows)
    gutters = _find_gutters(segments)
    if heading is not None:
        bands = (rows[:heading], rows[heading : heading + 1], rows[heading + 1 :])
    elif gutters:
        _, gutter = max(gutters)
        left = [s for s in segments if s.x1 <= gutter]
        return order_columns(left) + order_columns([s for s in segments if s.x1 > gutter])
    else:
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
            starts=alone or segment.n_cells > 1 or segment.x0 > left + INDENT * segment.height,
            ends=alone or segment.n_cells > 1 or segment.x1 < right - RAGGED * segment.height,
        )
        for segment in column
    ]


def _between(before: str, after: str) -> str:
    return " " if before[-1].isascii() and after[0].isascii() else ""


def _find_heading(rows: Sequence[Sequence[Segment]]) -> int | None:
    em = median(s.height for row in rows for s in row)
    tall = (at for at, row in enumerate(rows) if len(row) == 1 and row[0].height >= HEADING * em)
    return next(tall, None) if len(rows) > 1 else None


def _find_gutters(segments: Sequence[Segment]) -> list[tuple[float, float]]:
    """Return width and middle of every empty stripe with prose on both sides."""
    em = median(s.height for s in segments)
    by_left = sorted(segments, key=lambda s: s.x0)
    found = []
    reach = by_left[0].x1
    for at, segment in enumerate(by_left[1:], 1):
        gap = segment.x0 - reach
        if gap >= MIN_GUTTER * em and _is_prose(by_left[:at], em) and _is_prose(by_left[at:], em):
            found.append((gap, reach + gap / 2))
        reach = max(reach, segment.x1)
    return found


def _is_prose(side: Sequence[Segment], em: float) -> bool:
    """Cells of a table are short; lines of a column are not."""
    widths = sum(s.x1 - s.x0 for s in side)
    return len(side) >= MIN_LINES and widths >= MIN_COLUMN * em * len(side)


def split_rows(segments: Sequence[Segment]) -> list[list[Segment]]:
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
    """Return the run of rows with the most segments times gutters; empty if none has a gutter.

    Times gutters, because a heading that spans two of three columns leaves one gutter free.
    """
    best, most = (0, 0), 0
    for start in range(len(rows)):
        band: list[Segment] = []
        n_gutters = 0
        for end, row in enumerate(rows[start:], start + 1):
            band += row
            had, n_gutters = n_gutters, len(_find_gutters(band))
            if had and not n_gutters:
                break
            if len(band) * n_gutters > most:
                best, most = (start, end), len(band) * n_gutters
    return best


def _join_row(row: Sequence[Segment]) -> Segment:
    parts = sorted(row, key=lambda s: s.x0)
    return Segment(
        " ".join(part.text for part in parts),
        parts[0].x0,
        max(part.x1 for part in parts),
        min(part.top for part in parts),
        max(part.bottom for part in parts),
        n_cells=len(parts),
    )
