"""Questions by form: place or body, indicator, year; the answer has receipts, or there is none.

Another year's value or another place's is no answer. A value of part of the year, a target of that
year, or an indicator in like words is one only where there is nothing better, and says what it is.
Rows in doubt stand beside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from model.figures.official import normalise, official_of
from model.names import Place
from model.names.gazetteer import parents_of, place_forms, place_of_code
from model.names.places import find_places
from serving.atlas.facts import CHANGE, TARGET, Fact
from serving.atlas.whose import NATION

# Own words are one indicator from so many common characters; an official one is told by its name.
MIN_LIKENESS = 0.85
_NEAR_LIKENESS = 0.6
_NAMED, _NEAR, _OTHER = 1.0, 0.1, 0.0
_MIN_BODY_CHARS = 4


@dataclass(frozen=True)
class Question:
    """What is asked: a place or a body by name, an indicator, a year."""

    place: str
    indicator: str
    year: int


@dataclass(frozen=True)
class Answer:
    """Values with receipts, the likeliest first; none where nothing is recorded.

    `nearby` are no answers: what is less fitting, and rows in doubt.
    """

    facts: tuple[Fact, ...]
    nearby: tuple[Fact, ...] = ()


def ask(facts: Iterable[Fact], question: Question) -> Answer:
    """Answer a question from merged facts."""
    wanted = _Wanted.of(question)
    known = [f for f in facts if f.year == question.year and f.kind != CHANGE]
    fits = [(fact, wanted.fit(fact)) for fact in known]
    ranks = {
        fact.key: (-fit, fact.kind == TARGET, fact.is_partial)
        for fact, fit in fits
        if fact.is_sure and fit >= MIN_LIKENESS
    }
    best = min(ranks.values(), default=None)
    named = [fact for fact, fit in fits if fit]
    chosen = [fact for fact in named if ranks.get(fact.key) == best and best is not None]
    chosen.sort(key=lambda fact: (bool(fact.period), -len(fact.receipts)))
    rest = (fact for fact in named if fact not in chosen)
    return Answer(tuple(chosen), tuple(rest))


@dataclass(frozen=True)
class _Wanted:
    """A question as facts are compared with it."""

    name: str
    place: Place | None
    asked: str
    words: str
    official: str

    @classmethod
    def of(cls, question: Question) -> _Wanted:
        name, asked = question.place.strip(), question.indicator.strip()
        return cls(name, _place_of(name), asked, normalise(asked) or asked, official_of(asked))

    def fit(self, fact: Fact) -> float:
        """How well a fact is what is asked for: 1 by name, less by likeness, 0 where it is not."""
        if self._is_whose(fact):
            return _compare(self.words, self.official, fact)
        if fact.body and len(fact.body) >= _MIN_BODY_CHARS and fact.body in self.asked:
            return self._fit_of_body(fact)
        return _OTHER

    def _is_whose(self, fact: Fact) -> bool:
        where = fact.place
        if not fact.body:
            return where is not None and where == self.place
        longer = (where.name + fact.body, fact.place_name + fact.body) if where else ()
        return self.name in (fact.body, *longer)

    def _fit_of_body(self, fact: Fact) -> float:
        """The same where the indicator names the body: `雷神山医院床位数` of 武汉市."""
        place, where = self.place, fact.place
        if place is None or where is None:
            return _OTHER
        if place.code not in (where.code, *parents_of(where.code)) and (
            where.code not in parents_of(place.code)
        ):
            return _OTHER
        asked = self.asked.replace(fact.body, "").strip("的")
        return _compare(normalise(asked) or asked, official_of(asked), fact)


def _compare(words: str, official: str, fact: Fact) -> float:
    if official and fact.is_official:
        return _NAMED if fact.indicator == official else _OTHER
    other = normalise(fact.indicator)
    if other == words:
        return _NAMED
    common = (Counter(words) & Counter(other)).total()
    likeness = 2 * common / max(1, len(words) + len(other))
    if likeness >= MIN_LIKENESS and not official and not fact.is_official:
        return round(likeness, 2)
    is_near = likeness >= _NEAR_LIKENESS or (bool(official) and fact.official == official)
    return _NEAR if is_near else _OTHER


def _place_of(name: str) -> Place | None:
    """Return the one place that a name is, with or without its rank."""
    if name in (NATION.name, "我国", "中国"):
        return NATION
    form = place_forms().get(name)
    if form and len(form.codes) == 1:
        return place_of_code(form.codes[0])
    found = find_places(name)
    if len(found) == 1 and found[0].span.of(name) == name and len(found[0].codes) == 1:
        return place_of_code(found[0].codes[0])
    return None
