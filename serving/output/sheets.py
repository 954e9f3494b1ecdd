"""Sheets of a workbook as people keep them: a frozen head, a filter, widths, dates and numbers."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from serving.output.columns import COLUMN_WIDTHS, WRAPPED_COLUMNS
from serving.output.tables import Cell, is_risky

XLSX_ROWS = 1_048_576  # what Excel holds in a sheet, its header included
_ERROR_VALUES = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"}
)
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT[\d:]+Z")
_LONG_AGO = b"1980-01-01T00:00:00Z"
_DATE = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")  # Excel knows no day before 1900
_SCORE_WIDTH = 13
_FEW_COLUMNS = 3
_A4 = 9  # as a workbook counts sizes of paper
_LINE_PT, _ROW_SPACE_PT, _MAX_LINES = 14.5, 3, 20
_WIDE_FROM = 0x2000
_SCORE = "0.00"
_WHOLE, _BROKEN = "#,##0", "#,##0.####"
_DAY = "yyyy-mm-dd"
_COUNTED_PLAINLY = frozenset({"年份"})
_LINK_COLOUR = "0B5CAD"


@dataclass(frozen=True)
class Link:
    """A cell that leads to a cell of another sheet: `target` is as in `'事实'!A12`."""

    value: Cell
    target: str


class Looks:
    """Styles of cells, each registered with the workbook once."""

    def __init__(self, book: Any) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Font, PatternFill

        self._cell = WriteOnlyCell
        template = WriteOnlyCell(book.create_sheet("_"), "")
        self._template = template
        top, wrapped = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
        self.plain = self._register(alignment=top)
        self.wrapped = self._register(alignment=wrapped)
        self.formats = {
            kind: self._register(alignment=top, number_format=kind)
            for kind in (_SCORE, _WHOLE, _BROKEN)
        }
        left = Alignment(vertical="top", horizontal="left")
        self.formats[_DAY] = self._register(alignment=left, number_format=_DAY)
        self.year = self._register(alignment=left)
        self.link = Font(color=_LINK_COLOUR)
        self.head = self._register(
            alignment=Alignment(vertical="center", wrap_text=True),
            font=Font(bold=True),
            fill=PatternFill("solid", fgColor="E7F0FA"),
            number_format="General",
        )
        del book["_"]

    def _register(self, **looks: Any) -> Any:
        self._template.number_format = "General"
        for name, value in looks.items():
            setattr(self._template, name, value)
        return copy(self._template._style)

    def make(self, sheet: Any, value: Cell | Link, column: str) -> Any:
        """Return a cell of a column; what looks like a formula or an error is typed as text."""
        if isinstance(value, Link):
            return self._link(self.make(sheet, value.value, column), value.target)
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return self._make_text(sheet, value, column)
        if column in _COUNTED_PLAINLY:
            return self._put(sheet, value, self.year)
        return self._put(sheet, value, self.formats[_format_of(value, column)])

    def _link(self, cell: Any, target: str) -> Any:
        from openpyxl.worksheet.hyperlink import Hyperlink

        if cell is not None:
            cell.hyperlink = Hyperlink(ref="A1", location=target)
            cell.font = self.link
        return cell

    def make_head(self, sheet: Any, value: str) -> Any:
        """Return a cell of the head."""
        return self._type_text(self._put(sheet, value, self.head))

    def _make_text(self, sheet: Any, value: str, column: str) -> Any:
        if column == "日期" and (day := _parse_day(value)):
            return self._put(sheet, day, self.formats[_DAY])
        cell = self._put(sheet, value, self.wrapped if column in WRAPPED_COLUMNS else self.plain)
        return self._type_text(cell)

    def _type_text(self, cell: Any) -> Any:
        """Type a text as text, which stays so when somebody edits the cell."""
        if is_risky(cell.value) or cell.value in _ERROR_VALUES:
            cell.data_type = "s"
            cell.quotePrefix = True
        return cell

    def _put(self, sheet: Any, value: object, style: Any) -> Any:
        cell = self._cell(sheet, value)
        cell._style = copy(style)
        return cell


class Sheets:
    """One table: a sheet, and a second and a third of its name with a number where it is full."""

    def __init__(
        self, book: Any, looks: Looks, name: str, columns: Iterable[str], max_rows: int
    ) -> None:
        self._book = book
        self._looks = looks
        self._name = name
        self._columns = tuple(columns)
        self._max_rows = max_rows
        self._sheet: Any = None
        self._n_sheets = self._n_rows = 0
        self._open()

    def append(self, cells: Iterable[Cell | Link]) -> None:
        """Add a row; what looks like a formula is written as text."""
        if self._n_rows == self._max_rows:
            self.finish()
            self._open()
        make, sheet, row = self._looks.make, self._sheet, tuple(cells)
        n_lines = max(map(_count_lines, row, self._columns))
        self._add((make(sheet, *cell) for cell in zip(row, self._columns, strict=True)), n_lines)

    def finish(self) -> None:
        """Put a filter over the rows of the sheet at hand."""
        self._sheet.auto_filter.ref = f"A1:{_letter(len(self._columns))}{max(self._n_rows, 2)}"

    def _open(self) -> None:
        place = self._book.index(self._sheet) + 1 if self._sheet else None
        self._n_sheets += 1
        number = str(self._n_sheets) if self._n_sheets > 1 else ""
        self._sheet = self._book.create_sheet(self._name + number, place)
        self._sheet.freeze_panes = "C2" if len(self._columns) > _FEW_COLUMNS else "B2"
        for i, column in enumerate(self._columns, 1):
            self._sheet.column_dimensions[_letter(i)].width = COLUMN_WIDTHS.get(
                column, _SCORE_WIDTH
            )
        self._set_up_print()
        self._n_rows = 0
        self._add(self._looks.make_head(self._sheet, column) for column in self._columns)

    def _set_up_print(self) -> None:
        from openpyxl.worksheet.properties import PageSetupProperties

        sheet = self._sheet
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
        sheet.page_setup.paperSize = _A4
        sheet.print_title_rows = "1:1"

    def _add(self, cells: Iterable[Any], n_lines: int = 1) -> None:
        """Add a row as high as its lines: not every office fits rows to wrapped text by itself."""
        self._n_rows += 1
        heights = self._sheet.row_dimensions
        heights[self._n_rows].height = _LINE_PT * min(n_lines, _MAX_LINES) + _ROW_SPACE_PT
        self._sheet.append(list(cells))
        del heights[self._n_rows]


def _count_lines(cell: Cell | Link, column: str) -> int:
    """Return how many lines a text takes in its column; a Chinese character is two wide."""
    cell = cell.value if isinstance(cell, Link) else cell
    if not isinstance(cell, str) or column not in WRAPPED_COLUMNS:
        return 1
    width = COLUMN_WIDTHS[column]
    widths = (sum(2 if ord(c) >= _WIDE_FROM else 1 for c in line) for line in cell.split("\n"))
    return sum(max(1, -(-n // width)) for n in widths)


def _letter(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(number))


def _format_of(value: float, column: str) -> str:
    if column.endswith("得分"):
        return _SCORE
    return _WHOLE if float(value).is_integer() else _BROKEN


def _parse_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def save_book(book: Any, path: Path) -> None:
    """Save a workbook without the times at which it was made: the same rows give the same bytes."""
    with TemporaryFile() as dated:
        book.save(dated)
        _undate(dated, path)


def _undate(dated: IO[bytes], path: Path) -> None:
    """Copy a workbook without the times at which it was made."""
    with zipfile.ZipFile(dated) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name)
            part.compress_type = zipfile.ZIP_DEFLATED
            with source.open(name) as old, target.open(part, "w", force_zip64=True) as new:
                if name == "docProps/core.xml":
                    new.write(_TIME.sub(_LONG_AGO, old.read()))
                else:
                    shutil.copyfileobj(old, new)
