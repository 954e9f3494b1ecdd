"""Writers: reports and problems as JSON Lines, CSV, XLSX or Parquet, written as they come."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from data.readers import Problem
from model import InputError, Report
from serving.output.tables import (
    FIGURE_COLUMNS,
    THEME_COLUMNS,
    Cell,
    article_row,
    clean_record,
    figure_row,
    is_risky,
    make_inert,
    table_figures,
    theme_row,
)

Record = dict[str, Any]

FORMATS = ("jsonl", "csv", "xlsx", "parquet")
TEXT_FORMATS = ("jsonl", "csv")
CSV_ENCODING = "utf-8-sig"  # so that Excel opens a CSV file in Chinese without a wizard
PARQUET_ROWS = 1_000
XLSX_ROWS = 1_048_576  # what Excel holds in a sheet, its header included
_ERROR = "错误"
_ERROR_VALUES = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"}
)
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT[\d:]+Z")
_LONG_AGO = b"1980-01-01T00:00:00Z"


class Writer(ABC):
    """Takes reports and problems, as they are in JSON, in order; `close` finishes the file."""

    @abstractmethod
    def write(self, record: Record) -> None:
        """Write one result."""

    @abstractmethod
    def close(self) -> None:
        """Finish."""


class JsonLinesWriter(Writer):
    """One JSON object a line, the contract's report or `id` and `error`."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, record: Record) -> None:
        """Write one line."""
        record = clean_record(record, keep_offsets=True)
        self._stream.write(json.dumps(record, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file; standard output stays open."""
        _finish(self._stream)


class CsvWriter(Writer):
    """One row an article, below a header where the file has none yet."""

    def __init__(self, stream: IO[str], names: dict[str, str], *, with_header: bool = True) -> None:
        self._stream = stream
        self._names = names
        self._table = csv.DictWriter(stream, _article_columns(names))
        self._with_header = with_header

    def write(self, record: Record) -> None:
        """Write one row."""
        if self._with_header:
            self._table.writerow({key: make_inert(key) for key in self._table.fieldnames})
            self._with_header = False
        row = article_row(clean_record(record), self._names)
        self._table.writerow({key: make_inert(cell) for key, cell in row.items()})

    def close(self) -> None:
        """Close the file; standard output stays open."""
        _finish(self._stream)


class XlsxWriter(Writer):
    """A workbook with the sheets 文章, 主题, 数字 and 错误, each gone on with where it is full."""

    def __init__(self, path: Path, names: dict[str, str], max_rows: int = XLSX_ROWS) -> None:
        from openpyxl import Workbook

        self._path = path
        self._names = names
        self._book = Workbook(write_only=True)
        self._columns = [c for c in _article_columns(names) if c != _ERROR]
        self._articles = _Sheets(self._book, "文章", self._columns, max_rows)
        self._themes = _Sheets(self._book, "主题", ("编号", *THEME_COLUMNS), max_rows)
        self._figures = _Sheets(self._book, "数字", ("编号", *FIGURE_COLUMNS), max_rows)
        self._errors = _Sheets(self._book, "错误", ("编号", "来源", _ERROR), max_rows)

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
        for sheets, cells in rows:
            sheets.append(cells)

    def _rows(self, record: Record) -> Iterator[tuple[_Sheets, Iterable[Cell]]]:
        row = article_row(record, self._names)
        number = str(row["编号"])  # Excel keeps 15 digits of a number
        row["编号"] = number
        if _ERROR in row:
            yield self._errors, row.values()
            return
        yield self._articles, (row.get(c) for c in self._columns)
        for theme in record["themes"]:
            yield self._themes, (number, *theme_row(theme).values())
        for figure in table_figures(record["figures"]):
            yield self._figures, (number, *figure_row(figure).values())

    def close(self) -> None:
        """Save the workbook, the same bytes for the same rows."""
        with TemporaryFile() as dated:
            self._book.save(dated)
            _undate(dated, self._path)


class _Sheets:
    """One table: a sheet, and a second and a third of its name with a number where it is full."""

    def __init__(self, book: Any, name: str, columns: Iterable[str], max_rows: int) -> None:
        self._book = book
        self._name = name
        self._columns = tuple(columns)
        self._max_rows = max_rows
        self._sheet: Any = None
        self._n_sheets = self._n_rows = 0
        self._open()

    def append(self, cells: Iterable[Cell]) -> None:
        """Add a row; what looks like a formula is written as text."""
        if self._n_rows == self._max_rows:
            self._open()
        self._add(cells)

    def _open(self) -> None:
        place = self._book.index(self._sheet) + 1 if self._sheet else None
        self._n_sheets += 1
        number = str(self._n_sheets) if self._n_sheets > 1 else ""
        self._sheet = self._book.create_sheet(self._name + number, place)
        self._n_rows = 0
        self._add(self._columns)

    def _add(self, cells: Iterable[Cell]) -> None:
        self._sheet.append([_to_cell(cell, self._sheet) for cell in cells])
        self._n_rows += 1


class ParquetWriter(Writer):
    """One row a report, lists and structures in it as JSON text."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[dict[str, Any]] = []
        self._table: Any = None

    def write(self, record: Record) -> None:
        """Hold one row; write when there are many."""
        self._rows.append(_flatten(clean_record(record, keep_offsets=True)))
        if len(self._rows) >= PARQUET_ROWS:
            self._flush()

    def close(self) -> None:
        """Write what is held and finish."""
        self._flush()
        if self._table is not None:
            self._table.close()

    def _flush(self) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        schema = pa.schema([(column, pa.string()) for column in _RECORD_COLUMNS])
        if self._table is None:
            self._table = parquet.ParquetWriter(self._path, schema)
        self._table.write_table(pa.Table.from_pylist(self._rows, schema=schema))
        self._rows = []


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


def to_record(item: Report | Problem) -> dict[str, Any]:
    """Return a report's contract form, or `id`, `source` and `error`."""
    if isinstance(item, Problem):
        return {"id": item.id, "source": item.source or None, "error": item.message}
    return item.to_dict()


def open_writer(name: str, target: Path | None, names: dict[str, str]) -> Writer:
    """Return a writer for a format, to a file or, for lines of text, to standard output.

    Args:
        name: jsonl, csv, xlsx or parquet.
        target: the file, or None for standard output.
        names: Chinese name of every theme, by key.

    Raises:
        InputError: the format is unknown or needs a file, or the file cannot be written.
    """
    check_format(name, to_file=target is not None)
    try:
        if target is not None:
            target.open("ab").close()  # refuse what cannot be written before the work starts
        if name == "xlsx" and target is not None:
            return XlsxWriter(target, names)
        if name == "parquet" and target is not None:
            return ParquetWriter(target)
        stream = _open_text(target, name)
    except OSError as error:
        raise InputError(f"无法写入 {target}：{error.strerror}") from None
    return text_writer(name, stream, names)


def text_writer(
    name: str, stream: IO[str], names: dict[str, str], *, with_header: bool = True
) -> Writer:
    """Return a writer of lines, jsonl or csv."""
    if name == "csv":
        return CsvWriter(stream, names, with_header=with_header)
    return JsonLinesWriter(stream)


def check_format(name: str, *, to_file: bool) -> None:
    """Refuse a format that there is not, or that needs a file.

    Raises:
        InputError: as said.
    """
    if name not in FORMATS:
        raise InputError(f"没有 {name} 这种输出格式，可用：{'、'.join(FORMATS)}")
    if not to_file and name not in TEXT_FORMATS:
        raise InputError(f"{name} 格式要写到文件，请用 -o 给出文件名")


def _open_text(target: Path | None, name: str) -> IO[str]:
    if target is None:
        if isinstance(sys.stdout, io.TextIOWrapper):  # a console may know few characters
            sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
        return sys.stdout
    encoding = CSV_ENCODING if name == "csv" else "utf-8"
    return target.open("w", encoding=encoding, newline="")


_RECORD_COLUMNS = (
    "id", "source", "title", "date", "text", "themes", "scores", "primary", "review",
    "figures", "summary", "warnings", "model", "cluster", "error",
)  # fmt: skip


def _flatten(record: Record) -> dict[str, str | None]:
    """Lists and structures as JSON text: one schema whatever the themes are."""
    return {
        key: value if value is None or isinstance(value, str) else _json(value)
        for key, value in ((column, record.get(column)) for column in _RECORD_COLUMNS)
    }


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


def _to_cell(cell: Cell, sheet: Any) -> Any:
    """Type a text as text, which stays so when somebody edits the cell."""
    if not is_risky(cell) and cell not in _ERROR_VALUES:
        return cell
    from openpyxl.cell import WriteOnlyCell

    typed = WriteOnlyCell(sheet, cell)
    typed.data_type = "s"
    typed.quotePrefix = True
    return typed


def _finish(stream: IO[str]) -> None:
    stream.flush()
    if stream is not sys.stdout:
        stream.close()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _article_columns(names: dict[str, str]) -> list[str]:
    scores = [f"{name}得分" for name in names.values()]
    return [
        "编号", "标题", "日期", "来源", "主题", "主要主题", "待复核", "摘要", "数字条数",
        *scores, "提示", "模型", "同题", _ERROR,
    ]  # fmt: skip
