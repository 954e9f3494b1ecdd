"""Candidates: every number with a unit, with its value, unit and bound.

The grammar is one regular expression put together from the rules, one file per kind; where two
rules can start at the same character the earlier in `_RULES` is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from model.figures.lexicon import bound_pattern, bound_words, unit_classes
from model.figures.numbers.bounds import read_bound
from model.figures.numbers.coordinated import LIST
from model.figures.numbers.counted import BARE, COUNTED, RATE, SPOKEN
from model.figures.numbers.durations import CLOCK, HALVED, OVERTIME
from model.figures.numbers.fractions import (
    DOUBLED,
    HALF,
    PARTS,
    PROPORTION,
    RATIO,
    TENTHS,
    ZERO,
)
from model.figures.numbers.money import FORMAL_MONEY, MONEY
from model.figures.numbers.ranges import ADJACENT, RANGE
from model.figures.numbers.rule import Rule
from model.figures.numbers.signs import find_sign

_RULES = (
    PARTS, TENTHS, HALF, DOUBLED, RATIO, PROPORTION, ZERO, FORMAL_MONEY, MONEY, RATE,
    CLOCK, HALVED, OVERTIME, SPOKEN, ADJACENT, RANGE, LIST, COUNTED, BARE,
)  # fmt: skip
_BY_USE = (COUNTED, *(rule for rule in _RULES[::-1] if rule is not COUNTED))
# Characters that a figure can start with, tried before anything else.
_FIRST = (
    r"\d零〇一二两三四五六七八九十百千万亿廿卅壹贰叁肆伍陆柒捌玖拾佰仟数几上半过翻人新"
    r"￥¥RUHCEGJ美港欧英日$€£"
)


@dataclass(frozen=True)
class Candidate:
    """A number with its unit; offsets into the text, bound words included."""

    start: int
    end: int
    value: tuple[float, ...]
    unit: str
    unit_class: str
    bound: str
    chinese: bool
    rule: str


def find_candidates(text: str) -> Iterator[Candidate]:
    """Yield the candidates of a cleaned text, in order, none overlapping another."""
    for match in _pattern().finditer(text):
        rule = next(rule for rule in _BY_USE if match[rule.name] is not None)
        yield from _read(match, rule)


@cache
def _pattern() -> re.Pattern[str]:
    before = f"(?P<before>{bound_pattern('before')})?"
    after = f"(?P<after>{bound_pattern('after')})?"
    firsts = "".join(re.escape(word[0]) for word in bound_words("before"))
    kinds = "|".join(f"(?P<{rule.name}>{rule.pattern})" for rule in _RULES)
    return re.compile(
        rf"(?=[{_FIRST}{firsts}])(?![美港欧英日](?![元金币镑]))(?<![\d.第])(?<![^%]/){before}(?:{kinds}){after}"
    )


def _read(match: re.Match[str], rule: Rule) -> Iterator[Candidate]:
    readings = list(rule.read(match))
    inner = match.span(rule.name)
    for reading in readings:
        first, last = reading is readings[0], reading.end == inner[1]
        start = match.start() if first and reading.start == inner[0] else reading.start
        end = match.end() if last else reading.end
        unit_class = unit_classes().get(reading.unit, "people")
        signed, minus = find_sign(match.string, start, reading.start, unit_class)
        low, *rest = reading.value
        start = signed
        yield Candidate(
            start=start,
            end=end,
            value=(-low, *rest) if minus else reading.value,
            unit=reading.unit,
            unit_class=unit_class,
            bound=read_bound(
                match.string,
                start,
                before=(match["before"] or "") if first and match.start() < reading.start else "",
                own=reading.bound,
                after=(match["after"] or "") if last else "",
            ),
            chinese=not any(c.isdigit() for c in match.string[start:end]),
            rule=rule.name,
        )
