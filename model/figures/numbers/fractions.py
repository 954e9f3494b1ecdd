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
    yield Reading(*match.span("parts"), value, "%")


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
    if 0 < part < whole:
        yield Reading(*match.span("ratio"), (round(part / whole * _PERCENT, PLACES),), "%")


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
    r"(?P<ratio_part>[1-9]\d?)/(?P<ratio_whole>[2-9]|1\d)(?=的|以上|左右|强)",
    _read_ratio,
)
