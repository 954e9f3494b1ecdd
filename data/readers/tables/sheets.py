"""Workbooks in the formats of other programs and times: .xls, .et, .ods, by calamine.

Parsed in a process apart, which hands over all rows at once.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from data.readers.document import Document
from data.readers.items import Item
from data.readers.tables.rows import HeaderError, read_table

if TYPE_CHECKING:  # only the process that parses needs it
    from python_calamine import CalamineSheet

# A sheet of .xls has 65,536 rows and 256 columns; articles lie in the first few.
_MANIFEST = "META-INF/manifest.xml"
MAX_ROWS, MAX_COLUMNS = 100_000, 64


def read_sheets(content: bytes) -> dict[str, str]:
    """Return the `sheets` as JSON, each with its name and rows, or an `error`."""
    from python_calamine import CalamineError, CalamineWorkbook

    if _is_locked(content):
        return {"error": "password"}
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(name, _read_rows(book.get_sheet_by_name(name))) for name in book.sheet_names]
    except CalamineError:
        return {"error": "damaged"}
    return {"sheets": json.dumps(sheets, ensure_ascii=False)}


def _is_locked(content: bytes) -> bool:
    """Whether it is an OpenDocument package whose parts are encrypted."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return b"encryption-data" in package.read(_MANIFEST)
    except (zipfile.BadZipFile, KeyError):
        return False


def _read_rows(sheet: CalamineSheet) -> list[list[object]]:
    rows = islice(sheet.iter_rows(), MAX_ROWS)
    return [[_to_plain(cell) for cell in row[:MAX_COLUMNS]] for row in rows]


def _to_plain(cell: object) -> object:
    """Return a cell as JSON has it; whole numbers have no fraction, empty cells are None."""
    if isinstance(cell, datetime):
        is_day = cell.time() == time()
        return cell.date().isoformat() if is_day else cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return None if cell == "" else cell


def read_rows(sheets: str, document: Document) -> Iterator[Item]:
    """Read one article a row from every sheet that has a header.

    Args:
        sheets: what `read_sheets` gave.
        document: the workbook's file.

    Raises:
        InputError: no sheet has a header.
    """
    named: list[tuple[str, list[list[object]]]] = json.loads(sheets)
    missing: list[HeaderError] = []
    for name, rows in named:
        place = f"{document.id}:{name}" if len(named) > 1 else document.id
        try:
            yield from read_table(rows, place, document.source)
        except HeaderError as error:
            missing.append(error)
    if len(missing) == len(named):
        raise missing[0] if missing else HeaderError("工作簿里没有表")
