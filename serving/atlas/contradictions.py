"""Contradictions: statements that cannot all be right, each with both receipts and how sure it is.

Within an article: two values of one measure, a change that its pair does not come to, a share that
its parts do not come to, a rise to a lower value. Across articles: values of one cell that differ
by more than rounding, told of a year that was over or within days of each other; a change between
two years that their levels do not come to.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from model.figures.consistency import compare_figures
from model.report import Figure, Official
from model.spans import Span
from serving.atlas.changes import base_year, implied_change
from serving.atlas.facts import (
    CHANGE,
    LEVEL,
    MAX_OF_A_CELL,
    Fact,
    Receipt,
    article_key,
    fit_together,
    make_receipt,
)
from serving.atlas.parts import find_wrong_parts, find_wrong_ways
from serving.atlas.units import RATES

KINDS = {
    "values": "同一指标两个数",
    "change": "增减与前后数对不上",
    "share": "占比与分项对不上",
    "direction": "升降与前后数相反",
}
MAX_DAYS = 10
_Rows = dict[tuple[object, ...], list[Fact]]
_KEY_CHARS = 16
# How sure a contradiction is, by where it stands; rates and official names are surer.
_WITHIN, _ACROSS, _LATE = 0.9, 0.6, 0.1
_RATE_BONUS, _OFFICIAL_BONUS = 0.1, 0.1


@dataclass(frozen=True)
class Contradiction:
    """Two statements that cannot both be right.

    `subject` is whose and what it is about, `words` say in Chinese what does not fit, `sureness` is
    between 0 and 1.
    """

    kind: str
    subject: str
    one: Receipt
    other: Receipt
    words: str
    sureness: float

    @property
    def key(self) -> str:
        """A short name, the same whenever it is found."""
        ends = sorted(f"{r.article}:{r.start}:{r.text}" for r in (self.one, self.other))
        words = "\0".join((self.kind, *ends))
        return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY_CHARS]


def check_article(record: Mapping[str, Any]) -> Iterator[Contradiction]:
    """Yield what does not fit within one report, as it is in JSON."""
    text, key = record["text"], article_key(record)
    rows = {row["start"]: row for row in sorted(record["figures"], key=lambda f: f["start"])}
    figures = [to_figure(row) for row in rows.values()]

    def make(kind: str, one: Figure, other: Figure, words: str) -> Contradiction:
        ends = [make_receipt(record, key, rows[f.span.start]) for f in (one, other)]
        subject = " ".join(filter(None, (other.body, other.indicator, str(other.year or ""))))
        return Contradiction(kind, subject, ends[0], ends[1], words, _WITHIN)

    for conflict in compare_figures(text, figures):
        first, *_, last = conflict.figures
        kind = "change" if len(conflict.figures) > len((first, last)) else "values"
        yield make(kind, first, last, conflict.warning)
    for whole, share, words in find_wrong_parts(text, figures):
        yield make("share", whole, share, words)
    for low, high, words in find_wrong_ways(text, figures):
        yield make("direction", low, high, words)


def compare_facts(facts: Iterable[Fact]) -> Iterator[Contradiction]:
    """Yield what does not fit among merged facts."""
    exact = [fact for fact in facts if fact.is_sure and len(fact.value) == 1]
    cells: dict[tuple[object, ...], list[Fact]] = defaultdict(list)
    for fact in exact:
        if fact.kind == LEVEL:
            cells[(*fact.series, fact.year, fact.period)].append(fact)
    for cell in cells.values():
        for one, other in combinations(cell[:MAX_OF_A_CELL], 2):
            if (sureness := _rate_values(one, other)) > 0:
                yield _differ(one, other, sureness)
    rows: _Rows = defaultdict(list)
    for (code, body, indicator, _, year, period), cell in cells.items():
        rows[code, body, indicator, year, period] += cell
    yield from _check_changes(exact, rows)


def rank_contradictions(found: Iterable[Contradiction]) -> list[Contradiction]:
    """Return each contradiction once, the surest first."""
    by_key: dict[str, Contradiction] = {}
    for one in found:
        known = by_key.get(one.key)
        if known is None or one.sureness > known.sureness:
            by_key[one.key] = one
    return sorted(by_key.values(), key=lambda c: (-c.sureness, c.subject, c.key))


def to_figure(row: Mapping[str, Any]) -> Figure:
    """Return the figure of a report as it is in JSON."""
    value, official = row["value"], row.get("official")
    return Figure(
        row["text"], row["indicator"], tuple(value) if isinstance(value, list) else (value,),
        row["unit"], row["kind"], row["bound"], row["year"], Span(row["start"], row["end"]),
        row.get("sentence") or "", row.get("body"), row.get("base"),
        Official(official["name"], official["match"], official["note"]) if official else None,
    )  # fmt: skip


def _rate_values(one: Fact, other: Fact) -> float:
    """How sure it is that two values of one cell contradict each other; 0 where they may not."""
    if fit_together(one, other):
        return 0.0
    pair = _nearest(one, other)
    if pair is None or one.articles & other.articles:
        return 0.0
    sureness = _ACROSS
    sureness += _RATE_BONUS * (one.series[-1] in RATES) + _OFFICIAL_BONUS * one.is_official
    return sureness + _LATE * (min(r.day for r in pair)[:4] > str(one.year))


def _nearest(one: Fact, other: Fact) -> tuple[Receipt, Receipt] | None:
    """Two receipts that speak of the same moment: the year was over, or days lie between them."""
    for first in one.receipts:
        for second in other.receipts:
            days = [_parse(receipt.day) for receipt in (first, second)]
            if days[0] is None or days[1] is None:
                continue
            is_over = min(days[0].year, days[1].year) > (one.year or 0)
            is_near = abs((days[0] - days[1]).days) <= MAX_DAYS
            if is_over or (is_near and not _grew(one, other, days[0], days[1])):
                return first, second
    return None


def _grew(one: Fact, other: Fact, first: date, second: date) -> bool:
    """Whether a count is larger on the later day, as counts of a running year are."""
    if one.series[-1] in RATES or first == second:
        return False
    return (one.compared[0] < other.compared[0]) == (first < second)


def _differ(one: Fact, other: Fact, sureness: float) -> Contradiction:
    pair = _nearest(one, other) or (one.receipts[0], other.receipts[0])
    words = f"{_subject(one)}：一处是“{pair[0].text}”，另一处是“{pair[1].text}”"
    return Contradiction("values", _subject(one), *pair, words, sureness)


def _check_changes(facts: Iterable[Fact], rows: _Rows) -> Iterator[Contradiction]:
    for fact in facts:
        if fact.kind == CHANGE:
            yield from _check_change(fact, rows)


def _check_change(change: Fact, rows: _Rows) -> Iterator[Contradiction]:
    """Compare a change with the levels of its two years."""
    base = base_year(change)
    if base is None or change.bound:
        return
    code, body, indicator, _ = change.series
    now = rows.get((code, body, indicator, change.year, change.period), ())
    then = rows.get((code, body, indicator, base, change.period), ())
    if len(now) != 1 or len(then) != 1 or now[0].bound or then[0].bound:
        return
    implied = implied_change(then[0], now[0], change)
    if implied is None:
        return
    words = (
        f"{_subject(change)}：{base}年是“{then[0].shown}”，{change.year}年是“{now[0].shown}”，{implied}，"
        f"而文中写的是“{change.shown}”"
    )
    own = change.receipts[0].article
    other = max((now[0], then[0]), key=lambda fact: fact.receipts[0].article != own)
    yield Contradiction(
        "change", _subject(change), other.receipts[0], change.receipts[0], words, _ACROSS
    )


def _subject(fact: Fact) -> str:
    whose = f"{fact.place_name}{fact.body}"
    return " ".join(filter(None, (whose, fact.indicator, f"{fact.year or ''}", fact.period)))


def _parse(day: str) -> date | None:
    try:
        return date.fromisoformat(day)
    except ValueError:
        return None
