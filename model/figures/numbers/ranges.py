"""Ranges: `3—5亿元`, `2千到1万元`, `30名至50名`, and two digits side by side, `七八百人`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from model.figures.numbers.counted import UNIT, plain_unit
from model.figures.numbers.numerals import NUMBER, parse_number
from model.figures.numbers.rule import Reading, Rule, vague_bound

DASH = r"(?:—{1,2}|–|-{1,2}|~|～|至|到)"
_DIGITS = "一二三四五六七八九"
_SCALE = re.compile(r"(?<![十百千万亿])[十百千万亿]++$")
_LEFT_BEHIND = re.compile(r"(?:从|由)[^，。；、]{0,12}$")
_SPREAD = re.compile(r"不等|之间|不一|区间")
_BEFORE_CHARS = 14


def share_scale(low: str, high: str) -> str:
    """Give the lower end the scale that is written once: the 3 of `3—5亿` is 3亿.

    `五十到八十万` shares its 万, `2千到1万` does not: what it would be worth is no lower end.
    """
    scale = _SCALE.search(high)
    if scale is None:
        return low
    shared = scale[0] if not re.search(r"[十百千万亿]", low) else high[-1]
    own, mantissa = parse_number(low), parse_number(high.removesuffix(shared))
    if re.search(rf"[万亿{shared[-1]}]", low) or own is None or mantissa is None:
        return low
    return low + shared if own < mantissa else low


def _read_range(match: re.Match[str]) -> Iterator[Reading]:
    low, mid, high = match["range_low"], match["range_mid"], match["range_high"]
    unit = match["range_unit"]
    ends = (parse_number(low if mid else share_scale(low, high)), parse_number(high))
    if ends[0] is None or ends[1] is None:
        return
    start, end = match.span("range")
    if mid and (ends[0] >= ends[1] or _is_from_to(match)):
        split = match.end("range_mid")
        yield Reading(start, split, (ends[0],), plain_unit(mid), vague_bound(low))
        yield Reading(
            match.start("range_high"), end, (ends[1],), plain_unit(unit), vague_bound(high)
        )
    elif ends[0] < ends[1]:
        yield Reading(start, end, (ends[0], ends[1]), plain_unit(unit), vague_bound(low + high))


def _is_from_to(match: re.Match[str]) -> bool:
    """`从26人到200人` tells of two moments, `从50元到80元不等` of a range."""
    if _SPREAD.match(match.string, match.end("range")):
        return False
    start = match.start("range")
    before = match.string[max(0, start - _BEFORE_CHARS) : start]
    return match.string[match.end("range_mid")] in "到至" and bool(_LEFT_BEHIND.search(before))


def _read_adjacent(match: re.Match[str]) -> Iterator[Reading]:
    tens, low, high = match["adjacent_tens"] or "", match["adjacent_low"], match["adjacent_high"]
    scale, unit = match["adjacent_scale"], match["adjacent_unit"]
    first = "一二三四五六七八九".index("二" if low == "两" else low) + 1
    second = _DIGITS.index(high) + 1
    ends = (parse_number(tens + low + scale), parse_number(tens + high + scale))
    if second - first in (1, 2) and ends[0] is not None and ends[1] is not None:
        yield Reading(*match.span("adjacent"), (ends[0], ends[1]), unit, "")


RANGE = Rule(
    "range",
    rf"(?P<range_low>{NUMBER})(?P<range_mid>{UNIT})?{DASH}(?P<range_high>{NUMBER})"
    rf"(?P<range_unit>{UNIT})",
    _read_range,
)
ADJACENT = Rule(
    "adjacent",
    r"(?P<adjacent_tens>[二三四五六七八九]?十)?(?P<adjacent_low>[一二两三四五六七八])"
    rf"(?P<adjacent_high>[二三四五六七八九])(?P<adjacent_scale>[十百千万亿]{{0,2}})"
    rf"(?P<adjacent_unit>{UNIT})",
    _read_adjacent,
)
