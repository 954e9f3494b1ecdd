"""Fractions of a whole: `百分之十二点五`, `三分之一`, `七成五`, `一半`, `翻两番`; in percent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from model.figures.numbers.numerals import parse_decimal, parse_number
from model.figures.numbers.ranges import DASH
from model.figures.numbers.rule import Reading, Rule

_CHINESE_DIGIT = "[一二两三四五六七八九]"
_TENTH = rf"(?:{_CHINESE_DIGIT}(?:点{_CHINESE_DIGIT})?|十|10|\d(?:\.\d)?)"
_SPOKEN = r"[一二三四五六七八九十百千万零〇点\d.]{1,8}+"
_WHOLE = r"[一二两三四五六七八九]?[十百千万]{1,2}|[二三四五六七八九]"
# `两成员`, `五成立`, `八成是`: 成 belongs to another word.
_NO_TENTHS = r"(?![立果绩效长本员功都为品份分年了人不是真熟败交语把])"
_EATEN = re.compile(r"(?:[吃走做说用喝睡]|行至|过)了?$")
# `死亡率为千分之三点一` is given as it is written with a sign, 3.1‰ and 7.2/10万; a share of
# things (`千分之三的样本`) is in percent, whatever its denominator.
_RATE_UNITS = {"千": "‰", "十万": "/10万"}
_RATE = re.compile(r"率[^，。；]{0,10}$")
_RATE_CHARS = 14
# `降低约1/3`, `1/3的床位`, but `5/12`, `1/4决赛`.
_OF_AFTER = re.compile(r"的|以上|左右|强")
_SHARE_BEFORE = re.compile(
    r"(?:占|[增提减降缩]\w|增|减|降|省|涨|跌|达|至|到|不足|不到|超过|仅|高出|低于|少|多)(?:了|近|约|到|至|为|过|出|有){0,3}$"
)
_NONE_BEFORE = re.compile(r"率[\u4e00-\u9fff]{0,4}(?:为|是|至|到|达)$")
_RATIO_BEFORE = re.compile(
    r"(?<![相对同环占])比(?!分|赛|去|上|较|拟|喻|照|\d+年)(?:例|值)?[^，。；！？]{0,16}$"
)
_BEFORE_CHARS = 20
_PERCENT = 100
PLACES = 4
MAX_DOUBLINGS = 9


def _read_parts(match: re.Match[str]) -> Iterator[Reading]:
    whole = parse_number(match["parts_whole"])
    part, to_part = parse_decimal(match["parts_part"]), match["parts_to"]
    if not whole or part is None:
        return
    ends = [part]
    if to_part:
        high = parse_decimal(to_part)
        if high is None or high <= part:
            return
        ends.append(high)
    value = tuple(round(end / whole * _PERCENT, PLACES) for end in ends)
    denominator = match["parts_whole"]
    if denominator in _RATE_UNITS and _names_rate(match):
        yield Reading(*match.span("parts"), tuple(ends), _RATE_UNITS[denominator])
    else:
        yield Reading(*match.span("parts"), value, "%")


def _names_rate(match: re.Match[str]) -> bool:
    start = match.start()
    return _RATE.search(match.string[max(0, start - _RATE_CHARS) : start]) is not None


def _read_tenths(match: re.Match[str]) -> Iterator[Reading]:
    low, to = match["tenths_low"], match["tenths_to"] or match["tenths_next"]
    more = match["tenths_more"] or ""
    ends = [parse_decimal(end) or 0 for end in (low, to) if end]
    ends[-1] += (5 if more == "半" else parse_number(more) or 0) / 10
    value = tuple(round(end * 10, PLACES) for end in ends)
    if value[0] <= value[-1] <= _PERCENT and len(set(value)) == len(value):
        yield Reading(*match.span("tenths"), value, "%", "≥" if match["tenths_bound"] else "")


def _read_half(match: re.Match[str]) -> Iterator[Reading]:
    start = match.start("half")
    if not _EATEN.search(match.string[max(0, start - 3) : start]):
        is_more = re.search(r"[过超多]", match["half"])
        yield Reading(start, match.end("half"), (50.0,), "%", "≥" if is_more else "")


def _read_doubled(match: re.Match[str]) -> Iterator[Reading]:
    times = parse_number(match["doubled_times"] or "一")
    if times is not None and times <= MAX_DOUBLINGS:
        yield Reading(*match.span("doubled"), (float(2**times - 1) * _PERCENT,), "%")


def _read_ratio(match: re.Match[str]) -> Iterator[Reading]:
    part, whole = int(match["ratio_part"]), int(match["ratio_whole"])
    before = match.string[max(0, match.start() - _BEFORE_CHARS) : match.start()]
    named = _OF_AFTER.match(match.string, match.end("ratio")) or _SHARE_BEFORE.search(before)
    if named and 0 < part < whole:
        yield Reading(*match.span("ratio"), (round(part / whole * _PERCENT, PLACES),), "%")


def _read_zero(match: re.Match[str]) -> Iterator[Reading]:
    before = match.string[max(0, match.start() - _BEFORE_CHARS) : match.start()]
    if _NONE_BEFORE.search(before):
        yield Reading(*match.span("zero"), (0.0,), "%")


def _read_proportion(match: re.Match[str]) -> Iterator[Reading]:
    before = match.string[max(0, match.start() - _BEFORE_CHARS) : match.start()]
    left, right = float(match["proportion_left"]), float(match["proportion_right"])
    if left and right and _RATIO_BEFORE.search(before):
        value = right if left == 1 else round(left / right, PLACES)
        yield Reading(*match.span("proportion"), (value,), "比值")


PARTS = Rule(
    "parts",
    rf"(?P<parts_whole>{_WHOLE})分之(?P<parts_part>{_SPOKEN})"
    rf"(?:{DASH}(?:(?P=parts_whole)分之)?(?P<parts_to>{_SPOKEN}))?(?![人名名家])",
    _read_parts,
)
TENTHS = Rule(
    "tenths",
    rf"(?P<tenths_low>{_TENTH})(?:成?{DASH}(?P<tenths_to>{_TENTH})"
    rf"|(?P<tenths_next>(?<=[一二三四五六七八])[二三四五六七八九]))?"
    rf"成(?P<tenths_more>[一二三四五六七八九半]|\d(?!\d))?(?P<tenths_bound>多)?{_NO_TENTHS}",
    _read_tenths,
)
HALF = Rule("half", r"一半多?|过半数?|半数|一大半|一多半", _read_half)
DOUBLED = Rule(
    "doubled", r"翻(?:了)?(?P<doubled_times>[一两二三四五六\d])?番|翻(?:了一)?倍", _read_doubled
)
RATIO = Rule(
    "ratio",
    r"(?P<ratio_part>[1-9]\d?)/(?P<ratio_whole>[2-9]|1\d)(?![\d/.％%万决]|[～~—–-]\d)",
    _read_ratio,
)
# `差错率为零`
ZERO = Rule("zero", r"零(?![\u4e00-\u9fff\d])", _read_zero)
# `医护比为1:1.25` is 1.25 of the second to one of the first; else the first to one of the second.
PROPORTION = Rule(
    "proportion",
    r"(?P<proportion_left>\d{1,4}(?:\.\d{1,3})?)[:：](?P<proportion_right>\d{1,4}(?:\.\d{1,3})?)(?![:：\d时点分]|\.\d)",
    _read_proportion,
)
