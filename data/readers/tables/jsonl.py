"""JSON Lines: one article a line, with `id`, `text` and optional `title`, `date`, `source`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from data.readers.document import Document
from data.readers.items import Item, Problem
from data.readers.tables.lines import find_line_encoding, read_lines
from data.readers.tables.rows import read_row
from model import InputError


def read_jsonl(document: Document) -> Iterator[Item]:
    """Read line by line; a bad line becomes a `Problem` and the rest is read.

    Raises:
        InputError: the file is empty or no text.
    """
    head = document.head
    if not head.strip():
        raise InputError("没有文字：文件是空的")
    lines = read_lines(document.stream, find_line_encoding(head))
    for number, line in enumerate(lines, 1):
        place = f"{document.id}:{number}"
        if isinstance(line, InputError):
            yield Problem(place, document.source, str(line), line.code)
        elif line.strip():
            yield _read_line(line, place, document.source)


def _read_line(line: str, place: str, source: str) -> Item:
    try:
        row = json.loads(line.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return Problem(place, source, "不是合法的 JSON，这一行未处理")
    if not isinstance(row, dict):
        return Problem(place, source, '应为 JSON 对象，如 {"id": "a1", "text": "正文"}')
    return read_row(row, place, source)
