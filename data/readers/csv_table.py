"""CSV: a table whose header names its columns, cells parted by comma, tab or semicolon."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain

from data.readers.document import MAX_TEXT_BYTES, Document
from data.readers.encoding import find_encoding, wrong_bytes
from data.readers.items import Item
from data.readers.rows import is_header, read_table
from model import InputError

DELIMITERS = ",\t;"


def read_csv(document: Document) -> Iterator[Item]:
    """Read one article a row, row by row.

    Raises:
        InputError: the file is no text or has no header, or from one place on it cannot be read.
    """
    encoding = find_encoding(document.head)
    lines = _lines(io.TextIOWrapper(document.stream, encoding, newline=""), encoding)
    first = next(lines, "")
    csv.field_size_limit(MAX_TEXT_BYTES)
    rows = csv.reader(chain([first], lines), delimiter=_find_delimiter(first))
    yield from read_table(_rows(rows), document.id, document.source)


def _find_delimiter(line: str) -> str:
    return max(DELIMITERS, key=lambda d: (is_header(line.replace('"', "").split(d)), line.count(d)))


def _lines(stream: io.TextIOWrapper, encoding: str) -> Iterator[str]:
    try:
        while line := stream.readline(MAX_TEXT_BYTES):
            if len(line) == MAX_TEXT_BYTES:
                raise InputError(f"有一行超过 {MAX_TEXT_BYTES >> 20} MB，从这一行起未处理")
            yield line
    except UnicodeDecodeError:
        raise InputError(wrong_bytes(encoding)) from None


def _rows(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error:
        raise InputError("有一格过长，多半是引号没有配对；从这一格起未处理") from None
