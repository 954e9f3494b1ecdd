"""The text of a binary Word document (.doc, .wps): pieces, fields, hidden text, tables.

Word 97 and later ([MS-DOC] 2.4.1): the text lies in pieces of the stream `WordDocument`, the list
of pieces in the stream of tables.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data.readers.hints import LineNote
from data.readers.pages.office.formats import (
    DELETED,
    HIDDEN,
    IN_TABLE,
    RAISED,
    ROW_END,
    Runs,
    read_runs,
)
from data.readers.pages.raised import read_subscript, read_superscript
from data.readers.pages.word_table import write_rows

# More than an article may have; the reader says so.
MAX_CHARS = 250_000
_MAGIC, _FIRST_VERSION = 0xA5EC, 0x6A
_ENCRYPTED, _IN_TABLE_1 = 0x0100, 0x0200
# Places in the head: numbers of characters of each part, and where lists lie in the tables.
_AT_COUNTS, _AT_CHARACTERS, _AT_PARAGRAPHS, _AT_PIECES = 76, 0xFA, 0x102, 0x1A2
_N_COUNTS, _BOXES = 7, 6
_COMPRESSED = 0x40000000
_CHANGES, _PIECES = 1, 2
_TOKEN = re.compile(r"[^\x00-\x1f]+|[\x00-\x1f]")
_FIELD, _FIELD_RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_CELL = "\x07"
_PARAGRAPH_ENDS = frozenset("\r\x0c\x07\x0e")
_SIGNS = {"\t": "\t", "\x0b": "\n", "\x1e": "-"}
_RAISED, _LOWERED = 1, 2
# The first styles of every document are those of the headings, by level ([MS-DOC] 2.9.271).
_HEADING_STYLES = range(1, 10)


class DocumentError(Exception):
    """The file is no document that can be read; `args[0]` is the code of the reason."""


@dataclass(frozen=True)
class _Piece:
    """Characters as they lie in the file, from a byte on, one or two bytes each."""

    start: int
    width: int
    n_chars: int


@dataclass(frozen=True)
class _Paragraph:
    text: str
    ends_cell: bool
    ends_row: bool
    in_table: bool
    style: int = 0


def read_word(document: bytes, tables: tuple[bytes, bytes]) -> tuple[str, list[LineNote]]:
    """Return the text, table rows as lines, text boxes behind it; and notes on its headings.

    Args:
        document: the stream `WordDocument`.
        tables: the streams `0Table` and `1Table`, empty where there is none.

    Raises:
        DocumentError: it has a password, is older than Word 97, or is damaged.
    """
    try:
        return _Reader(document, tables).read()
    except (struct.error, IndexError, ValueError) as error:
        raise DocumentError("damaged") from error


class _Reader:
    def __init__(self, document: bytes, tables: tuple[bytes, bytes]) -> None:
        magic, version = struct.unpack_from("<HH", document)
        (flags,) = struct.unpack_from("<H", document, 10)
        if magic != _MAGIC or version < _FIRST_VERSION:
            raise DocumentError("too old")
        if flags & _ENCRYPTED:
            raise DocumentError("password")
        self._document = document
        self._table = tables[1 if flags & _IN_TABLE_1 else 0]
        self._characters = read_runs(document, self._list(_AT_CHARACTERS), is_paragraphs=False)
        self._paragraphs: Runs = read_runs(document, self._list(_AT_PARAGRAPHS), is_paragraphs=True)
        counts = struct.unpack_from(f"<{_N_COUNTS}I", document, _AT_COUNTS)
        self._n_text, self._before_boxes = counts[0], sum(counts[:_BOXES])
        self._n_boxes = counts[_BOXES]

    def read(self) -> tuple[str, list[LineNote]]:
        stretches = [(0, self._n_text)]
        if self._n_boxes:
            stretches.append((self._before_boxes, self._before_boxes + self._n_boxes))
        parts = [list(self._read_part(start, end)) for start, end in stretches]
        notes = [
            LineNote(paragraph.text, "heading", paragraph.style, "word")
            for part in parts
            for paragraph in part
            if paragraph.style in _HEADING_STYLES and not paragraph.in_table
        ]
        return "\n".join(line for part in parts for line in _lay_out(part)), notes

    def _list(self, at: int) -> bytes:
        start, n_bytes = struct.unpack_from("<II", self._document, at)
        return self._table[start : start + n_bytes]

    def _find_pieces(self) -> Iterator[_Piece]:
        """Read the list of pieces, which stands behind lists of changes."""
        pieces = self._list(_AT_PIECES)
        place = 0
        while pieces[place] == _CHANGES:
            place += 3 + int.from_bytes(pieces[place + 1 : place + 3], "little")
        if pieces[place] != _PIECES:
            raise DocumentError("damaged")
        (n_bytes,) = struct.unpack_from("<I", pieces, place + 1)
        content = pieces[place + 5 : place + 5 + n_bytes]
        n_pieces = (len(content) - 4) // 12
        limits = struct.unpack_from(f"<{n_pieces + 1}I", content)
        for number in range(n_pieces):
            (start,) = struct.unpack_from("<I", content, 4 * (n_pieces + 1) + 8 * number + 2)
            n_chars = limits[number + 1] - limits[number]
            if n_chars < 0:
                raise DocumentError("damaged")
            if start & _COMPRESSED:
                yield _Piece((start & ~_COMPRESSED) // 2, 1, n_chars)
            else:
                yield _Piece(start, 2, n_chars)

    def _read_part(self, first: int, last: int) -> Iterator[_Paragraph]:
        """Read the paragraphs of a stretch of characters."""
        text: list[str] = []
        fields: list[str] = []
        for sign, place in self._read_tokens(first, last):
            if sign in (_FIELD, _FIELD_RESULT, _FIELD_END):
                _follow_field(fields, sign)
            elif _FIELD in fields:  # what the field computes its result from
                continue
            elif sign in _PARAGRAPH_ENDS:
                yield self._end_paragraph("".join(text), sign, place)
                text = []
            elif sign >= " " or sign in _SIGNS:
                text.append(_SIGNS.get(sign, sign))
        if text:
            yield _Paragraph("".join(text), ends_cell=False, ends_row=False, in_table=False)

    def _end_paragraph(self, text: str, sign: str, place: int) -> _Paragraph:
        run = self._paragraphs.find(place)
        properties = run.properties if run else {}
        ends_cell = sign == _CELL
        return _Paragraph(
            # Characters beyond the first 65,536 stand as two halves.
            text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"),
            ends_cell=ends_cell,
            ends_row=ends_cell and bool(properties.get(ROW_END)),
            in_table=ends_cell or bool(properties.get(IN_TABLE)),
            style=run.style if run else 0,
        )

    def _read_tokens(self, first: int, last: int) -> Iterator[tuple[str, int]]:
        """Read stretches of seen text and single signs, each with the byte where it starts."""
        place, n_read = 0, 0
        for piece in self._find_pieces():
            start, end = max(first, place), min(last, place + piece.n_chars)
            if start < end and n_read <= MAX_CHARS:
                n_read += end - start
                at = piece.start + (start - place) * piece.width
                if at + (end - start) * piece.width > len(self._document):
                    raise DocumentError("damaged")
                yield from self._read_piece(at, piece.width, end - start)
            place += piece.n_chars
        if place < last and n_read <= MAX_CHARS:
            raise DocumentError("damaged")

    def _read_piece(self, at: int, width: int, n_chars: int) -> Iterator[tuple[str, int]]:
        before = ""
        for run in self._characters.cut(at, at + width * n_chars):
            is_seen = not (run.properties.get(HIDDEN, 0) & 1 or run.properties.get(DELETED, 0) & 1)
            text = _decode(self._document[run.start : run.end], width)
            shift = run.properties.get(RAISED, 0)
            for match in _TOKEN.finditer(text):
                sign = match[0]
                if is_seen or sign in _PARAGRAPH_ENDS:
                    sign = _shift(sign, shift, before) if sign >= " " else sign
                    before = sign or before
                    if sign:
                        yield sign, run.start + width * match.start()


def _decode(content: bytes, width: int) -> str:
    if width == 1:
        return content.decode("cp1252", "replace")
    n_chars = len(content) // 2
    return "".join(map(chr, struct.unpack_from(f"<{n_chars}H", content)))


def _shift(text: str, shift: int, before: str) -> str:
    if shift == _RAISED:
        return read_superscript(text, before)
    return read_subscript(text, before) if shift == _LOWERED else text


def _follow_field(fields: list[str], sign: str) -> None:
    if sign == _FIELD:
        fields.append(sign)
    elif fields and sign == _FIELD_RESULT:
        fields[-1] = sign
    elif fields:
        fields.pop()


def _lay_out(paragraphs: Iterable[_Paragraph]) -> Iterator[str]:
    """Return lines; the rows of a table that lie one below another are written together."""
    rows: list[list[str]] = []
    cells: list[str] = []
    cell: list[str] = []
    for paragraph in paragraphs:
        if not paragraph.in_table:
            yield from write_rows(rows)
            yield from filter(None, [*cells, *cell])
            rows, cells, cell = [], [], []
            yield paragraph.text
        elif paragraph.ends_row:
            rows.append(cells)
            cells, cell = [], []
        elif paragraph.ends_cell:
            cells.append("\n".join([*cell, paragraph.text]))
            cell = []
        else:
            cell.append(paragraph.text)
    yield from write_rows(rows)
    yield from filter(None, [*cells, *cell])
