"""Questions by form: place or body, indicator, year; the answer has receipts, or there is none.

Another year's value, another place's or another indicator's is no answer. Values that may help
(part of the year, an indicator alike, rows in doubt) stand beside, and say what they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from model.figures.official import normalise, official_of
from model.names import Place
from model.names.gazetteer import place_forms, place_of_code
from model.names.places import find_places
from serving.atlas.facts import LEVEL, Fact
from serving.atlas.pivot import make_pivot
from serving.atlas.whose import NATION

MIN_LIKENESS = 0.8
_UNTIL = "截至"


@dataclass(frozen=True)
class Question:
    """What is asked: a place or a body by name, an indicator, a year."""

    place: str
    indicator: str
    year: int


@dataclass(frozen=True)
class Answer:
    """Values with receipts, the likeliest first; none where nothing is recorded.

    `nearby` are no answers: other parts of the year, indicators alike, rows in doubt.
    """

    facts: tuple[Fact, ...]
    nearby: tuple[Fact, ...] = ()


def ask(facts: Iterable[Fact], question: Question) -> Answer:
    """Answer a question from merged facts."""
    wanted = _Wanted.of(question)
    known = [f for f in facts if f.kind == LEVEL and wanted.is_whose(f) and f.year == question.year]
    named = [fact for fact in known if wanted.is_named(fact)]
    sure = [fact for fact in named if fact.is_sure and _is_of_year(fact)]
    ordered = [fact for row in make_pivot(sure).rows for fact in row.cells[question.year]]
    ordered.sort(key=lambda fact: (bool(fact.period), -len(fact.receipts)))
    rest = [fact for fact in known if fact not in ordered]
    nearby = [fact for fact in rest if wanted.is_named(fact) or wanted.is_alike(fact)]
    return Answer(tuple(ordered), tuple(nearby))


def _is_of_year(fact: Fact) -> bool:
    """Whether a value is of the whole year, or of how things stood in it."""
    return not fact.period or fact.period.startswith(_UNTIL)


@dataclass(frozen=True)
class _Wanted:
    """A question as facts are compared with it."""

    name: str
    place: Place | None
    words: str
    official: str

    @classmethod
    def of(cls, question: Question) -> _Wanted:
        name = question.place.strip()
        words = question.indicator.strip()
        return cls(name, _place_of(name), normalise(words) or words, official_of(words))

    def is_whose(self, fact: Fact) -> bool:
        if fact.place is not None and fact.place == self.place and not fact.body:
            return True
        if not fact.body:
            return False
        where = fact.place
        return self.name in {
            fact.body,
            *((where.name + fact.body, fact.place_name + fact.body) if where else ()),
        }

    def is_named(self, fact: Fact) -> bool:
        if self.official and fact.is_official:
            return fact.indicator == self.official
        return normalise(fact.indicator) == self.words

    def is_alike(self, fact: Fact) -> bool:
        if self.official and fact.official == self.official:
            return True
        other = normalise(fact.indicator)
        common = (Counter(self.words) & Counter(other)).total()
        return self.words in other or 2 * common >= MIN_LIKENESS * (len(self.words) + len(other))


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
