"""HTML tables: those of data become lines, those that lay out a page become blocks."""

from __future__ import annotations

from typing import Any

from data.readers.grid import spread_merged, table_lines

_MAX_CELL_CHARS = 120
_MIN_ROWS = 2
_MAX_SPAN = 50
_MAX_CELLS = 20_000
_LINKED_SHARE = 0.6
# Marks the lines of tables, for `notes`.
ROW = "data-row"
_PARTS = ("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption", "colgroup")


def flatten_tables(body: Any) -> None:
    """Replace the tables of a page, the innermost first."""
    for table in reversed(list(body.iter("table"))):
        rows = _read_rows(table)
        if _is_data(table, rows):
            _write_lines(table, table_lines(rows))
        else:
            for part in table.iter(*_PARTS):
                part.tag = "div"


def _read_rows(table: Any) -> list[list[str]]:
    """Return the cells; a head that spans several places stands in each."""
    rows: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}
    n_cells = 0
    for tr in table.iter("tr"):
        row: list[str] = []
        for td in tr.iterchildren("td", "th"):
            _fill(row, below)
            text = " ".join(" ".join(td.itertext()).split()) if len(td) else (td.text or "")
            n_rows, n_columns = _span(td, "rowspan"), _span(td, "colspan")
            n_cells += n_columns
            other = spread_merged(text)
            if n_rows > 1:
                below |= {len(row) + i: (n_rows, other) for i in range(n_columns)}
            row += [text, *[other] * (n_columns - 1)]
        _fill(row, below)
        below = {c: (n - 1, text) for c, (n, text) in below.items() if n > 1}
        rows.append(row)
        if n_cells > _MAX_CELLS:
            return []
    return rows


def _fill(row: list[str], below: dict[int, tuple[int, str]]) -> None:
    while len(row) in below:
        row.append(below[len(row)][1])


def _span(cell: Any, name: str) -> int:
    value = cell.get(name, "1").strip()
    is_number = value.isascii() and value.isdigit() and len(value) < len(str(_MAX_SPAN)) + 1
    return min(max(int(value), 1), _MAX_SPAN) if is_number else 1


def _is_data(table: Any, rows: list[list[str]]) -> bool:
    """A table of short cells, two and more in two rows and more, that are not links."""
    filled = [row for row in rows if sum(bool(cell.strip()) for cell in row) > 1]
    if len(filled) < _MIN_ROWS or table.find(".//table") is not None:
        return False
    cells = [cell for row in rows for cell in row]
    if max(map(len, cells)) > _MAX_CELL_CHARS:
        return False
    n_linked = sum(len("".join(a.itertext())) for a in table.iter("a"))
    return n_linked < _LINKED_SHARE * sum(map(len, cells))


def _write_lines(table: Any, lines: list[str]) -> None:
    from lxml.html import Element

    caption = table.findtext("caption")
    for child in list(table):
        table.remove(child)
    table.attrib.clear()
    table.tag, table.text = "div", None
    for line in filter(None, [(caption or "").strip(), *lines]):
        paragraph = Element("p")
        paragraph.text = line
        paragraph.set(ROW, "")
        table.append(paragraph)
