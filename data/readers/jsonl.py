"""JSON Lines: one article a line, with `id`, `text` and optional `title`, `date`, `source`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

from data.readers.document import MAX_TEXT_BYTES, Document
from data.readers.encoding import find_encoding, is_wide, wrong_bytes
from data.readers.items import Item, Problem
from data.readers.rows import read_row
from model import InputError

_TOO_LONG = f"这一行超过 {MAX_TEXT_BYTES >> 20} MB，未处理"


def read_jsonl(document: Document) -> Iterator[Item]:
    """Read line by line; a bad line becomes a `Problem` and the rest is read.

    Raises:
        InputError: the file is empty or no text.
    """
    head = document.head
    if not head.strip():
        raise InputError("没有文字：文件是空的")
    # Only "\n" ends a line of JSON Lines; a text may hold other line separators.
    for number, line in enumerate(_lines(document.stream, _encoding_of_lines(head)), 1):
        place = f"{document.id}:{number}"
        if isinstance(line, InputError):
            yield Problem(place, document.source, str(line))
        elif line.strip():
            yield _read_line(line, place, document.source)


def _encoding_of_lines(head: bytes) -> str:
    """UTF-8 where most lines are, so that one bad line does not spoil the others."""
    lines = [line for line in head.split(b"\n")[:-1] if line.strip() and b"\0" not in line]
    n_utf8 = sum(_decode(line, "utf-8") is not None for line in lines)
    return "utf-8" if n_utf8 * 2 > len(lines) else find_encoding(head)


def _lines(stream: io.BufferedReader, encoding: str) -> Iterator[str | InputError]:
    if is_wide(encoding):
        yield from _wide_lines(io.TextIOWrapper(stream, encoding, newline="\n"), encoding)
        return
    while line := stream.readline(MAX_TEXT_BYTES):
        if len(line) == MAX_TEXT_BYTES and not line.endswith(b"\n"):
            _skip_line(stream)
            yield InputError(_TOO_LONG)
        else:
            text = _decode(line, encoding)
            yield InputError(f"这一行{wrong_bytes(encoding)}") if text is None else text


def _wide_lines(stream: io.TextIOWrapper, encoding: str) -> Iterator[str | InputError]:
    try:
        while line := stream.readline(MAX_TEXT_BYTES):
            if len(line) == MAX_TEXT_BYTES:
                raise InputError(_TOO_LONG)
            yield line
    except UnicodeDecodeError:
        yield InputError(f"这一行{wrong_bytes(encoding)}，其后未处理")


def _skip_line(stream: io.BufferedReader) -> None:
    while (rest := stream.readline(MAX_TEXT_BYTES)) and not rest.endswith(b"\n"):
        pass


def _decode(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def _read_line(line: str, place: str, source: str) -> Item:
    try:
        row = json.loads(line.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return Problem(place, source, "不是合法的 JSON，这一行未处理")
    if not isinstance(row, dict):
        return Problem(place, source, '应为 JSON 对象，如 {"id": "a1", "text": "正文"}')
    return read_row(row, place, source)
