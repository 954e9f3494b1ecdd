"""Changes beside levels: against which year a change is, and whether two levels come to it."""

from __future__ import annotations

import re

from model.figures.plain import YEAR, plain_years, year_of
from serving.atlas.facts import Fact

_YEAR = re.compile(rf"({YEAR})年")
_LAST_YEAR = re.compile(r"同比|去年|上年|上一年|前一年")
_RISE = re.compile(r"增|升|提高|上涨|扩大|涨|多")
_FALL = re.compile(r"降|减|缩|回落|跌|少")
_NEAR_CHARS = 10
_PERCENT = 100
_SLACK, _SLACK_TIMES, _TOLERANCE = 1.0, 0.1, 0.05


def base_year(change: Fact) -> int | None:
    """Return the year that a change is compared with; None where it is not told."""
    if change.year is None or not change.base:
        return None
    if named := _YEAR.search(plain_years(change.base)):
        return year_of(named[1])
    return change.year - 1 if _LAST_YEAR.search(change.base) else None


def way_of(change: Fact) -> int:
    """Return 1 for a rise, -1 for a fall, 0 where the words do not say."""
    receipt = change.receipts[0]
    at = receipt.sentence.find(receipt.text)
    words = receipt.sentence[max(0, at - _NEAR_CHARS) : at] if at >= 0 else ""
    ways = [(m.start(), 1) for m in _RISE.finditer(words)]
    ways += [(m.start(), -1) for m in _FALL.finditer(words)]
    return max(ways)[1] if ways else 0


def implied_change(then: Fact, now: Fact, change: Fact) -> str | None:
    """Say in Chinese what two levels come to where the change is another; None where it fits."""
    start, end, stated = then.compared[0], now.compared[0], change.compared[0]
    gap, is_rate = end - start, now.series[-1] == "%"
    if gap and way_of(change) and (gap > 0) != (way_of(change) > 0):
        return f"{'上升' if gap > 0 else '下降'}了"
    readings = list(_readings(start, end, change.unit, is_rate=is_rate))
    if change.unit == now.unit and not is_rate:
        readings = [(abs(gap), change.unit)]
    slack = max(_TOLERANCE * stated, _SLACK_TIMES if change.unit == "倍" else _SLACK)
    if not readings or any(abs(value - stated) <= slack for value, _ in readings):
        return None
    value, unit = readings[0]
    return f"相差{value:,.4g}{unit}"


def _readings(start: float, end: float, unit: str, *, is_rate: bool) -> list[tuple[float, str]]:
    """What a change may mean, in its unit: points are loosely called percent."""
    gap = abs(end - start)
    if unit == "个百分点":
        return [(gap, unit)] if is_rate else []
    if not start:
        return []
    if unit == "倍":
        return [(gap / abs(start), unit), (end / start, unit)]
    if unit == "%":
        points = [(gap, "个百分点")] if is_rate else []
        return [(_PERCENT * gap / abs(start), unit), *points]
    return []
