"""JSON: one article a line, or an array of them, with `id`, `text` and what goes with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from data.readers.document import MAX_BINARY_BYTES, Document, buffer
from data.readers.encoding import decode
from data.readers.items import Item, Problem
from data.readers.tables.cells import fold_name
from data.readers.tables.lines import find_line_encoding, read_lines
from data.readers.tables.rows import COLUMNS, read_row
from model import InputError

_SHAPE = '应为 JSON 对象，如 {"id": "a1", "text": "正文"}'
_TEXT_NAMES = frozenset(COLUMNS["text"])
_NOT_JSON = "不是合法的 JSON"
# An array, or an object that goes on over lines.
_ONE_VALUE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[|\{\s*$)", re.MULTILINE)
Numbered = tuple[int, Any]


def read_jsonl(document: Document) -> Iterator[Item]:
    """Read row by row; a bad row becomes a `Problem` and the rest is read.

    Raises:
        InputError: the file is empty or no text.
    """
    if not document.head.strip():
        raise InputError("没有文字：文件是空的")
    for number, row in read_json_rows(document):
        place = f"{document.id}:{number}"
        if isinstance(row, InputError):
            yield Problem(place, document.source, f"{row}，这一行未处理", row.code)
        elif not isinstance(row, dict):
            yield Problem(place, document.source, _SHAPE)
        else:
            yield read_row(_fold_keys(row), place, document.source)


def read_json_rows(document: Document) -> Iterator[Numbered]:
    """Yield the values of JSON Lines, of one JSON array, or of one object, each with its number.

    What is no JSON is an error in place of a value.

    Raises:
        InputError: the file is no text.
    """
    head = document.head
    if _ONE_VALUE.match(
        head.replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    ):
        data = document.read(MAX_BINARY_BYTES)
        value = parse_json(decode(data))
        if not isinstance(value, InputError):
            yield from enumerate(_rows_of(value), 1)
            return
        with buffer(BytesIO(data)) as stream:
            yield from _read_lines(Document(stream, document.id, document.source), value)
        return
    yield from _read_lines(document)


def parse_json(text: str) -> Any:
    """Return the value, or an error in its place."""
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return InputError(_NOT_JSON)


def _read_lines(document: Document, whole: InputError | None = None) -> Iterator[Numbered]:
    """Yield lines; where a file of one value is torn, one error instead of one a line."""
    encoding = find_line_encoding(document.head)
    n_good = 0
    for number, line in enumerate(read_lines(document.stream, encoding), 1):
        if isinstance(line, InputError):
            yield number, line
        elif line.strip():
            value = parse_json(line)
            if whole and not n_good and isinstance(value, InputError):
                raise InputError(f"{_NOT_JSON}：文件不完整，或括号、引号没有配对")
            n_good += not isinstance(value, InputError)
            yield number, value


def _rows_of(value: Any) -> list[Any]:
    """Return the rows of an array, or of an object that holds one array of objects."""
    if isinstance(value, list):
        return value
    lists = [v for v in value.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    has_text = not _TEXT_NAMES.isdisjoint(_fold_keys(value))
    return lists[0] if len(lists) == 1 and not has_text else [value]


def _fold_keys(row: dict[str, Any]) -> dict[str, Any]:
    folded: dict[str, Any] = {}
    for name, value in row.items():
        key = fold_name(name)
        if folded.get(key) is None:
            folded[key] = value
    return folded
