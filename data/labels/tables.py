"""Tables of labels: CSV and XLSX with a column of texts and one of themes, or a column a theme."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.labels.annotation_tools import NONE, own_id
from data.labels.rows import ThemeLabels
from data.readers.document import Document
from data.readers.tables.cells import fold_name, is_rounded, read_date, read_id, tidy
from data.readers.tables.csv_table import read_csv_rows
from data.readers.tables.excel import open_book, sheet_rows
from data.readers.tables.rows import COLUMNS, Cells, HeaderError, Row, find_header, refuse_width
from model import InputError

LABEL_COLUMNS = {
    "themes": ("themes", "theme", "主题", "标签", "类别", "分类", "label", "labels", "choices"),
    "borderline": ("borderline", "存疑", "存疑主题"),
    "primary": ("primary", "主要主题"),
    "by": ("by", "标注人", "annotator"),
    "cluster": ("cluster",),
}
_NAMES = {name: key for key, names in (COLUMNS | LABEL_COLUMNS).items() for name in names}
_TASK = "annotation_id"  # a table that Label Studio wrote, with a column a control
_YES = frozenset({"1", "1.0", "是", "有", "√", "✓", "✔", "☑", "对", "y", "yes", "true", "x", "●"})
_NO = frozenset(
    {"", "0", "0.0", "否", "无", "没有", "×", "✗", "✘", "☐", "n", "no", "false", "-", "—"}
)
_UNSURE = frozenset({"?", "？", "边界", "存疑", "0.5"})
_SHOWN_CHARS = 20
_SHOWN_COLUMNS = 12
Numbered = tuple[str, dict[str, Any] | InputError]


@dataclass(frozen=True)
class _Header:
    """What each column of a table holds: the name of a field, or the key of a theme."""

    titles: Sequence[str]
    fields: Sequence[str]
    themes: Sequence[str]

    @property
    def is_task(self) -> bool:
        """Whether Label Studio wrote the table."""
        return _TASK in self.titles


def read_label_csv(document: Document, names: Mapping[str, str]) -> Iterator[Numbered]:
    """Read the rows of a CSV file, each with its number.

    Raises:
        InputError: it is no text, or its header names no texts or no themes.
    """
    yield from _read_table(read_csv_rows(document), "", names, is_exact=True)


def read_label_xlsx(document: Document, names: Mapping[str, str]) -> Iterator[Numbered]:
    """Read the rows of a workbook's first sheet, or of every sheet that has a header.

    Raises:
        InputError: it is no workbook, or no sheet has a header that names texts and themes.
    """
    book = open_book(document)
    refused: list[InputError] = []
    for sheet in book.worksheets:
        place = f"{sheet.title} " if len(book.worksheets) > 1 else ""
        try:
            yield from _read_table(sheet_rows(sheet), place, names)
        except InputError as error:
            refused.append(error)
            if len(book.worksheets) > 1:
                yield place.strip(), error
    if len(refused) == len(book.worksheets):
        raise refused[0]


def _read_table(
    rows: Iterable[Row], place: str, names: Mapping[str, str], *, is_exact: bool = False
) -> Iterator[Numbered]:
    labels = ThemeLabels(names)
    header, numbered = _find_header(rows, labels)
    for number, cells in numbered:
        if isinstance(cells, InputError):
            yield f"{place}{number}", cells
        elif any(cell not in (None, "") for cell in cells):
            refusal = refuse_width(cells, header.titles) if is_exact else ""
            row = InputError(refusal) if refusal else _to_row(header, cells, labels)
            yield f"{place}{number}", row


def _find_header(
    rows: Iterable[Row], labels: ThemeLabels
) -> tuple[_Header, Iterator[tuple[int, Row]]]:
    top: list[Cells] = []

    def count(cells: Cells) -> int:
        top.append(cells)
        header = _read_header(cells, labels)
        has_labels = "themes" in header.fields or any(header.themes) or header.is_task
        return sum(map(bool, header.fields)) if "text" in header.fields and has_labels else 0

    try:
        found, numbered = find_header(enumerate(rows, 1), count)
    except HeaderError:
        raise InputError(_no_header(top)) from None
    return _read_header(found, labels), numbered


def _read_header(cells: Cells, labels: ThemeLabels) -> _Header:
    titles = [fold_name(cell) for cell in cells]
    fields = [_NAMES.get(title, "") for title in titles]
    columns = zip(cells, titles, fields, strict=True)
    keys = [not f and (labels.find(str(cell or "")) or labels.find(t)) for cell, t, f in columns]
    return _Header(titles, fields, [] if "themes" in fields else [key or "" for key in keys])


def _no_header(top: Sequence[Cells]) -> str:
    """Name the columns of the row that comes nearest to a header."""
    known = [sum(fold_name(cell) in _NAMES for cell in cells) for cells in top]
    at = known.index(max(known)) if known else 0
    found = [
        str(cell)[:_SHOWN_CHARS] for cell in (top[at] if top else ()) if cell not in (None, "")
    ]
    shown = "、".join(found[:_SHOWN_COLUMNS]) or "空的"
    return (
        "表头要有“正文”和“主题”两列（或 text、themes），或“正文”和以各主题命名的列"
        f"（填 1 或 0），现在是：{shown}"
    )


def _to_row(header: _Header, cells: Cells, labels: ThemeLabels) -> dict[str, Any] | InputError:
    if header.is_task:
        return _to_task(header, cells)
    row: dict[str, Any] = {}
    for name, cell in zip(header.fields, cells, strict=False):
        if name and cell not in (None, ""):
            row.setdefault(name, tidy(cell) if name == "text" and isinstance(cell, str) else cell)
    try:
        marked = _read_columns(header, cells) if any(header.themes) else _read_cells(row, labels)
    except InputError as error:
        return error
    own = read_id(row.get("id"))
    if "date" in row:
        row["date"] = read_date(row["date"])
    plain = {key: str(value).strip() for key, value in row.items() if key != "text"}
    return row | plain | marked | {"id": "" if is_rounded(own) else own_id(own)}


def _read_cells(row: Mapping[str, Any], labels: ThemeLabels) -> dict[str, list[str]]:
    """Return the labels of the cells that name them."""
    if row.get("themes") in (None, ""):
        raise InputError(f"主题一栏空着；如果确实没有主题，请填“{NONE}”")
    return {key: _labels(str(row.get(key, "")).strip(), labels) for key in ("themes", "borderline")}


def _read_columns(header: _Header, cells: Cells) -> dict[str, list[str]]:
    """Return the themes whose columns are marked."""
    sure, edge, n_marks = [], [], 0
    for key, title, cell in zip(header.themes, header.titles, cells, strict=False):
        mark = "" if cell is None else str(cell).strip().casefold()
        if not key:
            continue
        n_marks += mark != ""
        if mark in _YES:
            sure.append(key)
        elif mark in _UNSURE:
            edge.append(key)
        elif mark not in _NO:
            raise InputError(f"“{title}”一栏的 {mark[:_SHOWN_CHARS]} 读不懂，请填 1、0 或 ?")
    if not n_marks:
        raise InputError("各主题的栏都空着；如果确实没有主题，请至少填一个 0")
    return {"themes": sure, "borderline": edge}


def _labels(cell: str, labels: ThemeLabels) -> list[str]:
    """Part a cell's labels; Label Studio's tables hold them as JSON."""
    found = _from_json(cell)
    if isinstance(found, dict) and "choices" in found:
        found = found["choices"]
    return list(map(str, found)) if isinstance(found, list) else labels.part(cell)


def _to_task(header: _Header, cells: Cells) -> dict[str, Any]:
    """Lay a row of Label Studio's table out as its JSON_MIN."""
    row: dict[str, Any] = {}
    for title, field, cell in zip(header.titles, header.fields, cells, strict=False):
        if cell not in (None, ""):
            name = field if field in COLUMNS else title
            row.setdefault(name, _from_json(cell) if isinstance(cell, str) else cell)
    return row


def _from_json(cell: str) -> Any:
    if not cell.startswith(("{", "[")):
        return cell
    try:
        return json.loads(cell)
    except ValueError:
        return cell
