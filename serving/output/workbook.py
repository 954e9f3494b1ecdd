"""A workbook as people keep it: a frozen head, a filter, widths, real dates and numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from serving.output.columns import COLUMN_MEANINGS
from serving.output.sheets import XLSX_ROWS, Looks, Sheets, save_book
from serving.output.tables import (
    ABOUT_COLUMNS,
    ERROR_COLUMN,
    FIGURE_COLUMNS,
    THEME_COLUMNS,
    Cell,
    article_columns,
    article_row,
    clean_record,
    figure_row,
    table_figures,
    theme_row,
)
from serving.output.writer import Record, Writer

_NOTES = "说明"


class XlsxWriter(Writer):
    """A workbook with the sheets 文章, 主题, 数字, 错误 and 说明; a full one goes on in another.

    Args:
        path: the file.
        names: Chinese name of every theme, by key.
        max_rows: rows of a sheet, its head included.
        made: the day to put into 说明.
    """

    def __init__(
        self,
        path: Path,
        names: dict[str, str],
        max_rows: int = XLSX_ROWS,
        made: date | None = None,
    ) -> None:
        from openpyxl import Workbook

        self._path = path
        self._names = names
        self._made = made
        self._models: Counter[str] = Counter()
        self._book = Workbook(write_only=True)
        self._columns = [c for c in article_columns(names) if c != ERROR_COLUMN]
        looks = Looks(self._book)
        figures, themes = (
            ("编号", *columns, *ABOUT_COLUMNS) for columns in (FIGURE_COLUMNS, THEME_COLUMNS)
        )
        self._articles = Sheets(self._book, looks, "文章", self._columns, max_rows)
        self._themes = Sheets(self._book, looks, "主题", themes, max_rows)
        self._figures = Sheets(self._book, looks, "数字", figures, max_rows)
        self._errors = Sheets(self._book, looks, "错误", ("编号", "来源", ERROR_COLUMN), max_rows)
        self._notes = Sheets(self._book, looks, _NOTES, ("栏目", _NOTES), max_rows)

    def write(self, record: Record) -> None:
        """Add a row, one for each theme and one for each figure; or the row of an error.

        A record that cannot be written becomes an error, and the others are written.
        """
        record = clean_record(record)
        try:
            rows = [(sheets, _check_cells(cells)) for sheets, cells in self._rows(record)]
        except (ValueError, TypeError, KeyError) as error:
            message = f"写不进工作簿（{type(error).__name__}：{error!s:.60}）"
            rows = [(self._errors, (str(record.get("id")), str(record.get("source")), message))]
        else:
            self._models[record.get("model") or ""] += 1
        for sheets, cells in rows:
            sheets.append(cells)

    def _rows(self, record: Record) -> Iterator[tuple[Sheets, Iterable[Cell]]]:
        row = article_row(record, self._names)
        number = str(row["编号"])  # Excel keeps 15 digits of a number
        row["编号"] = number
        if ERROR_COLUMN in row:
            yield self._errors, row.values()
            return
        yield self._articles, (row.get(c) for c in self._columns)
        about = [row[c] for c in ABOUT_COLUMNS]
        for theme in record["themes"]:
            yield self._themes, (number, *theme_row(theme).values(), *about)
        for figure in table_figures(record["figures"]):
            yield self._figures, (number, *figure_row(figure).values(), *about)

    def close(self) -> None:
        """Save the workbook, the same bytes for the same rows and day."""
        for cells in self._describe():
            self._notes.append(cells)
        for sheets in (self._articles, self._themes, self._figures, self._errors):
            sheets.finish()
        save_book(self._book, self._path)

    def _describe(self) -> Iterator[tuple[str, Cell]]:
        yield "来历", "医闻（Yiwen）对文章的阅读结果：主题、关键数字、摘要。"
        if self._made:
            yield "制表日期", self._made.isoformat()
        models = [model for model in self._models if model]
        yield "模型", "、".join(models)
        yield from COLUMN_MEANINGS


def write_sheet(
    path: Path, name: str, columns: Sequence[str], rows: Iterable[Iterable[Cell]]
) -> None:
    """Write a workbook of one table, with the looks of `XlsxWriter`."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheets = Sheets(book, Looks(book), name, columns, XLSX_ROWS)
    for row in rows:
        sheets.append(row)
    sheets.finish()
    save_book(book, path)


def _check_cells(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Return the cells of a row.

    Raises:
        ValueError: one of them is nothing that a workbook holds.
    """
    row = tuple(cells)
    for cell in row:
        if not isinstance(cell, (str, int, float, type(None))):
            raise ValueError(f"{cell!r:.40}")
    return row
