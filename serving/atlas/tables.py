"""Facts, promises and contradictions as rows that people file and Excel can pivot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from serving.atlas.contradictions import KINDS as CONTRADICTION_KINDS
from serving.atlas.contradictions import Contradiction
from serving.atlas.facts import Fact, Receipt
from serving.atlas.promises import Promise
from serving.atlas.settlements import VERDICT_NAMES, Settlement
from serving.output.tables import KINDS, Cell, drop_unwritable

LEVELS = {"nation": "全国", "province": "省", "city": "市", "county": "县"}
FACT_COLUMNS = (
    "编号", "省", "市", "县", "地区代码", "层级", "主体", "指标", "官方指标", "口径", "年份",
    "时段", "类别", "数值", "高值", "单位", "界限", "比较基准", "期限", "原文", "报道数",
    "待核原因",
)  # fmt: skip
RECEIPT_COLUMNS = (
    "编号", "地区", "主体", "指标", "年份", "原文", "所在句", "标题", "来源", "日期", "文章", "起",
    "止",
)  # fmt: skip
PROMISE_COLUMNS = (
    "期限", "结果", "地区", "主体", "指标", "目标", "后来的数", "年份", "出处", "后来的出处",
)  # fmt: skip
CONTRADICTION_COLUMNS = (
    "哪里对不上", "把握", "结论", "为什么", "甲", "甲出处", "乙", "乙出处",
)  # fmt: skip
_PARTS = 3


def fact_row(fact: Fact) -> tuple[Cell, ...]:
    """Return a fact with the columns of `FACT_COLUMNS`; a range has its upper end in 高值."""
    low, high = fact.value[0], fact.value[-1] if len(fact.value) > 1 else None
    place = fact.place
    return _clean(
        fact.key, *_levels(fact), place.code if place else "",
        LEVELS[place.level] if place else "", fact.body, fact.indicator, fact.official, fact.note,
        fact.year, fact.period, KINDS[fact.kind], _number(low), _number(high), fact.unit,
        fact.bound, fact.base, fact.deadline, fact.shown, len(fact.receipts),
        "；".join(fact.doubts),
    )  # fmt: skip


def receipt_rows(fact: Fact) -> Iterator[tuple[Cell, ...]]:
    """Yield a fact's receipts with the columns of `RECEIPT_COLUMNS`."""
    for r in fact.receipts:
        yield _clean(
            fact.key, fact.place_name, fact.body, fact.indicator, fact.year, r.text, r.sentence,
            r.title, r.source, r.day, r.id or r.article, r.start, r.end,
        )  # fmt: skip


def promise_row(promise: Promise) -> tuple[Cell, ...]:
    """Return a promise with the columns of `PROMISE_COLUMNS`."""
    target, reached = promise.target, promise.reached
    return _clean(
        promise.month, str(promise.outcome), target.place_name, target.body, target.indicator,
        f"{target.bound}{target.shown}" if target.bound not in target.shown else target.shown,
        reached.shown if reached else "", reached.year if reached else None,
        cite(target.receipts[0]), cite(reached.receipts[0]) if reached else "",
    )  # fmt: skip


def contradiction_row(
    found: Contradiction, settlements: Mapping[str, Settlement]
) -> tuple[Cell, ...]:
    """Return a contradiction with the columns of `CONTRADICTION_COLUMNS`."""
    settled = settlements.get(found.key)
    verdict = f"{VERDICT_NAMES[settled.verdict]} {settled.by}".strip() if settled else ""
    return _clean(
        CONTRADICTION_KINDS[found.kind], round(found.sureness, 2), verdict, found.words,
        found.one.text, cite(found.one), found.other.text, cite(found.other),
    )  # fmt: skip


def cite(receipt: Receipt) -> str:
    """Return a receipt in a cell: the article, its source and day, and the sentence."""
    about = "，".join(filter(None, (receipt.title or receipt.id, receipt.source, receipt.day)))
    return f"{receipt.sentence}（{about}）" if about else receipt.sentence


def show_cell(facts: Iterable[Fact]) -> str:
    """Return what a cell of the table holds as text: every value, parts of the year marked."""
    shown = (f"{fact.shown}（{fact.period}）" if fact.period else fact.shown for fact in facts)
    return " / ".join(dict.fromkeys(shown))


def _levels(fact: Fact) -> tuple[str, str, str]:
    """Province, city and county of a fact; a county without a city has its own column still."""
    place = fact.place
    if place is None:
        return "", "", ""
    path = place.path
    if place.level == "county":
        return path[0], path[1] if len(path) == _PARTS else "", path[-1]
    return path[0], path[1] if len(path) > 1 else "", ""


def _number(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value


def _clean(*cells: Cell) -> tuple[Cell, ...]:
    return tuple(drop_unwritable(cell) if isinstance(cell, str) else cell for cell in cells)
