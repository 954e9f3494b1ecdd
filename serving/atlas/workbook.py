"""The atlas as a workbook: tables by place and year that lead to facts, and facts to receipts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from serving.atlas.atlas import Atlas
from serving.atlas.facts import Fact
from serving.atlas.pivot import FactFilter, Pivot, make_pivot
from serving.atlas.promises import follow_promises
from serving.atlas.settlements import Settlement
from serving.atlas.tables import (
    CONTRADICTION_COLUMNS,
    FACT_COLUMNS,
    PROMISE_COLUMNS,
    RECEIPT_COLUMNS,
    contradiction_row,
    fact_row,
    promise_row,
    receipt_rows,
    show_cell,
)
from serving.output.sheets import XLSX_ROWS, Link, Looks, Sheets, save_book
from serving.output.tables import Cell

FACTS, DOUBTS, RECEIPTS = "事实", "待核", "出处"
_PIVOT_COLUMNS = ("地区", "主体", "指标", "单位")
_ABOUT = (
    ("来历", "医闻（Yiwen）从报道里读出的数，按地区、指标、年份列成表；每个数都有出处。"),
    ("图谱", "官方口径的指标：一行一个地区（或单位）的一个指标，一列一年。点数字到“事实”。"
     "报道说法不一的，几个数并列，不合并；只是一部分时间的数注明时段。空格是没有记载，不是零。"),
    ("其他指标", "原文自己的说法，没有对应的官方指标；样子同“图谱”。"),
    ("事实", "一行一个数，供 Excel 做数据透视表；报道数是有几处出处。点编号到“出处”。"),
    ("出处", "一行一处：原句、文章、来源、日期；起、止是数字在正文里的字符位置。"),
    ("承诺", "目标和后来的数：已兑现、未兑现、未到期、到期未见报道；按期限的月份排列。"),
    ("矛盾", "对不上的数，各有出处，把握大的在前；结论由人来定，采纳以后另一个数不再进入图谱。"),
    ("待核", "地区、年份或指标拿不准的数，不进入图谱，请看原文后再用。"),
    ("口径", "与官方指标不完全相同的地方。"),
    ("时段", "空白为全年或年末；“累计”是几年相加的数，“截至6月”是到那时为止。"),
)  # fmt: skip


@dataclass(frozen=True)
class _Lines:
    """In which row of a sheet each fact stands; sheets that are full go on in another."""

    sheet: str
    rows: Mapping[str, int]
    max_rows: int

    def find(self, key: str) -> str:
        number, row = divmod(self.rows[key], self.max_rows - 1)
        return f"'{self.sheet}{number + 1 if number else ''}'!A{row + 2}"


def write_atlas(
    path: Path,
    atlas: Atlas,
    settlements: Mapping[str, Settlement],
    today: date,
    wanted: FactFilter | None = None,
    max_rows: int = XLSX_ROWS,
) -> None:
    """Write the atlas.

    Args:
        path: an .xlsx file.
        atlas: the atlas, its settlements applied.
        settlements: what people said of contradictions.
        today: the day by which promises are judged.
        wanted: facts to take; contradictions are those of all.
        max_rows: rows of a sheet, its head included.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    looks = Looks(book)
    wanted = wanted or FactFilter()
    facts = [fact for fact in atlas.facts if wanted.takes(fact)]
    sure = [fact for fact in facts if fact.is_sure]
    lines = _Lines(FACTS, {fact.key: i for i, fact in enumerate(sure)}, max_rows)
    receipts = _count_receipts(sure, max_rows)

    def add(name: str, columns: Sequence[str], rows: Iterable[Iterable[Cell | Link]]) -> None:
        sheets = Sheets(book, looks, name, columns, max_rows)
        for row in rows:
            sheets.append(row)
        sheets.finish()

    pivots = {name: _pivot_of(sure, is_official=name == "图谱") for name in ("图谱", "其他指标")}
    for name, pivot in pivots.items():
        add(name, (*_PIVOT_COLUMNS, *_year_heads(pivot)), _pivot_rows(pivot, lines))
    add(FACTS, FACT_COLUMNS, (_linked(fact, receipts) for fact in sure))
    add(RECEIPTS, RECEIPT_COLUMNS, (row for fact in sure for row in receipt_rows(fact)))
    add("承诺", PROMISE_COLUMNS, map(promise_row, follow_promises(facts, today)))
    rows = (contradiction_row(one, settlements) for one in atlas.contradictions)
    add("矛盾", CONTRADICTION_COLUMNS, rows)
    columns = (*FACT_COLUMNS, "所在句", "标题", "来源", "日期")
    add(DOUBTS, columns, (_doubt_row(fact) for fact in facts if not fact.is_sure))
    about = (*_ABOUT, ("制表日期", today.isoformat()))
    add("说明", ("栏目", "说明"), about)
    save_book(book, path)


def _pivot_of(facts: Sequence[Fact], *, is_official: bool) -> Pivot:
    return make_pivot(fact for fact in facts if fact.is_official == is_official)


def _year_heads(pivot: Pivot) -> list[str]:
    return [f"{year}年" for year in pivot.years]


def _pivot_rows(pivot: Pivot, lines: _Lines) -> Iterator[list[Cell | Link]]:
    for row in pivot.rows:
        cells: list[Cell | Link] = [
            "".join(row.place.path), row.body, row.indicator, row.unit,
        ]  # fmt: skip
        for year in pivot.years:
            facts = row.cells.get(year)
            cells.append(_cell_of(facts, row.unit, lines) if facts else None)
        yield cells


def _cell_of(facts: Sequence[Fact], unit: str, lines: _Lines) -> Link:
    return Link(_value_of(facts, unit), lines.find(facts[0].key))


def _value_of(facts: Sequence[Fact], unit: str) -> Cell:
    """A number where there is one exact value in the row's unit, else every value as printed."""
    first = facts[0]
    is_plain = len(facts) == len(first.value) == 1 and not first.period and not first.bound
    if not is_plain or first.unit != unit:
        return show_cell(facts)
    value = first.value[0]
    return int(value) if value == int(value) else value


def _count_receipts(facts: Sequence[Fact], max_rows: int) -> _Lines:
    rows, at = {}, 0
    for fact in facts:
        rows[fact.key] = at
        at += len(fact.receipts)
    return _Lines(RECEIPTS, rows, max_rows)


def _linked(fact: Fact, receipts: _Lines) -> list[Cell | Link]:
    key, *cells = fact_row(fact)
    return [Link(key, receipts.find(fact.key)), *cells]


def _doubt_row(fact: Fact) -> tuple[Any, ...]:
    _, *about = next(receipt_rows(fact))
    return (*fact_row(fact), *about[5:9])
