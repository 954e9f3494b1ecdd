"""Facts: rows of reports as values of an indicator for a place and a year, with their receipts.

A fact that several articles tell is one with several receipts. Different values stay different
facts, side by side. What is not sure (whose, which year) says so in `doubts` and takes no part in
tables, series, rankings and answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from model.figures.official import normalise
from model.names import Place
from serving.atlas.timing import (
    Passage,
    names_own_year,
    names_year,
    read_deadline,
    read_period,
)
from serving.atlas.units import RATES, compare_as
from serving.atlas.whose import PlaceFinder
from serving.library.records import hash_text

KEY_CHARS = 16
MAX_OF_A_CELL = 20
_ROUNDING, _ABOUT, _EPSILON = 0.01, 0.05, 1e-9
LEVEL, CHANGE, TARGET, FROM = "level", "change", "target", "from"
_FACT_KEY_CHARS = 12
_EARLY_MONTH = 3
_MIN_INDICATOR_CHARS = 2
UNTIL = "截至"
NO_INDICATOR, NO_YEAR, MISREAD = "指标不明", "年份不明", "扫描件上没看清"
YEAR_OF_BASE, YEAR_OF_DAY = "原值的年份不明", "年份据发稿日期推定"
CROWDED = "同一篇里有几个数，年份或范围分不清"
YEAR_AHEAD = "年份在发稿以后，可能是目标"


@dataclass(frozen=True)
class Receipt:
    """Where a fact stands: an article of the library by its key, and the number's offsets.

    `id` is the article's own in the file it came from, `day` when it was published, `kind` what
    the row was there: a level that was left behind is `from`.
    """

    article: str
    id: str
    title: str
    source: str
    day: str
    start: int
    end: int
    text: str
    sentence: str
    kind: str


@dataclass(frozen=True)
class Fact:
    """A value of an indicator for a place or a body in it, and where it stands.

    `place` is None and `year` is None where they are unknown. `body` is empty for the place
    itself. `indicator` is the official name where the words mean exactly that, else the text's own;
    `official` the nearest official one, `note` what differs. `period` is the part of a year,
    `base` what a change is compared with, `deadline` the month of a target.
    """

    place: Place | None
    body: str
    indicator: str
    official: str
    note: str
    year: int | None
    period: str
    kind: str
    value: tuple[float, ...]
    unit: str
    bound: str
    base: str
    deadline: str
    doubts: tuple[str, ...]
    receipts: tuple[Receipt, ...]

    @property
    def is_sure(self) -> bool:
        """Whether whose it is and of which year is beyond doubt."""
        return not self.doubts

    @property
    def is_official(self) -> bool:
        """Whether the indicator is one of the field."""
        return bool(self.official) and self.official == self.indicator

    @property
    def is_partial(self) -> bool:
        """Whether it is of part of a year; how things stood at a day is not."""
        return bool(self.period) and not self.period.startswith(UNTIL)

    @property
    def series(self) -> tuple[str, str, str, str]:
        """What facts of one row of the table share: place, body, indicator, unit."""
        _, unit = compare_as(self.value, self.unit, self.official if self.is_official else "")
        name = self.indicator if self.is_official else normalise(self.indicator)
        return self.place.code if self.place else "", self.body, name or self.indicator, unit

    @property
    def compared(self) -> tuple[float, ...]:
        """The value as it is compared with others of its series."""
        return compare_as(self.value, self.unit)[0]

    @property
    def claim(self) -> tuple[object, ...]:
        """What two receipts share that tell one fact; unsure facts are of one article alone."""
        alone = "" if self.is_sure else self.receipts[0].article
        base = self.base if self.kind == CHANGE else ""
        return (
            *self.series, self.year, self.period, self.kind, self.compared, self.bound, base,
            self.deadline, self.doubts, alone,
        )  # fmt: skip

    @property
    def key(self) -> str:
        """A short name of the fact, the same whenever it is made."""
        words = "\0".join(map(str, self.claim))
        return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:_FACT_KEY_CHARS]

    @property
    def articles(self) -> frozenset[str]:
        """The keys of the articles that tell it."""
        return frozenset(receipt.article for receipt in self.receipts)

    @property
    def shown(self) -> str:
        """The value as it is printed in the first receipt."""
        return self.receipts[0].text

    @property
    def place_name(self) -> str:
        """The place from the province down; empty where unknown."""
        return "".join(self.place.path) if self.place else ""


def read_facts(records: Iterable[Mapping[str, Any]]) -> Iterator[Fact]:
    """Yield the facts of reports as they are in JSON, each with one receipt; errors are passed."""
    for record in records:
        if "error" in record or not isinstance(record.get("text"), str):
            continue
        finder = PlaceFinder(record)
        key = article_key(record)
        for figure in record["figures"]:
            yield _read_fact(record, key, figure, finder)


def article_key(record: Mapping[str, Any]) -> str:
    """Return the key of a report's article: the head of its digest in the library."""
    return hash_text(f"{record['text']}\0{record.get('source') or ''}")[:KEY_CHARS]


def make_receipt(record: Mapping[str, Any], key: str, figure: Mapping[str, Any]) -> Receipt:
    """Return where a row of a report stands; `key` is the article's."""
    return Receipt(
        key, str(record.get("id") or ""), str(record.get("title") or ""),
        str(record.get("source") or ""), str(record.get("date") or "")[:10],
        figure["start"], figure["end"], figure["text"], figure.get("sentence") or "",
        figure["kind"],
    )  # fmt: skip


def merge_facts(facts: Iterable[Fact]) -> list[Fact]:
    """Return each fact once, with the receipts of all articles that tell it, the earliest first."""
    found: dict[tuple[object, ...], list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact.claim, []).append(fact)
    return [_join(same) for same in found.values()]


def doubt_crowded(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield the facts of an article; where it tells several values of one cell they are in doubt.

    One of them is of another year, group or day than the row says, and nobody knows which.
    """
    merged = list(facts)
    cells: dict[tuple[object, ...], list[Fact]] = {}
    for fact in merged:
        if fact.kind == LEVEL and fact.is_sure:
            cells.setdefault((*fact.series, fact.year, fact.period), []).append(fact)
    crowded = set[str]()
    for cell in cells.values():
        for one, other in combinations(cell[:MAX_OF_A_CELL], 2):
            if not fit_together(one, other):
                crowded |= {one.key, other.key}
    for fact in merged:
        known = fact.kind == LEVEL and fact.key in crowded
        yield replace(fact, doubts=(CROWDED,)) if known else fact


def fit_together(one: Fact, other: Fact) -> bool:
    """Whether one value can be both: rounded, or within the other's bound."""
    (low, below), (high, above) = sorted((f.compared[0], f.bound) for f in (one, other))
    if high - low <= max(_ROUNDING * high, _last_digit(one), _last_digit(other)):
        return True
    if below == "≥" or above == "≤":
        return True
    return "~" in (below, above) and high - low <= _ABOUT * high


def _last_digit(fact: Fact) -> float:
    """What rounding takes at most: `93%` may be 93.4%."""
    text = "".join(c for c in fact.shown if c.isdigit() or c == ".")
    if fact.series[-1] not in RATES or not text:
        return 0.0
    return float(10 ** -len(text.partition(".")[2])) / 2 + _EPSILON


def _join(same: list[Fact]) -> Fact:
    if len(same) == 1:
        return same[0]
    receipts = {(r.article, r.start): r for fact in same for r in fact.receipts}
    ordered = sorted(receipts.values(), key=lambda r: (r.day or "9", r.article, r.start))
    return replace(same[0], receipts=tuple(ordered))


def _read_fact(
    record: Mapping[str, Any], key: str, figure: Mapping[str, Any], finder: PlaceFinder
) -> Fact:
    day = str(record.get("date") or "")[:10]
    passage = _passage(record["text"], figure)
    whose = finder.find(figure.get("body"))
    official = figure.get("official") or {}
    is_same = official.get("match") in ("exact", "same")
    value, kind = figure["value"], figure["kind"]
    misread = MISREAD if figure.get("doubtful") else ""
    doubts = (misread, whose.doubt, *_doubt_year(figure, passage, day), _doubt_indicator(figure))
    return Fact(
        place=whose.place,
        body=whose.body,
        indicator=official["name"] if is_same else figure["indicator"],
        official=official.get("name") or "",
        note="" if is_same else official.get("note") or "",
        year=figure["year"],
        period=read_period(passage, figure["unit"]) if kind != TARGET else "",
        kind=LEVEL if kind == FROM else kind,
        value=tuple(map(float, value)) if isinstance(value, list) else (float(value),),
        unit=figure["unit"],
        bound=figure["bound"],
        base=figure.get("base") or "",
        deadline=read_deadline(passage, figure["year"]) if kind == TARGET else "",
        doubts=tuple(filter(None, doubts)),
        receipts=(make_receipt(record, key, figure),),
    )


def _passage(text: str, figure: Mapping[str, Any]) -> Passage:
    start, sentence = figure["start"], figure.get("sentence") or ""
    at = text.find(sentence, max(0, start - len(sentence))) if sentence else -1
    at = at if 0 <= at <= start else text.rfind("\n", 0, start) + 1
    return Passage(text, at, start, figure["end"])


def _doubt_year(figure: Mapping[str, Any], passage: Passage, day: str) -> tuple[str, ...]:
    """Say why the year of a row is not sure; a target may be without one."""
    year, kind = figure["year"], figure["kind"]
    if year is None:
        return () if kind == TARGET else (NO_YEAR,)
    published = int(day[:4]) if day[:4].isdigit() else None
    if kind in (LEVEL, FROM) and published is not None and year > published:
        return (YEAR_AHEAD,)
    if kind == FROM and not names_own_year(passage, year, published):
        return (YEAR_OF_BASE,)
    is_early = day[5:7].isdigit() and int(day[5:7]) <= _EARLY_MONTH
    if kind == LEVEL and is_early and not names_year(passage, year, published):
        return (YEAR_OF_DAY,)
    return ()


def _doubt_indicator(figure: Mapping[str, Any]) -> str:
    return "" if len(figure["indicator"]) >= _MIN_INDICATOR_CHARS else NO_INDICATOR
