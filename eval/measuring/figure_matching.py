"""Matching: pairs of marked figures and figures that a system found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data.characters import strip_punctuation
from data.gold import GoldFigure
from model import Figure

# Synonymous units.
ALIKE_UNITS = {
    "％": "%", "百分点": "个百分点", "名": "人", "位": "人", "多人": "人", "余人": "人",
    "万人": "人", "人次数": "人次", "所": "家", "间": "家", "人民币": "元", "块": "元",
    "台次": "台", "平米": "平方米", "㎡": "平方米", "款": "项", "种": "项",
    "类": "项", "支": "个", "只": "个",
}  # fmt: skip
INDICATOR_LIKENESS = 0.5
_TOLERANCE = 1e-6
_LEADING_MORE = re.compile("^[余多]")


@dataclass(frozen=True)
class Match:
    """The pairs of one article, and the figures of either side without a partner."""

    right: tuple[tuple[GoldFigure, Figure], ...]
    missed: tuple[GoldFigure, ...]
    extra: tuple[Figure, ...]


def match_figures(gold: Sequence[GoldFigure], found: Sequence[Figure]) -> Match:
    """Pair every marked figure with at most one found figure of its value and unit.

    Among several, the figure whose indicator and kind agree best is taken. Sure figures are paired
    first; a found figure that pairs with a doubtful one counts neither way.
    """
    unmatched = dict(enumerate(found))
    right, missed = [], []
    for expected in sorted(gold, key=lambda figure: not figure.must):
        like = [i for i, figure in unmatched.items() if _is_same(expected, figure)]
        if like:
            best = unmatched.pop(max(like, key=lambda i: _agreement(expected, found[i])))
            if expected.must:
                right.append((expected, best))
        elif expected.must:
            missed.append(expected)
    return Match(tuple(right), tuple(missed), tuple(unmatched.values()))


def is_same_indicator(first: str, second: str) -> bool:
    """Whether two indicators mean the same, by their share of common characters."""
    return _likeness(first, second) >= INDICATOR_LIKENESS


def _is_same(expected: GoldFigure, found: Figure) -> bool:
    if expected.value is None:
        return bool(found.text) and (found.text in expected.text or expected.text in found.text)
    return _is_same_value(found.value, expected.value) and _is_same_unit(found.unit, expected.unit)


def _is_same_value(found: tuple[float, ...], expected: tuple[float, ...]) -> bool:
    if len(found) != len(expected):  # one end of a range
        return found[0] in expected or expected[0] in found
    return all(
        abs(x - y) <= _TOLERANCE * max(1, abs(x), abs(y))
        for x, y in zip(found, expected, strict=True)
    )


def _is_same_unit(found: str, expected: str) -> bool:
    one, other = _plain_unit(found), _plain_unit(expected)
    return one == other or bool(one and other and (one in other or other in one))


def _plain_unit(unit: str) -> str:
    plain = _LEADING_MORE.sub("", unit.strip())
    return ALIKE_UNITS.get(plain, plain)


def _agreement(expected: GoldFigure, found: Figure) -> float:
    first_kind = expected.kinds[0] if expected.kinds else None
    return _likeness(found.indicator, expected.indicator) + (found.kind == first_kind)


def _likeness(first: str, second: str) -> float:
    """Share of common characters (Dice); 1 where one contains the other."""
    one, other = strip_punctuation(first), strip_punctuation(second)
    if not one or not other:
        return 0.0
    if one in other or other in one:
        return 1.0
    return 2 * (Counter(one) & Counter(other)).total() / (len(one) + len(other))
