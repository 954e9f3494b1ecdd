"""Formats in a binary Word file: which stretches are hidden or raised, which end a table's row.

Pages of 512 bytes hold runs of characters, by their bytes in the file, with the properties that
differ from the style's ([MS-DOC] 2.9.33 and 2.9.180).
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

PAGE_BYTES = 512
_PAGE_MASK = 0x3FFFFF
_PARAGRAPH_ENTRY_BYTES = 13
# Properties, by their codes.
DELETED, HIDDEN, RAISED = 0x0800, 0x083C, 0x2A48
IN_TABLE, ROW_END = 0x2416, 0x2417
_LONG_TABLE = 0xD608
# Bytes of a property's value, by the upper three bits of its code; 6 says it in a byte.
_VALUE_BYTES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_VARIABLE = 6
# What a property is of, in its code.
_GROUP_SHIFT, _GROUP_MASK, _OF_CHARACTERS = 10, 7, 2


@dataclass(frozen=True)
class Run:
    """Bytes of the file, end-exclusive, that share properties; `style` is 0 for characters."""

    start: int
    end: int
    properties: dict[int, int]
    style: int = 0


class Runs:
    """Runs in order of the file."""

    def __init__(self, runs: list[Run]) -> None:
        self._runs = sorted(runs, key=lambda run: run.start)
        self._starts = [run.start for run in self._runs]

    def find(self, place: int) -> Run | None:
        """Return the run that holds a byte."""
        number = bisect_right(self._starts, place) - 1
        run = self._runs[number] if number >= 0 else None
        return run if run and place < run.end else None

    def cut(self, start: int, end: int) -> Iterator[Run]:
        """Cut a stretch of bytes into runs.

        Raises:
            ValueError: some of it is in no run. Runs of characters cover all text, so that one is
                lost, and with it, whether the text is hidden.
        """
        place = start
        number = max(0, bisect_right(self._starts, start) - 1)
        for run in self._runs[number:]:
            if run.start >= end:
                break
            if run.end <= place:
                continue
            if run.start > place:
                break
            yield Run(place, min(run.end, end), run.properties, run.style)
            place = min(run.end, end)
        if place < end:
            raise ValueError("text without a format")


def read_runs(document: bytes, table: bytes, *, is_paragraphs: bool) -> Runs:
    """Read the runs of characters or of paragraphs.

    Args:
        document: the stream of the text, which holds the pages.
        table: the list of pages: limits, then page numbers ([MS-DOC] 2.8.5 and 2.8.6).
        is_paragraphs: which of the two kinds.

    Raises:
        ValueError: a page is missing or damaged, so that hidden text would be taken for seen text.
    """
    n_pages = (len(table) - 4) // 8
    if n_pages < 1:
        raise ValueError("no pages of formats")
    runs: list[Run] = []
    for number in range(n_pages):
        (page,) = struct.unpack_from("<I", table, 4 * (n_pages + 1 + number))
        start = (page & _PAGE_MASK) * PAGE_BYTES
        content = document[start : start + PAGE_BYTES]
        if len(content) < PAGE_BYTES:
            raise ValueError("a page of formats is missing")
        runs += _read_page(content, is_paragraphs=is_paragraphs)
    return Runs(runs)


def _read_page(page: bytes, *, is_paragraphs: bool) -> Iterator[Run]:
    n_runs = page[-1]
    entry_bytes = _PARAGRAPH_ENTRY_BYTES if is_paragraphs else 1
    if 4 * (n_runs + 1) + entry_bytes * n_runs >= PAGE_BYTES:
        raise ValueError("a page of formats is damaged")
    limits = struct.unpack_from(f"<{n_runs + 1}I", page)
    for number in range(n_runs):
        place = 2 * page[4 * (n_runs + 1) + entry_bytes * number]
        start, end = limits[number], limits[number + 1]
        if end <= start:
            continue
        if is_paragraphs:
            style, changes = _find_paragraph(page, place)
        else:
            style, changes = 0, page[place + 1 : place + 1 + page[place]] if place else b""
            _check_properties(changes, page[place] if place else 0)
        yield Run(start, end, _read_properties(changes), style)


def _find_paragraph(page: bytes, place: int) -> tuple[int, bytes]:
    """Return a paragraph's style and its properties."""
    if not place or place + 1 >= PAGE_BYTES:
        return 0, b""
    if page[place]:
        start, n_bytes = place + 1, 2 * page[place] - 1
    else:
        start, n_bytes = place + 2, 2 * page[place + 1]
    content = page[start : start + n_bytes]
    return int.from_bytes(content[:2], "little"), content[2:]


def _check_properties(changes: bytes, n_bytes: int) -> None:
    """Check properties of characters.

    Raises:
        ValueError: they are cut off, or are not of characters: what they say is not what was meant.
    """
    place = 0
    for code, value in _walk(changes):
        place += 2 + len(value)
        if code >> _GROUP_SHIFT & _GROUP_MASK != _OF_CHARACTERS:
            raise ValueError("a property of something else")
    if len(changes) != n_bytes or place != n_bytes:
        raise ValueError("properties are cut off")


def _read_properties(changes: bytes) -> dict[int, int]:
    """Return the properties of one byte each; others are skipped."""
    return {code: value[0] for code, value in _walk(changes) if len(value) == 1}


def _walk(changes: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each property's code and value."""
    place = 0
    while place + 2 < len(changes):
        (code,) = struct.unpack_from("<H", changes, place)
        place += 2
        kind = code >> 13
        if code == _LONG_TABLE:
            n_bytes = int.from_bytes(changes[place : place + 2], "little") + 1
        elif kind == _VARIABLE:
            n_bytes = changes[place] + 1
        else:
            n_bytes = _VALUE_BYTES[kind]
        yield code, changes[place : place + n_bytes]
        place += n_bytes
