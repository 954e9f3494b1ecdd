"""Tables pasted as text, cells parted by tabs or runs of blanks, as lines with their heads."""

from __future__ import annotations

import re

from data.readers.grid import has_values, table_lines

_GAP = re.compile(r"[ \u3000\xa0]{2,20}")
_MAX_CELL_CHARS = 40
_MAX_COLUMNS = 40
_MIN_ROWS = 2


def name_cells(text: str) -> str:
    """Return a text in which every pasted table with a header is lines of named figures.

    A table is two lines or more, one below another, of equally many short cells, the first of
    them without figures. Everything else stays as it is.
    """
    if "\t" not in text and not _GAP.search(text):
        return text
    lines: list[str] = []
    block: list[list[str]] = []
    source: list[str] = []
    for line in [*text.split("\n"), ""]:
        cells = _split(line)
        if block and len(cells) != len(block[0]):
            lines += _read(block, source)
            block, source = [], []
        if cells:
            block.append(cells)
            source.append(line)
        else:
            lines.append(line)
    return "\n".join(lines[:-1])


def _split(line: str) -> list[str]:
    """Return the cells of a line, none where it is no row."""
    line = line.rstrip().strip(" \u3000\xa0")
    cells = [cell.strip() for cell in (line.split("\t") if "\t" in line else _GAP.split(line))]
    is_row = 1 < len(cells) <= _MAX_COLUMNS and all(map(_is_cell, cells))
    return cells if is_row and sum(map(bool, cells)) > 1 else []


def _is_cell(cell: str) -> bool:
    return len(cell) <= _MAX_CELL_CHARS and not any(stop in cell for stop in "。；，")


def _read(rows: list[list[str]], source: list[str]) -> list[str]:
    is_table = len(rows) >= _MIN_ROWS and not has_values([["", *rows[0]]]) and has_values(rows[1:])
    return table_lines(rows) if is_table else source
