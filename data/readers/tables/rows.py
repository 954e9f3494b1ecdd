"""Rows: one article a row of a table or a line of JSON, by the names of its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice

from data.readers.items import Item, Problem
from data.readers.markup import read_article
from model import InputError

# The first name is the one in our own formats; what people call a column otherwise follows.
COLUMNS = {
    "text": ("text", "content", "body", "正文", "内容", "全文", "文本"),
    "title": ("title", "标题", "题目"),
    "date": ("date", "日期", "发布日期", "时间", "发布时间"),
    "source": ("source", "来源", "出处", "媒体"),
    "id": ("id", "编号", "序号"),
}
_KNOWN = {name for names in COLUMNS.values() for name in names}
_HEADER_WITHIN_ROWS = 10
_SHOWN_COLUMNS = 8
_SHOWN_CHARS = 20


class HeaderError(InputError):
    """A table in which nothing says which column is the text."""


def read_table(
    rows: Iterable[Sequence[object]], id: str, source: str, *, first: int = 1
) -> Iterator[Item]:
    """Read the articles of a table whose header names its columns.

    A row without an id is called `id:number`; `first` is the number of the first row.

    Raises:
        HeaderError: none of the first rows is a header.
        InputError: there is nothing below it.
    """
    numbered = iter(enumerate(rows, first))
    header = _find_header(cells for _, cells in islice(numbered, _HEADER_WITHIN_ROWS))
    is_empty = True
    for number, cells in numbered:
        if any(cell not in (None, "") for cell in cells):
            is_empty = False
            yield read_row(dict(zip(header, cells, strict=False)), f"{id}:{number}", source)
    if is_empty:
        raise InputError("没有文字：表头之下没有文章")


def is_header(cells: Iterable[object]) -> bool:
    """Whether a row names the column of the text."""
    return any(_fold(cell) in COLUMNS["text"] for cell in cells)


def is_known(name: str) -> bool:
    """Whether a column of this name is read."""
    return _fold(name) in _KNOWN


def read_row(row: Mapping[str, object], place: str, source: str) -> Item:
    """Make one row an article, called by its id or else by its place."""
    given = _pick(row, "id")
    name = given if type(given) is int else _as_text(given) or place
    text = _pick(row, "text")
    if not isinstance(text, str):
        return Problem(name, source, "缺少 text（正文）一项，或其值不是文字")
    try:
        return read_article(
            text,
            id=name,
            title=_as_text(_pick(row, "title")),
            date=_as_text(_pick(row, "date")),
            source=_as_text(_pick(row, "source")) or source,
        )
    except InputError as error:
        return Problem(name, source, str(error))


def _find_header(rows: Iterable[Sequence[object]]) -> list[str]:
    seen: list[str] = []
    for cells in rows:
        if is_header(cells):
            return [_fold(cell) for cell in cells]
        seen = seen or [str(cell)[:_SHOWN_CHARS] for cell in cells if cell not in (None, "")]
    found = f"现在第一行是：{'、'.join(seen[:_SHOWN_COLUMNS])}" if seen else "现在没有文字"
    raise HeaderError(f"表格要有表头，其中一列叫“正文”（或 text、内容）；{found}")


def _fold(name: object) -> str:
    return str(name or "").strip("\ufeff \t\r\n").lower()


def _pick(row: Mapping[str, object], column: str) -> object:
    return next((row[name] for name in COLUMNS[column] if row.get(name) is not None), None)


def _as_text(value: object) -> str:
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, date) else str(value)
    return text.strip().encode("utf-8", "replace").decode()
