"""CSV: a table whose header names its columns, cells parted by comma, tab or semicolon."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from data.readers.document import MAX_TEXT_BYTES, Document
from data.readers.items import Item
from data.readers.tables.lines import find_line_encoding, read_lines
from data.readers.tables.rows import HEADER_WITHIN_ROWS, is_header, read_table
from model import InputError

DELIMITERS = ",\t;"
_MAX_LINES = 200_000  # an article has no more characters
_UNCLOSED = "这一行的双引号没有配对，未处理；其后各行照常读"
_TOO_LONG = "有一格过长或引号没有配对，从这一格起未处理"


def read_csv(document: Document) -> Iterator[Item]:
    """Read one article a row, row by row.

    Raises:
        InputError: the file is no text or has no header, or from one place on it cannot be read.
    """
    yield from read_table(read_csv_rows(document), document.id, document.source, is_exact=True)


def read_csv_rows(document: Document) -> Iterator[list[str] | InputError]:
    """Read the cells of one row after another, the header's among them.

    A row whose quotes are not closed is an error, and those that it would swallow are read.

    Raises:
        InputError: the file is no text, or from one place on it cannot be read.
    """
    encoding = find_line_encoding(document.head)
    lines = read_lines(document.stream, encoding)
    top = list(islice(lines, HEADER_WITHIN_ROWS))
    csv.field_size_limit(MAX_TEXT_BYTES)
    delimiter = _find_delimiter([line for line in top if isinstance(line, str)])
    for record in _read_records(_check(chain(top, lines)), delimiter):
        yield record if isinstance(record, InputError) else _parse(record, delimiter)


def _find_delimiter(lines: list[str]) -> str:
    """Return what parts the cells of the header, which may stand below titles."""
    rows = ((line.replace('"', "").split(d), d) for line in lines for d in DELIMITERS)
    headers = [(len(cells), d) for cells, d in rows if is_header(cells)]
    if headers:
        return max(headers, key=lambda h: h[0])[1]
    return max(DELIMITERS, key=(lines or [""])[0].count)


def _read_records(lines: Iterator[str], delimiter: str) -> Iterator[list[str] | InputError]:
    """Yield the lines of one row after another.

    Within quotes a row goes on over line ends. Where they are never closed, or closed in the
    middle of a cell, the row that opened them is broken; the lines that it would take in hold no
    quotes of their own and are rows.
    """
    edges = _Quotes(delimiter)
    held: list[str] = []
    n_chars = 0
    for line in lines:
        n_chars += len(line)
        if n_chars > MAX_TEXT_BYTES or len(held) > _MAX_LINES:
            raise InputError(_TOO_LONG)
        was_open = edges.is_open
        if edges.take(line) and was_open:
            yield from _break(held)
            held, n_chars = [], len(line)
            edges.is_open = False
            edges.take(line)
        held.append(line)
        if not edges.is_open:
            yield held
            held, n_chars = [], 0
    yield from _break(held)


def _break(held: list[str]) -> Iterator[list[str] | InputError]:
    if held:
        yield InputError(_UNCLOSED)
    yield from ([line] for line in held[1:])


class _Quotes:
    """Whether a line ends within quotes, as the module csv reads them."""

    def __init__(self, delimiter: str) -> None:
        mark = re.escape(delimiter)
        self.is_open = False
        self._opening = re.compile(f'(?:^|{mark})"')
        self._after = re.compile(f"{mark}|\\s*$")

    def take(self, line: str) -> bool:
        """Read a line; return whether quotes that were open before it close within a cell."""
        if '"' not in line:
            return False
        line = line.rstrip("\n")
        at, is_broken = 0, False
        if self.is_open:
            at = self._close(line, 0)
            is_broken = at >= 0 and self._after.match(line, at) is None
        while at >= 0 and (opening := self._opening.search(line, at)):
            self.is_open = True
            at = self._close(line, opening.end())
        return is_broken

    def _close(self, line: str, at: int) -> int:
        end = _find_close(line, at)
        self.is_open = end < 0
        return end


def _find_close(line: str, at: int) -> int:
    """Return the place behind the quotes that close a cell, -1 if none do; doubled ones do not."""
    while (at := line.find('"', at)) >= 0:
        if not line.startswith('""', at):
            return at + 1
        at += 2
    return -1


def _check(lines: Iterable[str | InputError]) -> Iterator[str]:
    """Stop at a line that cannot be read: a cell may go on from it."""
    for line in lines:
        if isinstance(line, InputError):
            raise line
        yield line


def _parse(record: list[str], delimiter: str) -> list[str]:
    try:
        rows = list(csv.reader(record, delimiter=delimiter))
    except csv.Error:
        raise InputError(_TOO_LONG) from None
    return [cell for row in rows for cell in row]
