"""XLSX: sheets whose header names their columns; values as saved, no formula is evaluated."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from itertools import islice
from typing import Any

from data.readers.document import Document, parsing
from data.readers.items import Item
from data.readers.packages import check_package
from data.readers.tables.rows import HeaderError, read_table

MAX_UNPACKED_BYTES = 256 << 20
# A sheet may claim 16,384 columns and a million rows and hold one cell.
MAX_COLUMNS = 64
_BATCH_ROWS = 100
_WHAT = "Excel 工作簿"


def read_xlsx(document: Document) -> Iterator[Item]:
    """Read one article a row from every sheet that has a header.

    Raises:
        InputError: it is no workbook or too large, or no sheet has a header.
    """
    book = open_book(document)
    missing: list[HeaderError] = []
    for sheet in book.worksheets:
        place = f"{document.id}:{sheet.title}" if len(book.worksheets) > 1 else document.id
        try:
            yield from read_table(sheet_rows(sheet), place, document.source)
        except HeaderError as error:
            missing.append(error)
    if len(missing) == len(book.worksheets):
        raise missing[0] if missing else HeaderError("工作簿里没有表")


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


def sheet_rows(sheet: Any) -> Iterator[tuple[object, ...]]:
    """Return the values of one row after another, of the first `MAX_COLUMNS` cells."""
    sheet.reset_dimensions()
    cells = sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True)
    while batch := _take(cells):
        yield from batch


def _take(cells: Iterator[tuple[object, ...]]) -> list[tuple[object, ...]]:
    with parsing(_WHAT), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(islice(cells, _BATCH_ROWS))
