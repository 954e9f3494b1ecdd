"""Coordinated values: several numbers that share what is said once.

`分别收治12、15、18例` shares its unit, `分别增长8.32%、25.53%` its verb.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from model.figures.numbers.counted import UNIT, plain_unit
from model.figures.numbers.numerals import ARABIC, parse_number
from model.figures.numbers.ranges import share_scale
from model.figures.numbers.rule import Reading, Rule, vague_bound

MAX_VALUES = 9  # also what keeps a page of numbers from being read again at each of them
_VALUE = rf"{ARABIC}[余多]?[万亿]{{0,2}}"
_BETWEEN = re.compile(r"[、/]|和|及|与")
_RESPECTIVELY = re.compile(r"分别[^，。；\d]{0,10}$")
_CLAUSE_CHARS = 16
_POINTS = ("个百分点", "%")
# What joins one value to the next.
_JOINED = re.compile(r"^(?:、|/|，?和|，?及|，?以及|与|或|，)?$")


def _read_list(match: re.Match[str]) -> Iterator[Reading]:
    start = match.start("list")
    before = match.string[max(0, start - _CLAUSE_CHARS) : start]
    numbers, unit = match["list_numbers"], plain_unit(match["list_unit"])
    fraction = "/" in numbers and "." in numbers
    if not (_RESPECTIVELY.search(before) or fraction or _shares_unit(numbers, unit)):
        return
    parts = list(re.finditer(_VALUE, numbers))
    for part in parts:
        value = parse_number(share_scale(part[0], parts[-1][0]))
        last = part is parts[-1]
        end = match.end("list") if last else start + part.end()
        if value is not None:
            yield Reading(start + part.start(), end, (value,), unit, vague_bound(part[0]))


def _shares_unit(numbers: str, unit: str) -> bool:
    """`提高3.4和2.9个百分点`: no number goes without a unit there; `1、95%` opens a list."""
    return unit in _POINTS and "/" not in numbers and (unit != "%" or "、" not in numbers)


def find_groups(text: str, spans: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the runs of figures that are listed side by side, as indices into `spans`.

    Args:
        text: the article's text.
        spans: start and end of every figure, in order.
    """
    groups: list[list[int]] = [[i] for i in range(min(1, len(spans)))]
    for i in range(1, len(spans)):
        gap, end = text[spans[i - 1][1] : spans[i][0]], spans[i][1]
        has_own_name = gap == "，" and text[end : end + 1] == "的"  # `降了1/3，2/3的村达标`
        if _JOINED.match(gap) and not has_own_name:
            groups[-1].append(i)
        else:
            groups.append([i])
    return [group for group in groups if len(group) > 1]


LIST = Rule(
    "list",
    rf"(?P<list_numbers>{_VALUE}(?:(?:[、/]|和|及|与){_VALUE}){{1,{MAX_VALUES}}})"
    rf"(?P<list_unit>{UNIT})",
    _read_list,
)
