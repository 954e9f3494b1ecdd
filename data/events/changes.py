"""Figures that changed on the way: the same place in two reports of one event, another number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.events.rarity import Hashes, hash_grams, rarity_of

_MENTION = re.compile(
    r"(?<![A-Za-z0-9/_.])(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)\s?(?P<about>[多余几]?)"
    r"(?P<scale>万亿|[万亿千百]?)(?:[多余]?)"
    r"(?P<unit>%|％|‰|个百分点|(?:美|欧|港|日)元|个?[^\W\d_a-zA-Z])?"
)
# Dates and times differ between reports that agree.
_TIMES = re.compile(
    r"\d{4}[-/]\d\d[-/]\d\d|\d{1,2}[:：]\d\d|(?:19|20)\d\d年?|\d{1,4}月(?:\d{1,4}[日号])?|\d{1,4}[日号时点分]"
)
_WIDE_CHARS, _NEAR_CHARS = 22, 12
# Share of the rarer wording around a number from which two mentions are one fact.
LIKENESS = 0.35
_DIGITS = re.compile(r"[\d.,%％]+")
_CURRENCY = "元"
_MIN_RARITY = 20.0  # a few common words around a number prove nothing
_SCALES = {"": 1.0, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8, "万亿": 1e12}


@dataclass(frozen=True)
class Mention:
    """A number with its unit in a text; `start` and `end` are offsets."""

    text: str
    number: str
    scale: str
    unit: str
    start: int
    end: int

    @property
    def value(self) -> str:
        """The number in base units, with its currency where it has one."""
        currency = self.unit if self.unit.endswith(_CURRENCY) else ""
        return f"{float(self.number) * _SCALES[self.scale]:.6g}{currency}"


@dataclass(frozen=True)
class Change:
    """One fact that two reports give differently."""

    first: Mention
    second: Mention
    likeness: float


def find_changes(first: str, second: str) -> list[Change]:
    """Return the facts that two texts give with different numbers, in order of the first.

    A number that the other text has too, wherever, was not changed.
    """
    ours, theirs = _mentions(first), _mentions(second)
    known = {m.value for m in ours} & {m.value for m in theirs}
    ours, theirs = ([m for m in side if m.value not in known] for side in (ours, theirs))
    around = [_context(second, mention) for mention in theirs]
    pairs: list[tuple[float, Mention, Mention]] = []
    for mention in ours:
        own = _context(first, mention)
        for candidate, context in zip(theirs, around, strict=True):
            if _is_recoined(mention, candidate):
                pairs.append((1.0, mention, candidate))
            elif mention.unit and mention.unit == candidate.unit:
                pairs.append((_likeness(own, context), mention, candidate))
    return _pick([pair for pair in pairs if pair[0] >= LIKENESS])


def _pick(pairs: Sequence[tuple[float, Mention, Mention]]) -> list[Change]:
    """Return the likest pairs, each mention once."""
    taken: set[tuple[int, int]] = set()
    chosen: list[Change] = []
    for score, one, other in sorted(pairs, key=lambda pair: -pair[0]):
        if (0, one.start) not in taken and (1, other.start) not in taken:
            taken |= {(0, one.start), (1, other.start)}
            chosen.append(Change(one, other, score))
    return sorted(chosen, key=lambda change: change.first.start)


def _mentions(text: str) -> list[Mention]:
    blank = _TIMES.sub(lambda found: "·" * len(found[0]), text)
    return [
        Mention(found[0], found["number"].replace(",", ""), found["scale"],
                found["unit"] or "", found.start(), found.end())
        for found in _MENTION.finditer(blank)
    ]  # fmt: skip


def _is_recoined(one: Mention, other: Mention) -> bool:
    """Whether two mentions give one sum, of three digits or more, in different currencies."""
    is_long = sum(c.isdigit() for c in one.number) >= len("100")
    is_same = is_long and (one.number, one.scale) == (other.number, other.scale)
    return is_same and one.unit[-1:] == other.unit[-1:] == _CURRENCY and one.unit != other.unit


def _context(text: str, mention: Mention) -> tuple[Hashes, ...]:
    """Return the pairs of characters before, after and in a wider stretch around a mention."""
    before = _DIGITS.sub("·", text[max(0, mention.start - _WIDE_CHARS) : mention.start])
    after = _DIGITS.sub("·", text[mention.end : mention.end + _NEAR_CHARS])
    sides = [hash_grams(side, 2) for side in (before[-_NEAR_CHARS:], after, before)]
    return np.unique(sides[0]), np.unique(sides[1]), np.unique(np.concatenate(sides[1:]))


def _likeness(one: tuple[Hashes, ...], other: tuple[Hashes, ...]) -> float:
    """Return how much of the rarer wording before, after or around two mentions is shared."""
    return max(_overlap(a, b) for a, b in zip(one, other, strict=True))


def _overlap(one: Hashes, other: Hashes) -> float:
    shared = float(rarity_of(np.intersect1d(one, other, assume_unique=True)).sum())
    total = float(rarity_of(one).sum() + rarity_of(other).sum())
    return 2 * shared / max(_MIN_RARITY, total)
