"""Counted things: a number and its unit, `1.2万人次`, and numbers whose unit is a noun near by."""

from __future__ import annotations

import re
from collections.abc import Iterator

from model.figures.lexicon import bare_units, unit_classes
from model.figures.numbers.numerals import (
    ARABIC,
    NUMBER,
    ROUND_NUMBER,
    YI,
    parse_decimal,
    parse_number,
)
from model.figures.numbers.rule import Reading, Rule, vague_bound
from model.word_lists import any_of

_FIRSTS = "".join(sorted({unit[0] for unit in unit_classes()}))
# A unit in Latin letters may stand apart, and ends where they end: `45000 m2`.
_LATIN = {unit for unit in unit_classes() if unit[0].isascii() and unit[0].isalpha()}
_OWN = any_of(unit_classes().keys() - _LATIN)
UNIT = rf"(?:(?=[{_FIRSTS} ])(?:{_OWN}| ?(?:{any_of(_LATIN)})(?![A-Za-z\d])))"
_SAME_UNITS = {
    "百分点": "个百分点", "港币": "港元", "平米": "平方米", "㎡": "平方米", "m²": "平方米",
    "m2": "平方米", "hm²": "公顷", "hm2": "公顷", "km²": "平方公里", "km2": "平方公里",
    "块钱": "元", "RMB": "元", "CNY": "元", "USD": "美元", "HKD": "港元", "EUR": "欧元",
    "GBP": "英镑", "JPY": "日元",
}  # fmt: skip
_NOUN_CHARS = 8
_CLAUSE_CHARS = 24
_STOP = re.compile(r"[。；，、：\n（）]")


def plain_unit(unit: str) -> str:
    """Return the unit as the report names it; `元欧元` is a slip for the second."""
    unit = unit.strip()
    unit = unit[1:] if unit[0] == "元" and len(unit) > 1 else unit
    return _SAME_UNITS.get(unit, unit)


def _read_counted(match: re.Match[str]) -> Iterator[Reading]:
    number, unit = match["counted_number"], match["counted_unit"]
    value = parse_number(number)
    if value is not None:
        bound = vague_bound(number + (match["counted_more"] or ""))
        yield Reading(
            match.start("counted"), match.end("counted"), (value,), plain_unit(unit), bound
        )


def _read_spoken(match: re.Match[str]) -> Iterator[Reading]:
    value = parse_decimal(match["spoken_number"])
    scale = parse_number(match["spoken_scale"] or "") or 1
    if value is not None:
        yield Reading(*match.span("spoken"), (value * scale,), plain_unit(match["spoken_unit"]))


def _read_bare(match: re.Match[str]) -> Iterator[Reading]:
    low, high = match["bare_low"], match["bare_high"]
    parsed = [parse_number(number) for number in (low, high) if number]
    values = tuple(value for value in parsed if value is not None)
    unit = _unit_near(match)
    if unit is not None and len(values) == len(parsed) and values[0] <= values[-1]:
        yield Reading(*match.span("bare"), values, unit, vague_bound(low + (high or "")))


def _read_rate(match: re.Match[str]) -> Iterator[Reading]:
    value = parse_number(match["rate_number"])
    if value is not None:
        yield Reading(*match.span("rate"), (value,), "/10万")


def _unit_near(match: re.Match[str]) -> str | None:
    """Read the unit off the noun behind the number, else off the words before it."""
    text = match.string
    after = _STOP.split(text[match.end("bare") : match.end("bare") + _NOUN_CHARS])[0]
    start = match.start("bare")
    before = re.split(r"[。；，\n]", text[max(0, start - _CLAUSE_CHARS) : start])[-1]
    found = [(after.find(word), unit) for word, unit in bare_units().items() if word in after]
    if found:
        return min(found)[1]
    if "个" in match["bare"]:  # `1.5个亿` is money where nothing says otherwise
        return _nearest(before) or "元"
    return _nearest(before)


def _nearest(before: str) -> str | None:
    # the word nearest to the number counts: `5万居民的费用3亿`
    found = [(-before.rfind(word), unit) for word, unit in bare_units().items() if word in before]
    return min(found)[1] if found else None


COUNTED = Rule(
    "counted",
    rf"(?P<counted_number>{NUMBER})(?!{YI})(?P<counted_unit>{UNIT})(?P<counted_more>(?<=倍)多)?",
    _read_counted,
)
# `四点五个百分点`: where a point is spoken it needs a unit that no clock has.
SPOKEN = Rule(
    "spoken",
    r"(?P<spoken_number>[一二三四五六七八九十百零]{1,6}点[一二三四五六七八九零]{1,3})"
    rf"(?P<spoken_scale>[万亿])?(?P<spoken_unit>(?!分){UNIT})",
    _read_spoken,
)
RATE = Rule("rate", rf"(?P<rate_number>{ARABIC})/(?:10万|十万|100,?000)(?!\d)", _read_rate)
BARE = Rule(
    "bare",
    rf"(?P<bare_low>{ROUND_NUMBER})(?:[—–~～-](?P<bare_high>{ROUND_NUMBER}))?(?![\d元人])",
    _read_bare,
)
