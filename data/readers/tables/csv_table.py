"""CSV: a table whose header names its columns, cells parted by comma, tab or semicolon."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain

from data.readers.document import MAX_TEXT_BYTES, Document
from data.readers.items import Item
from data.readers.tables.lines import find_line_encoding, read_lines
from data.readers.tables.rows import is_header, read_table
from model import InputError

DELIMITERS = ",\t;"


def read_csv(document: Document) -> Iterator[Item]:
    """Read one article a row, row by row.

    Raises:
        InputError: the file is no text or has no header, or from one place on it cannot be read.
    """
    yield from read_table(read_csv_rows(document), document.id, document.source)


def read_csv_rows(document: Document) -> Iterator[list[str]]:
    """Read the cells of one row after another, the header's among them.

    Raises:
        InputError: the file is no text, or from one place on it cannot be read.
    """
    encoding = find_line_encoding(document.head)
    lines = _check(read_lines(document.stream, encoding))
    first = next(lines, "")
    csv.field_size_limit(MAX_TEXT_BYTES)
    rows = csv.reader(chain([first], lines), delimiter=_find_delimiter(first))
    yield from _rows(rows)


def _find_delimiter(line: str) -> str:
    return max(DELIMITERS, key=lambda d: (is_header(line.replace('"', "").split(d)), line.count(d)))


def _check(lines: Iterable[str | InputError]) -> Iterator[str]:
    """Stop at a line that cannot be read: a cell may go on from it."""
    for line in lines:
        if isinstance(line, InputError):
            raise line
        yield line


def _rows(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error:
        raise InputError("有一格过长或引号没有配对，从这一格起未处理") from None
