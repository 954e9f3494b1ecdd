"""Writers: reports and problems as JSON Lines, CSV, XLSX or Parquet, written as they come."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import IO, Any

from data.readers import Problem
from model import InputError, Report
from serving.output.tables import article_columns, article_row, clean_record, make_inert
from serving.output.workbook import XlsxWriter
from serving.output.writer import Record, Writer

FORMATS = ("jsonl", "csv", "xlsx", "parquet")
TEXT_FORMATS = ("jsonl", "csv")
CSV_ENCODING = "utf-8-sig"  # so that Excel opens a CSV file in Chinese without a wizard
PARQUET_ROWS = 1_000


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
        self._table = csv.DictWriter(stream, article_columns(names))
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


def to_record(item: Report | Problem) -> dict[str, Any]:
    """Return a report's contract form, or `id`, `source` and `error`."""
    if isinstance(item, Problem):
        return {"id": item.id, "source": item.source or None, "error": item.message}
    return item.to_dict()


def open_writer(
    name: str, target: Path | None, names: dict[str, str], made: date | None = None
) -> Writer:
    """Return a writer for a format, to a file or, for lines of text, to standard output.

    Args:
        name: jsonl, csv, xlsx or parquet.
        target: the file, or None for standard output.
        names: Chinese name of every theme, by key.
        made: the day to put into a workbook; without one, the same reports give the same bytes.

    Raises:
        InputError: the format is unknown or needs a file, or the file cannot be written.
    """
    check_format(name, to_file=target is not None)
    try:
        if target is not None:
            target.open("ab").close()  # refuse what cannot be written before the work starts
        if name == "xlsx" and target is not None:
            return XlsxWriter(target, names, made=made)
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
    "figures", "summary", "warnings", "model", "cluster", "place", "bodies", "points", "blocks",
    "error",
)  # fmt: skip


def _flatten(record: Record) -> dict[str, str | None]:
    """Lists and structures as JSON text: one schema whatever the themes are."""
    return {
        key: value if value is None or isinstance(value, str) else _json(value)
        for key, value in ((column, record.get(column)) for column in _RECORD_COLUMNS)
    }


def _finish(stream: IO[str]) -> None:
    stream.flush()
    if stream is not sys.stdout:
        stream.close()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
