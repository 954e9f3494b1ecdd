"""Rows: one article a row of a table or a line of JSON, by the names of its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from data.readers.items import Item, Problem
from data.readers.markup import read_article
from data.readers.tables.cells import (
    fold_name,
    is_rounded,
    join_lines,
    read_date,
    read_id,
    tidy,
)
from model import Article, InputError

# The first name is the one in our own formats; what people call a column otherwise follows, as
# `fold_name` gives it: 标题 stands for 文章标题 and 新闻标题 as well.
COLUMNS = {
    "text": ("text", "content", "body", "正文", "内容", "全文", "文本", "正文内容", "全文内容"),
    "title": ("title", "headline", "标题", "题目", "题名"),
    "date": (
        "date", "日期", "发布日期", "时间", "发布时间", "发表日期", "发表时间", "刊发日期",
        "刊发时间", "刊登日期", "见报日期", "发稿时间", "发稿日期", "pubdate", "publishdate",
    ),
    "source": (
        "source", "来源", "出处", "媒体", "媒体名称", "媒体来源", "来源媒体", "发布媒体",
        "刊发媒体", "刊载媒体", "发布单位", "media",
    ),
    "id": ("id", "编号", "序号"),
}  # fmt: skip
_KNOWN = {name for names in COLUMNS.values() for name in names}
HEADER_WITHIN_ROWS = 10
_SHOWN_COLUMNS = 8
_SHOWN_CHARS = 20
Cells = Sequence[object]
Row = Cells | InputError


class HeaderError(InputError):
    """A table in which nothing says which column is the text."""


def read_table(
    rows: Iterable[Row], id: str, source: str, *, first: int = 1, is_exact: bool = False
) -> Iterator[Item]:
    """Read the articles of a table whose header names its columns.

    A row without an id is called `id:number`; `first` is the number of the first row. Where the
    table `is_exact`, a row of more cells than the header is a problem.

    Raises:
        HeaderError: none of the first rows is a header.
        InputError: there is nothing below it.
    """
    header, numbered = find_header(enumerate(rows, first), count_known)
    names = [fold_name(cell) for cell in header]
    is_empty = True
    for number, cells in numbered:
        place = f"{id}:{number}"
        if isinstance(cells, InputError):
            is_empty = False
            yield Problem(place, source, str(cells))
        elif any(cell not in (None, "") for cell in cells):
            is_empty = False
            refusal = refuse_width(cells, names) if is_exact else ""
            yield (
                Problem(place, source, refusal)
                if refusal
                else _read_cells(names, cells, place, source)
            )
    if is_empty:
        raise InputError("没有文字：表头之下没有文章")


def find_header(
    numbered: Iterable[tuple[int, Row]], count: Callable[[Cells], int]
) -> tuple[Cells, Iterator[tuple[int, Row]]]:
    """Return the header, which may stand below titles, and the numbered rows below it.

    It is the one of the first rows that names most columns, the first of them where several do.

    Args:
        numbered: rows with their numbers.
        count: how many columns a row names, 0 where the row cannot be a header.

    Raises:
        HeaderError: none of the first rows is a header.
    """
    rest = iter(numbered)
    top: list[tuple[int, Row]] = []
    failure: InputError | None = None
    try:
        top.extend(islice(rest, HEADER_WITHIN_ROWS))
    except InputError as error:  # what came before it is read first
        rest, failure = _fail(error), error
    counts = [0 if isinstance(cells, InputError) else count(cells) for _, cells in top]
    best = max(counts, default=0)
    if not best:
        raise failure or HeaderError(_no_header([cells for _, cells in top]))
    at = counts.index(best)
    header = top[at][1]
    assert not isinstance(header, InputError)  # noqa: S101 # those count 0
    bad = [row for row in top[:at] if isinstance(row[1], InputError)]
    return header, chain(bad, top[at + 1 :], rest)


def _fail(error: InputError) -> Iterator[tuple[int, Row]]:
    raise error
    yield


def count_known(cells: Cells) -> int:
    """Return how many columns of an article a row names; 0 where none is the text."""
    return sum(fold_name(cell) in _KNOWN for cell in cells) if is_header(cells) else 0


def refuse_width(cells: Cells, header: Sequence[str]) -> str:
    """Return why a row that has more cells than the header cannot be read, else nothing."""
    n_cells = max((n for n, cell in enumerate(cells, 1) if cell not in (None, "")), default=0)
    if n_cells <= len(header):
        return ""
    return (
        f"这一行有 {n_cells} 格，表头只有 {len(header)} 格：多半是文字里有没加引号的分隔符，"
        "为免截断未处理；请给这一格加上双引号"
    )


def is_header(cells: Iterable[object]) -> bool:
    """Whether a row names the column of the text."""
    return any(fold_name(cell) in COLUMNS["text"] for cell in cells)


def is_known(name: str) -> bool:
    """Whether a column of this name is read."""
    return fold_name(name) in _KNOWN


def read_row(row: Mapping[str, object], place: str, source: str) -> Item:
    """Make one row an article, called by its id or else by its place; its keys are folded."""
    name = read_id(_pick(row, "id"))
    name = place if name == "" else name
    text = _pick(row, "text")
    if not isinstance(text, str):
        return Problem(name, source, _no_text(row))
    try:
        return read_article(
            text,
            id=name,
            title=_as_text(_pick(row, "title")),
            date=_as_date(_pick(row, "date")),
            source=_as_text(_pick(row, "source")) or source,
        )
    except InputError as error:
        return Problem(name, source, str(error), error.code)


def _read_cells(names: Sequence[str], cells: Cells, place: str, source: str) -> Item:
    row: dict[str, object] = {}
    for name, cell in zip(names, cells, strict=False):
        if cell not in (None, ""):
            row.setdefault(name, tidy(cell) if isinstance(cell, str) else cell)
    has_title = _pick(row, "title") is not None
    for name in COLUMNS["text"]:
        cell = row.get(name)
        if isinstance(cell, str):
            row[name] = join_lines(cell, has_title=has_title)
    for name in COLUMNS["title"]:
        cell = row.get(name)
        if isinstance(cell, str):
            row[name] = cell.replace("\n", "")
    own = read_id(_pick(row, "id"))
    if not is_rounded(own):
        return read_row(row, place, source)
    item = read_row(row | dict.fromkeys(COLUMNS["id"]), place, source)
    note = f"编号 {own} 是表格软件约过的数，原编号已丢失，改用行号；请把编号一列设为文本"
    return replace(item, warnings=(note, *item.warnings)) if isinstance(item, Article) else item


def _no_header(rows: Sequence[Row]) -> str:
    for cells in rows:
        if isinstance(cells, InputError):
            continue
        seen = [str(cell)[:_SHOWN_CHARS] for cell in cells if cell not in (None, "")]
        if seen:
            shown = "、".join(seen[:_SHOWN_COLUMNS])
            return f"表格要有表头，其中一列叫“正文”（或 text、内容）；现在第一行是：{shown}"
    return "表格要有表头，其中一列叫“正文”（或 text、内容）；现在没有文字"


def _no_text(row: Mapping[str, object]) -> str:
    found = "、".join(str(name)[:_SHOWN_CHARS] for name in list(row)[:_SHOWN_COLUMNS])
    return "缺少 text（正文）一项，或其值不是文字" + (f"；这一行有：{found}" if found else "")


def _pick(row: Mapping[str, object], column: str) -> object:
    return next((row[name] for name in COLUMNS[column] if row.get(name) is not None), None)


def _as_date(value: object) -> str:
    return "" if value is None else _as_text(read_date(value))


def _as_text(value: object) -> str:
    return "" if value is None else str(value).strip().encode("utf-8", "replace").decode()
