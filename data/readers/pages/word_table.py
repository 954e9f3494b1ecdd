"""Tables in Word: rows of data as lines that name each figure, anything else as prose."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from data.readers.grid import SEPARATOR, has_values, spans_table, spread_merged, table_lines

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TABLE, _ROW, _CELL, _PARAGRAPH = f"{_W}tbl", f"{_W}tr", f"{_W}tc", f"{_W}p"
_MAX_CELL_CHARS = 60
_MAX_COLUMNS = 64
_MIN_LISTED_ROWS = 3
# Between two figures a blank stays, or they would become one.
_BLANK = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
Row = list[str]
Walk = Callable[[Any], str]


def read_table(table: Any, walk: Walk) -> str | None:
    """Return the lines of a table of short cells, None where it only lays out prose.

    Args:
        table: the element.
        walk: gives the text of an element.
    """
    rows = _read_rows(table, walk)
    return "\n".join(["", *table_lines(rows), ""]) if rows and _lists_data(rows) else None


def write_rows(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table of which only the cells' texts are known.

    A row of fewer cells than others has merged ones, so that nothing says which head a figure
    stands under: then the cells of a row stay side by side. Prose is laid out cell by cell.
    """
    read = [[_read_text(cell) for cell in row] for row in rows if any(row)]
    width = max(map(len, read), default=0)
    short = [
        [text for text in row if text is not None] * (width if len(row) == 1 else 1)
        for row in read
        if None not in row
    ]
    if len(short) < len(read) or width > _MAX_COLUMNS or not _lists_data(short):
        return [line for row in rows for cell in row for line in cell.split("\n") if line.strip()]
    if any(len(row) != width for row in short):
        return ["", *(SEPARATOR.join(filter(None, dict.fromkeys(row))) for row in short)]
    return ["", *table_lines(short)]


def _lists_data(rows: list[Row]) -> bool:
    """Whether a table holds data and does not only lay out a page."""
    body = [row for row in rows if not spans_table(row)]
    n_rows, n_columns = len(body), max(map(len, body), default=0)
    return n_rows > 1 and n_columns > 1 and (n_rows >= _MIN_LISTED_ROWS or has_values(body))


def _read_rows(table: Any, walk: Walk) -> list[Row] | None:
    """Return the grid of a table, merged cells filled; None where a cell holds prose or a table."""
    rows: list[Row] = []
    above: Row = []
    for tr in table.iterchildren(_ROW):
        row: Row = []
        for tc in tr.iterchildren(_CELL):
            text = _read_cell(tc, walk)
            if text is None or len(row) >= _MAX_COLUMNS:
                return None
            if not text and _continues(tc) and len(row) < len(above):
                text = spread_merged(above[len(row)])
            row += [text, *[spread_merged(text)] * (min(_span(tc), _MAX_COLUMNS) - 1)]
        if any(row):
            rows.append(row)
            above = row
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _read_cell(tc: Any, walk: Walk) -> str | None:
    if next(tc.iter(_TABLE), None) is not None:
        return None
    return _read_text(walk(tc))


def _read_text(raw: str) -> str | None:
    """Return a cell's text on one line, None where it is prose."""
    text = _BLANK.sub("", " ".join(raw.split()))
    return text if len(text) <= _MAX_CELL_CHARS and "。" not in text[:-1] else None


def _span(tc: Any) -> int:
    span = tc.find(f"{_W}tcPr/{_W}gridSpan")
    value = "1" if span is None else span.get(f"{_W}val", "1")
    return max(1, int(value)) if value.isdecimal() else 1


def _continues(tc: Any) -> bool:
    """Whether a cell is merged with the one above."""
    merge = tc.find(f"{_W}tcPr/{_W}vMerge")
    return merge is not None and merge.get(f"{_W}val", "continue") == "continue"
