"""Writers: reports and problems as JSON Lines, CSV, XLSX or Parquet, written as they come."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
import zipfile
from abc import ABC, abstractmethod
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from data.readers import Problem
from model import InputError, Report
from serving.tables import FIGURE_COLUMNS, Cell, article_row, figure_row, make_inert, table_figures

Record = dict[str, Any]

FORMATS = ("jsonl", "csv", "xlsx", "parquet")
TEXT_FORMATS = ("jsonl", "csv")
CSV_ENCODING = "utf-8-sig"  # so that Excel opens a CSV file in Chinese without a wizard
PARQUET_ROWS = 1_000
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
            self._table.writeheader()
            self._with_header = False
        row = article_row(record, self._names)
        self._table.writerow({key: make_inert(cell) for key, cell in row.items()})

    def close(self) -> None:
        """Close the file; standard output stays open."""
        _finish(self._stream)


class XlsxWriter(Writer):
    """A workbook with the sheets 文章 and 数字."""

    def __init__(self, path: Path, names: dict[str, str]) -> None:
        from openpyxl import Workbook

        self._path = path
        self._names = names
        self._book = Workbook(write_only=True)
        self._articles = self._book.create_sheet("文章")
        self._figures = self._book.create_sheet("数字")
        self._columns = _article_columns(names)
        self._articles.append(self._columns)
        self._figures.append(["编号", *FIGURE_COLUMNS])

    def write(self, record: Record) -> None:
        """Add one row, and one for each figure."""
        row = article_row(record, self._names)
        self._articles.append([_to_cell(row.get(c)) for c in self._columns])
        for figure in table_figures(record.get("figures", ())):
            cells = (row["编号"], *figure_row(figure).values())
            self._figures.append([_to_cell(cell) for cell in cells])

    def close(self) -> None:
        """Save the workbook, the same bytes for the same rows."""
        with TemporaryFile() as dated:
            self._book.save(dated)
            _undate(dated, self._path)


class ParquetWriter(Writer):
    """One row a report, lists and structures as JSON has them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[dict[str, Any]] = []
        self._table: Any = None

    def write(self, record: Record) -> None:
        """Hold one row; write when there are many."""
        self._rows.append(_flatten(record))
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


def _to_cell(cell: Cell) -> Cell:
    """Make a cell inert and drop the control characters that a workbook cannot hold."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return make_inert(ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell)


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
        *scores, "提示", "模型", "同题", "错误",
    ]  # fmt: skip
