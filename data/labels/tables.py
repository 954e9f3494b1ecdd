"""Tables of labels: CSV and XLSX with a column of texts and one of themes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from data.labels.annotation_tools import NONE, own_id
from data.readers.document import Document
from data.readers.tables.csv_table import read_csv_rows
from data.readers.tables.excel import open_book, sheet_rows
from data.readers.tables.rows import COLUMNS, is_header
from model import InputError

LABEL_COLUMNS = {
    "themes": ("themes", "theme", "主题", "标签", "类别", "label", "labels", "choices"),
    "borderline": ("borderline", "存疑", "存疑主题"),
    "primary": ("primary", "主要主题"),
    "by": ("by", "标注人", "annotator"),
    "cluster": ("cluster",),
}
_NAMES = {name: key for key, names in (COLUMNS | LABEL_COLUMNS).items() for name in names}
_PARTS = re.compile(r"[、;；,，#|/\n]")
_HEADER_WITHIN_ROWS = 10
_SHOWN_CHARS = 20
Numbered = tuple[str, dict[str, Any] | InputError]


def read_label_csv(document: Document) -> Iterator[Numbered]:
    """Read the rows of a CSV file, each with its number.

    Raises:
        InputError: it is no text, or its header names no texts or no themes.
    """
    yield from _read_table(read_csv_rows(document), "")


def read_label_xlsx(document: Document) -> Iterator[Numbered]:
    """Read the rows of a workbook's first sheet, or of every sheet that has a header.

    Raises:
        InputError: it is no workbook, or no sheet has a header that names texts and themes.
    """
    book = open_book(document)
    refused: list[InputError] = []
    for sheet in book.worksheets:
        place = f"{sheet.title} " if len(book.worksheets) > 1 else ""
        try:
            yield from _read_table(sheet_rows(sheet), place)
        except InputError as error:
            refused.append(error)
            if len(book.worksheets) > 1:
                yield place.strip(), error
    if len(refused) == len(book.worksheets):
        raise refused[0]


def _read_table(rows: Iterable[Sequence[object]], place: str) -> Iterator[Numbered]:
    numbered = iter(enumerate(rows, 1))
    header = _find_header(numbered)
    for number, cells in numbered:
        if any(cell not in (None, "") for cell in cells):
            yield f"{place}{number}", _to_row(header, cells)


def _find_header(numbered: Iterator[tuple[int, Sequence[object]]]) -> list[str]:
    first: Sequence[object] = ()
    for _, cells in islice(numbered, _HEADER_WITHIN_ROWS):
        first = first or cells
        if is_header(cells):
            first = cells
            header = [
                _NAMES.get(str(cell or "").strip("\ufeff \t\r\n").lower(), "") for cell in cells
            ]
            if "themes" in header:
                return header
    shown = "、".join(str(cell)[:_SHOWN_CHARS] for cell in first if cell not in (None, ""))
    raise InputError(f"表头要有“正文”和“主题”两列（或 text、themes），现在是：{shown or '空的'}")


def _to_row(header: Sequence[str], cells: Sequence[object]) -> dict[str, Any] | InputError:
    row: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=False):
        if name and cell not in (None, ""):
            row.setdefault(name, cell if name == "text" else str(cell).strip())
    if not row.get("themes"):
        return InputError(f"主题一栏空着；如果确实没有主题，请填“{NONE}”")
    labels = {key: _labels(row.get(key, "")) for key in ("themes", "borderline")}
    return row | labels | {"id": own_id(row.get("id"))}


def _labels(cell: str) -> list[str]:
    """Part a cell's labels; Label Studio's tables hold them as JSON."""
    if cell.startswith(("{", "[")):
        try:
            found = json.loads(cell)
            return list(found["choices"] if isinstance(found, dict) else found)
        except (ValueError, KeyError, TypeError):
            return [cell]
    return [part for part in map(str.strip, _PARTS.split(cell)) if part]
