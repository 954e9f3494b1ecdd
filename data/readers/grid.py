"""Grids: tables of any format as lines of text in which every figure stands with its heads.

One row is one line: `row head：column head and cell，column head and cell。` A unit in brackets in
a head, or in a row that spans the table, is written behind each bare number:
`派驻医师（名）：2022年52名，2023年83名。` A table without numbers, or whose columns have no head,
keeps `｜` between its cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from model.figures.lexicon import bare_units, unit_classes

SEPARATOR = "｜"
MAX_HEAD_ROWS = 3
_ONE = r"[-+−－＋]?\d[\d,，]*+(?:\.\d+)?"
_NUMBER = re.compile(rf"[约近超]?{_ONE}(?:[~～—–-]{_ONE})?[百千万亿]{{0,2}}")
# A number and little more: what stands once where cells are merged.
_FIGURE = re.compile(rf"{_NUMBER.pattern}(?!岁)[^\d。；]{{0,3}}")
# What a head may hold of digits: years, months, quarters.
_PERIOD = re.compile(
    r"(?:(?:19|20)\d\d年?)?(?:第?[一二三四1-4]季度|\d{1,2}月(?:份|底|末)?"
    r"|\d{1,2}月?[-—–~～至]\d{1,2}月份?|[上下]半年|[年月][底末初])?"
)
# `0—6岁（人）` is a head.
_AGE = re.compile(r"\d(?:周?岁|月龄)")
_BARE_YEAR = re.compile(r"(?:19|20)\d\d")
_BRACKETED = re.compile(r"[（(](?:单位[：:]?)?([^（）()]{1,8})[）)]\Z")
_CAPTION_UNIT = re.compile(r"单位[:：]\s?([^\s，,；;。（）()]{1,6})")
_NOTHING = re.compile(r"[-—–－/\\·.…*]*|无|不详")
_SERIAL = {"序号", "编号", "No.", "NO.", "#"}
_UNIT_HEADS = {"单位", "计量单位"}
# Behind these a number would be read on.
_NUMERAL_END = re.compile(r"[\d第零〇一二两三四五六七八九十百千万亿.%a-zA-Z，、：:）)\]-]\Z")
_SHARE_HEAD = re.compile(r"同比|环比|增长|增幅|增速|降幅|占比|比例|比重|[^频功效心汇]率$|排名|名次")
_SHARES = frozenset({"%", "％", "‰", "个百分点"})
_MAGNITUDES = "十百千万亿"


@dataclass(frozen=True)
class _Head:
    text: str
    unit: str


def table_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table.

    Args:
        rows: cells of equal or unequal number; a merged cell stands in every place it covers.
    """
    clean = [[" ".join(cell.split()) for cell in row] for row in rows]
    lines: list[str] = []
    block: list[list[str]] = []
    unit = ""
    for row in clean:
        if spans_table(row):
            lines += [*_block_lines(block, unit), row[0]]
            block = []
            unit = match[1] if (match := _CAPTION_UNIT.search(row[0])) else unit
        elif any(row):
            block.append(row)
    return [line for line in lines + _block_lines(block, unit) if line]


def spans_table(row: Sequence[str]) -> bool:
    """Whether a row is one cell over all columns: a caption, or the head of what is below."""
    return len(row) > 1 and bool(row[0]) and len(set(row)) == 1


def has_values(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table holds numbers behind the heads of its rows."""
    return any(_is_value(cell) for row in rows for cell in row[1:])


def spread_merged(cell: str) -> str:
    """Return what a merged cell gives the other places it covers.

    A head holds for all of them; a figure stands once.
    """
    return "" if _FIGURE.fullmatch(cell) and not _PERIOD.fullmatch(cell) else cell


def _block_lines(rows: list[list[str]], unit: str) -> list[str]:
    if not rows:
        return []
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    n_head = _count_head_rows(rows)
    body = rows[n_head:]
    if not has_values(body):
        return [SEPARATOR.join(filter(None, row)) for row in rows]
    if not n_head:
        return [_headless_line(row, unit) for row in body]
    heads = [_join_heads([row[c] for row in rows[:n_head]]) for c in range(width)]
    labels = _find_labels(heads, body)
    return [_row_line(heads, labels, row, unit) for row in body]


def _count_head_rows(rows: list[list[str]]) -> int:
    """Count the rows on top without values; below the first only what a merged cell spans."""
    n_rows = 0
    for row in rows[:-1][:MAX_HEAD_ROWS]:
        is_head = not any(map(_is_value, row)) and (not n_rows or row[0] in ("", rows[0][0]))
        if not is_head:
            break
        n_rows += 1
    return n_rows


def _is_value(cell: str) -> bool:
    has_digit = any(c.isdigit() for c in cell)
    return has_digit and not (
        _PERIOD.fullmatch(cell) or _AGE.search(cell) or _split_unit(cell).unit
    )


def _join_heads(parts: list[str]) -> str:
    kept: list[str] = []
    for part in parts:
        if part and part not in kept:
            kept.append(part)
    return "".join(_name_year(part) for part in kept) if len(kept) > 1 else "".join(kept)


def _name_year(head: str) -> str:
    return f"{head}年" if _BARE_YEAR.fullmatch(head) else head


def _find_labels(heads: list[str], body: list[list[str]]) -> list[int]:
    """Return the columns that name a row: the first, and the next where the first is a group."""
    first = next((c for c, head in enumerate(heads) if head not in _SERIAL), 0)
    labels = [first]
    column = [row[first] for row in body]
    is_group = any(a and a == b for a, b in pairwise(column))
    second = first + 1
    if is_group and second < len(heads) - 1 and heads[second] not in _UNIT_HEADS:
        labels += [second] if not any(_is_value(row[second]) for row in body) else []
    return labels


def _row_line(heads: list[str], labels: list[int], row: list[str], unit: str) -> str:
    label = _name_year(_join_heads([row[c] for c in labels]))
    row_unit = _split_unit(label).unit
    cells = []
    for c, (head, cell) in enumerate(zip(heads, row, strict=True)):
        if head in _UNIT_HEADS and _is_unit(cell):
            row_unit = cell
        elif c not in labels and head not in _SERIAL and not _NOTHING.fullmatch(cell):
            cells.append((_split_unit(head), cell))
    told = "，".join(
        _cell_text(head, cell, _unit_of(head, row_unit or unit)) for head, cell in cells
    )
    return f"{label}：{told}。" if label and told else label or told


def _unit_of(head: _Head, others: str) -> str:
    """Return the unit of a bare number: the column's, the row's or table's, or the head's end.

    A column of growth or of shares has none of the row's units: `同比增长8.5`.
    """
    if head.unit or (_SHARE_HEAD.search(head.text) and others not in _SHARES):
        return head.unit
    return others or next((u for word, u in bare_units().items() if head.text.endswith(word)), "")


def _cell_text(head: _Head, cell: str, unit: str) -> str:
    value = _with_unit(cell, unit)
    name = _name_year(head.text)
    if not name:
        return value
    is_glued = cell[0] in "约近超-+−－＋0123456789" and not _NUMERAL_END.search(name)
    return f"{name}{value}" if is_glued else f"{name}：{value}"


def _headless_line(row: list[str], unit: str) -> str:
    unit = _split_unit(row[0]).unit or unit
    cells = [_with_unit(cell, unit) for cell in row[1:] if cell]
    return f"{row[0]}：{SEPARATOR.join(cells)}" if row[0] and cells else SEPARATOR.join(cells)


def _with_unit(cell: str, unit: str) -> str:
    return f"{cell}{unit}" if _NUMBER.fullmatch(cell) else cell


def _split_unit(head: str) -> _Head:
    match = _BRACKETED.search(head)
    if match and _is_unit(match[1]):
        return _Head(head[: match.start()].strip(), match[1].strip())
    return _Head(head, "")


def _is_unit(text: str) -> bool:
    name = text.strip().lstrip(_MAGNITUDES).split("/")[0]
    return name in _units() or text.strip() in _units()


@cache
def _units() -> frozenset[str]:
    return frozenset(unit_classes()) | {"％", "床"}
