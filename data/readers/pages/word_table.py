"""Tables in Word: rows of data as lines that name each figure, anything else as prose."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TABLE, _ROW, _CELL, _PARAGRAPH = f"{_W}tbl", f"{_W}tr", f"{_W}tc", f"{_W}p"
_MAX_CELL_CHARS = 60
_MAX_COLUMNS = 64
_MIN_NUMERIC_SHARE = 0.5
_MIN_LISTED_ROWS = 3
_NUMBER = re.compile(
    r"[约近超]?[-+\u2212\uff0d]?\d[\d,，]*(?:\.\d+)?(?:[~～—–-]\d[\d,，]*(?:\.\d+)?)?"
)
_BARE = re.compile(_NUMBER.pattern + r"[百千万亿]*")
_VALUE = re.compile(_NUMBER.pattern + r"[百千万亿]*(?!岁)[^\d。；]{0,3}")
# Between two figures a blank stays, or they would become one.
_BLANK = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")
_BAR = "\uff5c"
_YEAR = re.compile(r"(?:19|20)\d\d(?:年|年度)?|\d{1,2}月")
_NOTHING = frozenset({"", "-", "—", "——", "/", "\\", "…", "\uff0d", "无", "不详"})
_SERIAL = re.compile(r"序\s?号|编\s?号|No\.?", re.IGNORECASE)
_UNIT = re.compile(r"[（(](?:单位[:：])?([^（()）\d]{1,6})[)）]$")
_CAPTION_UNIT = re.compile(r"单位[:：]\s?([^\s，,；;。（）()]{1,6})")
Row = list[str]
Walk = Callable[[Any], str]


def read_table(table: Any, walk: Walk) -> str | None:
    """Return the lines of a table of short cells, None where it only lays out prose.

    A row below a header is `head：column value，column value`; a bare number takes the unit that
    its row's or column's head or the caption has in brackets. Where there is no header for the
    values, a row is its cells parted by a wide bar.

    Args:
        table: the element.
        walk: gives the text of an element.
    """
    rows = _read_rows(table, walk)
    if rows is None:
        return None
    captions = list(takewhile(lambda row: len({cell for cell in row if cell}) == 1, rows))
    body = rows[len(captions) :]
    if len(body) <= 1 or max(map(len, body)) <= 1:
        return None
    lines = [next(cell for cell in row if cell) for row in captions]
    named = _name_values(body, _caption_unit(lines))
    if named is None and len(body) < _MIN_LISTED_ROWS:
        return None
    listed = [_BAR.join(_merge_same(row)) for row in body]
    return "\n".join(["", *lines, *(named or listed), ""])


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
                text = _head_only(above[len(row)])
            row += [text, *[_head_only(text)] * (min(_span(tc), _MAX_COLUMNS) - 1)]
        if any(row):
            rows.append(row)
            above = row
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def _head_only(text: str) -> str:
    """Return what a merged cell gives the others: a head holds for all, a figure stands once."""
    return "" if _VALUE.fullmatch(text) and not _YEAR.fullmatch(text) else text


def _read_cell(tc: Any, walk: Walk) -> str | None:
    if next(tc.iter(_TABLE), None) is not None:
        return None
    text = _BLANK.sub("", " ".join(walk(tc).split()))
    return text if len(text) <= _MAX_CELL_CHARS and "。" not in text[:-1] else None


def _span(tc: Any) -> int:
    span = tc.find(f"{_W}tcPr/{_W}gridSpan")
    value = "1" if span is None else span.get(f"{_W}val", "1")
    return max(1, int(value)) if value.isdecimal() else 1


def _continues(tc: Any) -> bool:
    """Whether a cell is merged with the one above."""
    merge = tc.find(f"{_W}tcPr/{_W}vMerge")
    return merge is not None and merge.get(f"{_W}val", "continue") == "continue"


def _name_values(rows: Sequence[Row], unit: str) -> list[str] | None:
    """Return a line for each row of values, None where nothing names them."""
    n_head = _count_head(rows)
    body = rows[n_head:]
    if not n_head or not body:
        return None
    first = _first_value_column(body)
    if not first:
        return None
    values = [cell for row in body for cell in row[first:] if cell not in _NOTHING]
    n_numeric = sum(_VALUE.fullmatch(cell) is not None for cell in values)
    if not values or n_numeric < _MIN_NUMERIC_SHARE * len(values):
        return None
    heads = ["".join(_merge_same([row[i] for row in rows[:n_head]])) for i in range(len(rows[0]))]
    is_serial = bool(_SERIAL.fullmatch(heads[0])) and first > 1
    return [_name_row(row[is_serial:], heads[is_serial:], first - is_serial, unit) for row in body]


def _count_head(rows: Sequence[Row]) -> int:
    """Return how many rows at the top name columns."""
    for n, row in enumerate(rows):
        cells = [cell for cell in row[1:] if cell not in _NOTHING]
        if any(_VALUE.fullmatch(cell) and not _YEAR.fullmatch(cell) for cell in cells):
            return n
    return 0


def _first_value_column(body: Sequence[Row]) -> int:
    """Return the first column behind the heads of rows that holds values, 0 if none does."""
    for i in range(1, len(body[0])):
        cells = [row[i] for row in body if row[i] not in _NOTHING]
        n_numeric = sum(_VALUE.fullmatch(cell) is not None for cell in cells)
        if cells and n_numeric >= _MIN_NUMERIC_SHARE * len(cells):
            return i
    return 0


def _name_row(row: Row, heads: Row, first: int, unit: str) -> str:
    name = "".join(_merge_same(row[:first])) or heads[0]
    own = _UNIT.search(name)
    parts = []
    for head, cell in zip(heads[first:], row[first:], strict=True):
        if cell not in _NOTHING:
            column = _UNIT.search(head)
            found = own or column
            parts.append(_name_value(head, cell, found[1] if found else unit))
    return f"{name}：{'，'.join(parts)}" if parts else name


def _name_value(head: str, cell: str, unit: str) -> str:
    value = cell + unit if unit and _BARE.fullmatch(cell) else cell
    name = _UNIT.sub("", head)
    return f"{name} {value}" if name else value


def _merge_same(cells: Sequence[str]) -> list[str]:
    """Return cells without those that a merged one was filled into."""
    return [cell for i, cell in enumerate(cells) if cell and (i == 0 or cell != cells[i - 1])]


def _caption_unit(lines: Sequence[str]) -> str:
    found = (_CAPTION_UNIT.search(line) for line in lines)
    return next((match[1] for match in found if match), "")
