"""JSON Lines: one article a line, with `id`, `text` and optional `title`, `date`, `source`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from data.readers.encoding import decode
from data.readers.items import Item, Problem
from model import Article, InputError


def read_jsonl(data: bytes, id: str, source: str) -> Iterator[Item]:
    """Read every line; a bad line becomes a `Problem` and the rest is read.

    Raises:
        InputError: the file is no text.
    """
    # Only "\n" ends a line of JSON Lines; a text may hold other line separators.
    for number, line in enumerate(_lines(data), 1):
        place = f"{id}:{number}"
        if isinstance(line, bytes):
            yield Problem(place, source, "这一行不是 UTF-8 编码，未处理")
        elif line.strip():
            yield _read_line(line, place, source)


def _lines(data: bytes) -> list[str | bytes]:
    """Split into lines; where the file is UTF-8 but for some lines, those stay bytes."""
    try:
        return list(decode(data).split("\n"))
    except InputError:
        lines = [_decode_line(line) for line in data.split(b"\n")]
        if all(isinstance(line, bytes) or not line for line in lines):
            raise
        return lines


def _decode_line(line: bytes) -> str | bytes:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line


def _read_line(line: str, place: str, source: str) -> Item:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return Problem(place, source, "不是合法的 JSON，这一行未处理")
    if not isinstance(row, dict):
        return Problem(place, source, '应为 JSON 对象，如 {"id": "a1", "text": "正文"}')
    name = _text(row, "id") or place
    if not isinstance(row.get("text"), str):
        return Problem(name, source, "缺少 text 一项，或其值不是文字")
    try:
        return Article.from_raw(
            row["text"],
            id=name,
            title=_text(row, "title"),
            date=_text(row, "date"),
            source=_text(row, "source") or source,
        )
    except InputError as error:
        return Problem(name, source, str(error))


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    return "" if value is None else str(value).encode("utf-8", "replace").decode()
