"""Sheets of data: a table of numbers is one article, whose lines name each figure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from data.readers.document import parsing
from data.readers.grid import has_values, table_lines
from data.readers.items import Item
from data.readers.markup import read_article

_MAX_COLUMNS, _MAX_ROWS = 64, 2_000
_MAX_CELL_CHARS = 40
_MIN_ROWS = 3
_PERCENT_DIGITS = 6


def read_data_sheet(sheet: Any, id: str, source: str) -> Iterator[Item]:
    """Read a sheet whose cells are short and hold numbers below heads; nothing of any other.

    A row of one cell is a caption, the first of them the title. A cell that is shown in percent
    is read so.

    Raises:
        InputError: the sheet is damaged, or what it says is no Chinese.
    """
    with parsing("Excel 工作簿"):
        rows = [[_show(cell) for cell in row] for row in _first_rows(sheet)]
    rows = [row for row in rows if any(row)]
    body = [row for row in rows if sum(map(bool, row)) > 1]
    cells = [cell for row in body for cell in row]
    if len(body) < _MIN_ROWS or max(map(len, cells)) > _MAX_CELL_CHARS or not has_values(body):
        return
    title = next((row[0] for row in rows[:1] if len(list(filter(None, row))) == 1), "")
    text = "\n".join(table_lines([_spread(row) for row in rows]))
    yield read_article(text, id=id, title=title, source=source)


def _first_rows(sheet: Any) -> Iterator[Any]:
    sheet.reset_dimensions()
    return islice(sheet.iter_rows(max_col=_MAX_COLUMNS), _MAX_ROWS)


def _show(cell: Any) -> str:
    value = cell.value
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and "%" in str(getattr(cell, "number_format", "")):
        return f"{round(value * 100, _PERCENT_DIGITS):g}%"
    if is_number:
        return f"{value:.10g}" if isinstance(value, float) else str(value)
    return "" if value is None else " ".join(str(value).split())


def _spread(row: list[str]) -> list[str]:
    """Let a caption span the table."""
    filled = list(filter(None, row))
    return filled * len(row) if len(filled) == 1 and row[0] else row
