"""Year: which year a value belongs to, chosen among those that the text and its date give.

A log-linear model over yes-or-no features; the weights are in `year_weights.tsv`, made by
`python -m training.reading.fit_years`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from model.figures.numbers.candidates import Candidate
from model.figures.year_mentions import (
    NAMED,
    PERIOD,
    YearMention,
    find_year_mentions,
)
from model.log_linear import Weights, choose, read_weights

TABLE = Path(__file__).parent / "year_weights.tsv"
Features = dict[int | None, set[str]]

_PARAGRAPH_CHARS, _CUE_CHARS, _TOP_CHARS = 200, 60, 200
_MAX_BEFORE, _MAX_AFTER, _MAX_EARLIER = 2, 2, 2
_MANY = 3
_NUMBER, _DAY = re.compile(r"\d[\d.,]*"), re.compile(r"\d{1,2}[月日]")
_CLAUSE = re.compile(r"[，；：。！？\n]")
_BRACKET_OPENS = re.compile(r"[^，。；（）]{0,6}（$")
_CUES = re.compile(
    r"将|力争|确保|计划|预计|累计|截至|已|每年|年均|近年|十[二三四]五|全年|上半年|季度|月(?<=\d月)"
    r"|[昨今]日|日前|近日|新增|同比|上年|以来|今年|目前"
)
_STARTS = frozenset(("<由", "<从"))
_RELATIONS = {0: "own", -1: "last", -2: "2 ago", 1: "next"}
_EARLY, _LATE = 3, 10


@dataclass(frozen=True)
class FigurePlace:
    """Where a figure stands: its sentence from where reading begins, and what it stands under."""

    candidate: Candidate
    opening: int
    sentence_end: int
    heads: Sequence[str]
    kind: str


class YearReader:
    """Reads years of figures in one article.

    Args:
        text: its text as `plain_years` leaves it.
        date: its date in ISO form, or empty.
    """

    def __init__(self, text: str, date: str) -> None:
        self._text = text
        self._own = int(date[:4]) if date else None
        self._month = int(date[5:7]) if date else 0
        self._mentions = find_year_mentions(text, self._own)
        self._starts = [mention.start for mention in self._mentions]
        self._general = dict(self._describe_named())
        self._told_first = self._find_periods()
        self._of_head: dict[str, list[YearMention]] = {}

    def read(self, place: FigurePlace) -> int | None:
        """Return the year of a figure, or None where nothing settles it."""
        return choose(self.candidates(place), _weights())

    def candidates(self, place: FigurePlace) -> Features:
        """Return the years that a figure may have, and None, each with its features."""
        found: Features = {None: {"none"}}
        if self._own is not None:
            found[self._own], found[self._own - 1] = set(), set()
        start = place.candidate.start
        before = [
            (mention, between)
            for mention in self._between(place.opening, start)
            if not _is_left(mention, between := self._text[mention.end : start])
        ]
        if all(mention.other for mention, _ in before):
            before = [*self._heading_years(place.heads), *before]
        bare = int(all(mention.other for mention, _ in before))
        described = [
            *self._describe_before(place, before),
            *self._describe_after(place),
            *self._describe_earlier(place, bare),
        ]
        state = f"{'undated' if self._own is None else 'dated'} {bare}"
        described += [(y, f"{one} {state}") for y, ones in self._general.items() for one in ones]
        for named, feature in described:
            found.setdefault(named, set()).add(feature)
        cues = set(_CUES.findall(self._text, max(place.opening, start - _CUE_CHARS), start))
        for year, features in found.items():
            relation = self._relate(year)
            features.add(f"{relation} {place.kind} {state}")
            features.add(f"{relation} {place.candidate.unit_class} {bare}")
            features.update(f"{relation} {bare} {cue}" for cue in cues)
            if self._own is not None:
                features.add(f"{relation} {bare} {_season(self._month)}")
        return found

    def _between(self, start: int, end: int) -> list[YearMention]:
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return self._mentions[first:last]

    def _find_periods(self) -> dict[str, dict[int, int]]:
        """Where each part of a year (上半年, 3月) first stands behind which year."""
        found: dict[str, dict[int, int]] = {}
        for mention in self._mentions:
            if mention.period:
                found.setdefault(mention.period, {}).setdefault(mention.year, mention.start)
        return found

    def _relate(self, year: int | None) -> str:
        if year is None:
            return "none"
        if self._own is None:
            return "named"
        distance = year - self._own
        return _RELATIONS.get(distance, "later" if distance > 0 else "old")

    def _describe_named(self) -> Iterator[tuple[int, list[str]]]:
        """What is true of each year that the article names, wherever the figure stands."""
        named = [m for m in self._mentions if m.form == NAMED and not (m.other or m.is_planned)]
        counts = Counter(mention.year for mention in named)
        on_top = {mention.year for mention in named if mention.start < _TOP_CHARS}
        for year, count in counts.items():
            ones = [f"named {min(count, _MANY)}"]
            ones += ["sole"] * (len(counts) == 1)
            ones += ["latest"] * (year == max(counts))
            ones += ["most named"] * (count == max(counts.values()))
            ones += ["first named"] * (year == named[0].year)
            ones += ["on top"] * (year in on_top)
            yield year, ones

    def _describe_before(
        self, place: FigurePlace, before: Sequence[tuple[YearMention, str]]
    ) -> Iterator[tuple[int, str]]:
        """The years before a figure, each with what stands between; the nearest first."""
        order = 0
        for mention, between in reversed(before):
            numbers = f"numbers {min(2, len(_NUMBER.findall(_DAY.sub('', between))))}"
            where = mention.other or f"before {min(order, _MAX_BEFORE)}"
            order += not mention.other
            for feature in (
                where,
                f"{where} {_clause(between.lstrip('，'))}",
                f"{where} {numbers}",
                f"{where} {self._relate(mention.year)} {place.kind}",
                f"{where} {mention.form}",
            ):
                yield mention.year, feature
            for mark in mention.marks:
                yield mention.year, f"{where} {mark}"
                yield mention.year, f"{mark} {place.kind}"
                yield mention.year, f"{mark} {numbers}"
                yield mention.year, f"{mention.form} {mark}"

    def _describe_after(self, place: FigurePlace) -> Iterator[tuple[int, str]]:
        end = place.candidate.end
        first = bisect_left(self._starts, end)
        for order, mention in enumerate(self._mentions[first : first + _MAX_AFTER]):
            if mention.start >= place.sentence_end:
                break
            between = self._text[end : mention.start]
            yield mention.year, f"after {order} {place.kind}"
            yield mention.year, f"after {order} {_clause(between)}"
            if _BRACKET_OPENS.match(between):
                yield mention.year, "after bracket"
            for mark in (mention.form, *mention.marks):
                yield mention.year, f"after {mark}"

    def _heading_years(self, heads: Sequence[str]) -> list[tuple[YearMention, str]]:
        """The last year of the nearest heading or list opening that names one."""
        for head in heads:
            if head not in self._of_head:
                self._of_head[head] = find_year_mentions(head, self._own)
            for mention in reversed(self._of_head[head]):
                if not mention.other:
                    return [(mention, head[mention.end :] + "\n")]
        return []

    def _describe_earlier(self, place: FigurePlace, bare: int) -> Iterator[tuple[int, str]]:
        """The years of sentences before, of the paragraph and of the article."""
        start = self._text.rfind("\n", 0, place.opening) + 1
        start = max(start, place.opening - _PARAGRAPH_CHARS)
        periods = set(PERIOD.findall(self._text, place.opening, place.candidate.start))
        near = self._between(start, place.opening)
        for order, mention in enumerate(reversed(near[-_MAX_EARLIER:])):
            where, relation = f"paragraph {mention.other or order}", self._relate(mention.year)
            yield mention.year, f"{where} {bare}"
            yield mention.year, f"paragraph {relation} {place.kind} {bare}"
            for mark in (mention.form, *mention.marks):
                yield mention.year, f"paragraph {mark} {bare}"
                yield mention.year, f"{mark} {place.kind}"
        last = bisect_left(self._starts, start)
        for mention in self._mentions[max(0, last - 1) : last]:
            yield mention.year, f"far {self._relate(mention.year)} {bare}"
            for mark in (mention.form, *mention.marks):
                yield mention.year, f"far {mark}"
        for period in periods & self._told_first.keys():
            for year, first in self._told_first[period].items():
                if first < place.opening:
                    yield year, f"period again {bare}"


def _is_left(mention: YearMention, between: str) -> bool:
    """Whether a year is that of a value before: `由2021年的82.3%提高到`, `（上年46万），增长`."""
    aside, bracket, _ = between.partition("）")
    closed = aside if bracket and "（" not in aside else ""
    passed = between if not _STARTS.isdisjoint(mention.marks) else ""
    return any(_NUMBER.search(_DAY.sub("", words)) for words in (closed, passed))


def _clause(between: str) -> str:
    return "other clause" if _CLAUSE.search(between) else "clause"


def _season(month: int) -> str:
    return "early" if month <= _EARLY else "mid" if month < _LATE else "late"


@cache
def _weights() -> Weights:
    return read_weights(TABLE, "weight")
