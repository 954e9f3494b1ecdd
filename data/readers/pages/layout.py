"""Layout: pieces of text on a page to columns in reading order, and these to paragraphs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

from data.readers.grid import table_lines

# Lengths are in sizes of the font.
MIN_GUTTER = 0.8
MIN_COLUMN = 6.0
INDENT = 1.2
RAGGED = 2.2
# The boxes of two lines may touch; their middles do not.
SHRINK = 0.2
SAME_SIZE = 0.15
HEADING = 1.3
MIN_LINES = 2
ASCII_WIDTH = 0.6
_UNBROKEN = re.compile(r"[A-Za-z0-9.,%+-]{1,20}")


@dataclass(frozen=True)
class Segment:
    """A stretch of text on one line and its box, in points from the page's top left corner.

    `size` is that of its font; boxes of one size differ from font to font. `cells` are the
    stretches it was joined of, if several; the line of a table that was read has itself only.
    `is_bold` says that its type is.
    """

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    cells: tuple[str, ...] = ()
    is_bold: bool = False

    @property
    def is_row(self) -> bool:
        """Whether it is the row of a table."""
        return bool(self.cells)


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
        end = _end_of_heading(rows, heading)
        bands = (rows[:heading], rows[heading:end], rows[end:])
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


@dataclass(frozen=True)
class Paragraph:
    """Lines that belong together as one text, set as the first of them is."""

    text: str
    size: float
    is_bold: bool
    is_row: bool


def join_lines(columns: Sequence[Sequence[Segment]]) -> list[Paragraph]:
    """Join the lines of a paragraph, also from one column to the next."""
    lines = [line for column in columns for line in _measure(_read_tables(column))]
    joined: list[list[_Line]] = []
    pieces: list[list[str]] = []
    for line in lines:
        before = joined[-1][-1] if joined else None
        if before is not None and _goes_on(before, line):
            pieces[-1] += [_between(before.segment.text, line.segment.text), line.segment.text]
            joined[-1].append(line)
        else:
            pieces.append([line.segment.text])
            joined.append([line])
    return [
        Paragraph(
            "".join(words),
            group[0].segment.size,
            all(line.segment.is_bold for line in group),
            group[0].segment.is_row,
        )
        for words, group in zip(pieces, joined, strict=True)
    ]


def _goes_on(before: _Line, line: _Line) -> bool:
    is_same = abs(before.segment.size / line.segment.size - 1) <= SAME_SIZE
    return is_same and not line.starts and not _ends(before, line.segment.text)


def _read_tables(column: Sequence[Segment]) -> list[Segment]:
    """Give rows with the same number of cells, one below the other, their heads."""
    read: list[Segment] = []
    for n_cells, group in groupby(column, key=lambda segment: len(segment.cells)):
        rows = list(group)
        if n_cells > 1 and len(rows) > 1:
            lines = table_lines([row.cells for row in rows])
            read += [replace(rows[0], text=line) for line in lines]
        else:
            read += rows
    return read


@dataclass(frozen=True)
class _Line:
    segment: Segment
    starts: bool
    free: float


def _measure(column: Sequence[Segment]) -> list[_Line]:
    """Tell the lines that start a paragraph by their indent, and how much of each stays free."""
    left, right = min(s.x0 for s in column), max(s.x1 for s in column)
    alone = len(column) < MIN_LINES
    return [
        _Line(
            segment,
            starts=alone or segment.is_row or segment.x0 > left + INDENT * segment.size,
            free=math.inf if alone or segment.is_row else (right - segment.x1) / segment.size,
        )
        for segment in column
    ]


def _ends(line: _Line, after: str) -> bool:
    """Whether the next line's first piece would have fitted; a number moves down as a whole."""
    unbroken = _UNBROKEN.match(after)
    is_open = line.segment.text[-1] not in "。！？"
    moved = ASCII_WIDTH * len(unbroken[0]) if unbroken and is_open else 0.0
    return line.free > RAGGED + moved


def _between(before: str, after: str) -> str:
    return " " if before[-1].isascii() and after[0].isascii() else ""


def _find_heading(rows: Sequence[Sequence[Segment]]) -> int | None:
    em = median(s.size for row in rows for s in row)
    tall = (at for at, row in enumerate(rows) if len(row) == 1 and row[0].size >= HEADING * em)
    return next(tall, None) if len(rows) > 1 else None


def _end_of_heading(rows: Sequence[Sequence[Segment]], start: int) -> int:
    """Return the end of the lines of one size that begin with a heading's first."""
    size = rows[start][0].size
    return next(
        (
            start + n
            for n, row in enumerate(rows[start:])
            if len(row) > 1 or abs(row[0].size / size - 1) > SAME_SIZE
        ),
        len(rows),
    )


def _find_gutters(segments: Sequence[Segment]) -> list[tuple[float, float]]:
    """Return width and middle of every empty stripe with prose on both sides."""
    em = median(s.size for s in segments)
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
        margin = SHRINK * segment.size
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
    if len(row) == 1:
        return row[0]
    parts = sorted(row, key=lambda s: s.x0)
    return Segment(
        " ".join(part.text for part in parts),
        parts[0].x0,
        max(part.x1 for part in parts),
        min(part.top for part in parts),
        max(part.bottom for part in parts),
        max(part.size for part in parts),
        tuple(part.text for part in parts),
        all(part.is_bold for part in parts),
    )
