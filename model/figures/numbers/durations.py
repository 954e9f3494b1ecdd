"""Durations: how they are written, and which of them are figures at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from model.figures.numbers.numerals import NUMBER, parse_number
from model.figures.numbers.rule import Reading, Rule, vague_bound

_MINUTES = 60
_DATE_UNITS = ("年", "日")
_DATE_AFTER = re.compile(
    r"^(?:\d|[一二三四五六七八九十]+月|的?[今当]天|[上中下]旬|底|初|末|起|至|度)"
)
# Time counts where the text says it was saved, promised or measured.
_CLUE = re.compile(
    r"缩短|减少|控制在|压缩|压减|平均|由.{0,8}$|从.{0,8}$|用时|耗时|等候|等待|时限|限时|时长"
    r"|天数|年限|住院日|周期|提速"
)
# `比2019年的8.9天减少0.8天`
_THAN = re.compile(r"(?:比|较|与)(?:\d{4}年|去年|上年|前年|同期)(?:同期|末|底)?的?$")
_DIFFERS = re.compile(r"减少|缩短|增加|延长|下降|降低|压缩|少|快")
_YEARS_CLUE = re.compile(r"平均|年限|寿命")
# `一小时急救圈`, `15分钟医保服务圈`: a promise, whatever the number.
_CIRCLE = re.compile(r"^(?:内)?(?:的)?“?[\u4e00-\u9fff]{0,10}?圈(?!出|定|子|套|层)")
_BUILT = re.compile(r"(?:已|建成了?|形成了?|实现了?|构筑了?|织就了?)[^，。；]{0,8}$")


def is_circle(after: str) -> bool:
    """Say whether a duration names a circle of service: `一小时急救圈`."""
    return bool(_CIRCLE.match(after))


def is_promise(before: str, after: str) -> bool:
    """Say whether a circle of service is still to be built."""
    return is_circle(after) and not _BUILT.search(before)


def is_figure(value: float, unit: str, *, chinese: bool, before: str, after: str) -> bool:
    """Say whether a duration is a key figure: saved, promised or measured, not in passing.

    Args:
        value: its (lower) value.
        unit: its unit.
        chinese: whether it is written in Chinese numerals alone.
        before: the words before it, its own bound included.
        after: the words after it.
    """
    if is_circle(after) and unit in ("分钟", "小时"):
        return True
    if chinese or _DATE_AFTER.match(after):
        return False
    if _THAN.search(before) and _DIFFERS.match(after):
        return True
    if unit in _DATE_UNITS:
        return unit == "年" and value % 1 > 0 and bool(_YEARS_CLUE.search(before))
    return bool(_CLUE.search(before))


def _read_compound(match: re.Match[str]) -> Iterator[Reading]:
    hours, minutes = parse_number(match["clock_hours"]), parse_number(match["clock_minutes"])
    if hours is not None and minutes is not None and minutes < _MINUTES:
        yield Reading(*match.span("clock"), (hours * _MINUTES + minutes,), "分钟")


def _read_halved(match: re.Match[str]) -> Iterator[Reading]:
    whole = parse_number(match["halved_whole"]) if match["halved_whole"] else 0
    unit = (match["halved_unit"] or match["halved_year"] or "小时").removeprefix("个")
    if whole is not None:
        yield Reading(*match.span("halved"), (whole + 0.5,), {"月": "个月"}.get(unit, unit))


def _read_more(match: re.Match[str]) -> Iterator[Reading]:
    number = match["overtime_number"]
    value = parse_number(number)
    if value is not None:
        unit = {"月": "个月"}.get(match["overtime_unit"], match["overtime_unit"])
        yield Reading(*match.span("overtime"), (value,), unit, vague_bound("多"))


CLOCK = Rule(
    "clock",
    rf"(?P<clock_hours>{NUMBER})个?小时(?P<clock_minutes>{NUMBER})分钟?",
    _read_compound,
)
HALVED = Rule(
    "halved",
    rf"(?P<halved_whole>{NUMBER})(?:个半(?P<halved_unit>小时|月)|(?P<halved_year>年|天)半(?!年|天))"
    r"|半个?小时",
    _read_halved,
)
OVERTIME = Rule(
    "overtime",
    rf"(?P<overtime_number>{NUMBER})个多(?P<overtime_unit>小时|月|工作日)",
    _read_more,
)
