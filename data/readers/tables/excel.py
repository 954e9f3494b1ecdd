"""XLSX: sheets whose header names their columns; values as saved, no formula is evaluated."""

from __future__ import annotations

import re
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from data.readers.document import Document, parsing
from data.readers.items import Item
from data.readers.packages import check_package
from data.readers.tables.data_sheet import read_data_sheet
from data.readers.tables.rows import HeaderError, read_table
from model import InputError

MAX_UNPACKED_BYTES = 256 << 20
# A sheet may claim 16,384 columns and a million rows and hold one cell.
MAX_COLUMNS = 64
_BATCH_ROWS = 100
_MAX_MERGED = 100_000
_MERGED = re.compile(rb'mergeCell\s[^<>]{0,60}?ref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"')
_BLOCK_BYTES, _TAG_BYTES = 1 << 20, 200
_WHAT = "Excel 工作簿"


def read_xlsx(document: Document) -> Iterator[Item]:
    """Read one article a row from every sheet that has a header; a sheet of data is one article.

    Raises:
        InputError: it is no workbook or too large, or no sheet has a header or data.
    """
    book = open_book(document)
    missing: list[HeaderError] = []
    for sheet in book.worksheets:
        place = f"{document.id}:{sheet.title}" if len(book.worksheets) > 1 else document.id
        try:
            yield from read_table(sheet_rows(sheet), place, document.source)
        except HeaderError as error:
            found = _read_data(sheet, place, document.source)
            yield from found
            missing += [] if found else [error]
    if len(missing) == len(book.worksheets):
        raise missing[0] if missing else HeaderError("工作簿里没有表")


def _read_data(sheet: Any, place: str, source: str) -> list[Item]:
    """Return what a sheet of data gives, nothing where it is none that can be read."""
    try:
        return list(read_data_sheet(sheet, place, source))
    except InputError:  # the missing header says more
        return []


def open_book(document: Document) -> Any:
    """Open a workbook for reading.

    Raises:
        InputError: it is no workbook or too large.
    """
    import openpyxl

    stream = document.read_seekable()
    check_package(stream, MAX_UNPACKED_BYTES)
    with parsing(_WHAT), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of styles and checks that it leaves out
        return openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)


def sheet_rows(sheet: Any) -> Iterator[Sequence[object]]:
    """Return the values of one row after another, of the first `MAX_COLUMNS` cells.

    A cell that is merged over rows has its value in each of them.
    """
    sheet.reset_dimensions()
    merged = _find_merged(sheet)
    cells = sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
    number = 0
    held: dict[int, tuple[int, object]] = {}  # by column: the last row of a merged cell, its value
    while batch := _take(cells):
        for row in batch:
            number += 1
            yield _fill(row, number, merged, held) if merged or held else row


def _fill(
    row: tuple[object, ...],
    number: int,
    merged: dict[int, list[tuple[int, int]]],
    held: dict[int, tuple[int, object]],
) -> Sequence[object]:
    """Put the values of merged cells into a row that has others."""
    is_empty = all(cell is None for cell in row)
    filled = list(row)
    for column, (last, value) in list(held.items()):
        if last < number:
            del held[column]
        elif not is_empty:
            filled += [None] * (column + 1 - len(filled))
            filled[column] = value if filled[column] is None else filled[column]
    for column, last in merged.pop(number, ()):
        if column < len(row) and row[column] is not None:
            held[column] = (last, row[column])
    return filled


def _find_merged(sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """Return by first row the columns of the cells that are merged over rows, and their last rows.

    They stand behind the rows in the sheet's part, which openpyxl leaves out when it streams.
    """
    from openpyxl.utils import column_index_from_string

    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    n_found = 0
    with parsing(_WHAT), sheet._get_source() as part:
        rest = b""
        while (block := part.read(_BLOCK_BYTES)) and n_found < _MAX_MERGED:
            block = rest + block
            end = 0
            for match in _MERGED.finditer(block):
                end = match.end()
                first, last = int(match[2]), int(match[3])
                column = column_index_from_string(match[1].decode()) - 1
                if last > first and column < MAX_COLUMNS:
                    found[first].append((column, last))
                    n_found += 1
            rest = block[max(end, len(block) - _TAG_BYTES) :]
    return dict(found)


def _take(cells: Iterator[tuple[object, ...]]) -> list[tuple[object, ...]]:
    with parsing(_WHAT), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(islice(cells, _BATCH_ROWS))
