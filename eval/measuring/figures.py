"""Figures: what a system found laid beside what a reader marked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data.gold import GoldFigure
from model import Figure

# Units that name one thing in another word.
ALIKE_UNITS = {
    "％": "%", "百分点": "个百分点", "名": "人", "位": "人", "多人": "人", "余人": "人",
    "万人": "人", "人次数": "人次", "所": "家", "间": "家", "人民币": "元", "块": "元",
    "台次": "台", "平米": "平方米", "㎡": "平方米", "款": "项", "种": "项",
    "类": "项", "支": "个", "只": "个",
}  # fmt: skip
INDICATOR_LIKENESS = 0.5
_TOLERANCE = 1e-6
_LEADING_MORE = re.compile("^[余多]")
_NOT_WORD = re.compile(r"\W")


@dataclass(frozen=True)
class Match:
    """The comparison of one article's figures; lists hold what went wrong, for reading."""

    right: tuple[tuple[GoldFigure, Figure], ...]
    missed: tuple[GoldFigure, ...]
    extra: tuple[Figure, ...]


def match_figures(gold: Sequence[GoldFigure], found: Sequence[Figure]) -> Match:
    """Pair every marked figure with at most one found one of its value and unit.

    Among several, the one whose indicator and kind agree best is taken. Sure figures choose
    first; a found figure that pairs with a doubtful one counts neither way.
    """
    left = dict(enumerate(found))
    right, missed = [], []
    for want in sorted(gold, key=lambda figure: not figure.must):
        like = [i for i, figure in left.items() if _is_same(want, figure)]
        if like:
            best = left.pop(max(like, key=lambda i: _agreement(want, found[i])))
            if want.must:
                right.append((want, best))
        elif want.must:
            missed.append(want)
    return Match(tuple(right), tuple(missed), tuple(left.values()))


def is_same_indicator(first: str, second: str) -> bool:
    """Whether two indicators name one thing, by the characters that they share."""
    return _likeness(first, second) >= INDICATOR_LIKENESS


def _is_same(want: GoldFigure, found: Figure) -> bool:
    if want.value is None:
        return bool(found.text) and (found.text in want.text or want.text in found.text)
    return _is_same_value(found.value, want.value) and _is_same_unit(found.unit, want.unit)


def _is_same_value(found: tuple[float, ...], want: tuple[float, ...]) -> bool:
    if len(found) != len(want):  # one end of a range
        return found[0] in want or want[0] in found
    return all(
        abs(x - y) <= _TOLERANCE * max(1, abs(x), abs(y)) for x, y in zip(found, want, strict=True)
    )


def _is_same_unit(found: str, want: str) -> bool:
    one, other = _plain_unit(found), _plain_unit(want)
    return one == other or bool(one and other and (one in other or other in one))


def _plain_unit(unit: str) -> str:
    plain = _LEADING_MORE.sub("", unit.strip())
    return ALIKE_UNITS.get(plain, plain)


def _agreement(want: GoldFigure, found: Figure) -> float:
    first_kind = want.kinds[0] if want.kinds else None
    return _likeness(found.indicator, want.indicator) + (found.kind == first_kind)


def _likeness(first: str, second: str) -> float:
    """Share of characters in common (Dice); 1 where one holds the other."""
    one, other = _NOT_WORD.sub("", first), _NOT_WORD.sub("", second)
    if not one or not other:
        return 0.0
    if one in other or other in one:
        return 1.0
    return 2 * (Counter(one) & Counter(other)).total() / (len(one) + len(other))
