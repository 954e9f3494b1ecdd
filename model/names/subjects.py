"""Subjects: whom a sentence or a figure is about, chosen among the names that are near.

A log-linear model over a few yes-or-no features; the weights are in `subject_weights.tsv`, made by
`python -m training.names.fit_subjects`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from pathlib import Path

from model.log_linear import Weights, choose, read_weights, weigh
from model.names.entities import Entity
from model.names.gazetteer import COUNTY
from model.names.mentions import Mention
from model.spans import Span

# A county goes by its name with the rank: 秭归县.
_RANKS = frozenset("县市区旗")
OF_SENTENCE, OF_FIGURE = "sentence", "figure"
NOBODY = -1
_TABLE = Path(__file__).parent / "subject_weights.tsv"
_MAX_OWN, _MAX_AFTER = 5, 2
_MANY = 3
_BACK, _MAX_FIRST, _N_MAIN = 3, 2, 3
_CLAUSE = re.compile(r"[，。；：！？\n]")
_BEFORE_CHARS = 8
# What stands before a name and behind it, by the name of the feature.
_BEFORE = (
    (
        "object",
        re.compile(
            r"(?:向|给|与|同|赴|对|跟|为|在|从|到|来自|前往|送往|转到|转至|返回|离开|就读于|毕业于|联合|邀请|支援|帮扶)$"
        ),
    ),
    ("told by", re.compile(r"(?:据|记者从|获悉|来源)[^，。；]{0,6}$")),
)
_AFTER = (
    ("its head", re.compile(r"(?:党委|党组|党总支|党支部)?(?:副?院长|书记|局长|县长|主任|负责人)")),
    (
        "tells",
        re.compile(
            r"[^，。；]{0,12}?(?:发布|公布|印发|通报|数据|统计|消息|介绍|表示|获悉|透露|报道|指出|称|显示|官网|网站|发文)"
        ),
    ),
    ("listed", re.compile(r"[、和与及]|等")),
    ("owns", re.compile("的")),
)


@dataclass(frozen=True)
class Target:
    """What a subject is looked for: sentence `number`; `at` is where the figure starts."""

    number: int
    at: int
    use: str


class SubjectFinder:
    """Finds subjects in one article.

    Args:
        text: its text.
        sentences: its sentences.
        mentions: the names and pointers in it, in order, none inside another.
        entities: what they name.
        referents: the entity that a pointer stands for, by its span.
        home: the entity of the place that the article is about.
    """

    def __init__(
        self,
        text: str,
        sentences: Sequence[Span],
        mentions: Sequence[Mention],
        entities: Sequence[Entity],
        referents: Mapping[Span, int],
        home: int = NOBODY,
    ) -> None:
        self._text, self._sentences = text, sentences
        of_span = {m.span: i for i, entity in enumerate(entities) for m in entity.mentions}
        of_span.update(referents)
        self._named = [(m, of_span[m.span]) for m in mentions if m.span in of_span]
        self._starts = [m.span.start for m, _ in self._named]
        self._pointers = [m.span for m in mentions if m.level.startswith("=")]
        self._entities, self._home = entities, home
        counts = [len(entity.mentions) for entity in entities]
        self._main = nlargest(_N_MAIN, range(len(counts)), key=counts.__getitem__)
        self._counts = counts
        self._ranked = {
            number: span
            for number, entity in enumerate(entities)
            if entity.level == COUNTY and (span := _find_ranked(text, entity))
        }
        self._sure = [entity.is_sure for entity in entities]
        self._subjects: list[int] = []
        self._names: dict[int, frozenset[str]] = {}

    @classmethod
    def of_nothing(cls) -> SubjectFinder:
        """Return the finder of an empty text."""
        return cls("", (), (), (), {})

    def pointer_before(self, target: Target) -> Span | None:
        """Return the last pointer before a target in its own sentence."""
        sentence = self._sentences[target.number]
        first = bisect_left(self._pointers, sentence.start, key=lambda span: span.start)
        last = bisect_right(self._pointers, target.at, key=lambda span: span.end)
        return self._pointers[last - 1] if last > first else None

    def sentence_subjects(self) -> list[int]:
        """Return the entity that each sentence is about, `NOBODY` where there is none."""
        for number in range(len(self._subjects), len(self._sentences)):
            end = self._sentences[number].end
            self._subjects.append(self.choose(Target(number, end, OF_SENTENCE)))
        return self._subjects

    def subject_spans(self) -> tuple[Span | None, ...]:
        """Return where the subject of each sentence is named, in it or before it."""
        numbers = enumerate(self.sentence_subjects())
        return tuple(self.span_of(entity, self._sentences[n].end) for n, entity in numbers)

    def span_of(self, entity: int, at: int) -> Span | None:
        """Return where an entity is named last before a place of the text, else first."""
        if entity == NOBODY:
            return None
        mentions = self._entities[entity].mentions
        number = bisect_right(mentions, at, key=lambda m: m.span.end)
        span = mentions[max(0, number - 1)].core
        if self._text[span.end - 1] not in _RANKS:
            span = self._ranked.get(entity, span)
        return span

    def choose(self, target: Target, *, own_only: bool = False) -> int:
        """Return the entity that a sentence or a figure is about, or `NOBODY`.

        Args:
            target: the sentence or figure.
            own_only: look no further than its sentence.
        """
        return choose(self._allowed(target, own_only), _weights(target.use))

    def weigh(self, target: Target, *, own_only: bool = False) -> dict[int, float]:
        """Return how likely each entity, or `NOBODY`, is what a target is about; see `choose`."""
        return weigh(self._allowed(target, own_only), _weights(target.use))

    def names_of(self, entity: int) -> frozenset[str]:
        """Return everything that an entity is called in the text."""
        if entity not in self._names:
            spans = (s for m in self._entities[entity].mentions for s in (m.core, m.span))
            self._names[entity] = frozenset(span.of(self._text) for span in spans)
        return self._names[entity]

    def _allowed(self, target: Target, own_only: bool) -> dict[int, set[str]]:
        return {
            entity: features
            for entity, features in self.candidates(target).items()
            if not own_only or entity == NOBODY or _is_own(features)
        }

    def candidates(self, target: Target) -> dict[int, set[str]]:
        """Return the entities that may be a target's subject, each with its features."""
        found: dict[int, set[str]] = {NOBODY: {"nobody"}}
        own = self._own(target.number)
        split = next((i for i, (m, _) in enumerate(own) if m.span.end > target.at), len(own))
        for order, (mention, entity) in enumerate(reversed(own[:split])):
            if order < _MAX_OWN:
                features = found.setdefault(entity, set())
                features.update(self._own_features(mention, order, target))
        if own[:split]:
            found[own[0][1]] = found.get(own[0][1], set()) | {"own first"}
        for _, entity in own[split : split + _MAX_AFTER]:
            found.setdefault(entity, set()).add("own after")
        for name, entity in self._carried(target.number):
            found.setdefault(entity, set()).add(name)
        is_bare = not own[:split]
        for entity, features in found.items():
            if entity != NOBODY:
                features.update(self._standing(entity, features, is_bare))
        found[NOBODY].add("nobody, no name" if is_bare else "nobody, a name")
        return found

    def _own(self, number: int) -> list[tuple[Mention, int]]:
        sentence = self._sentences[number]
        first = bisect_left(self._starts, sentence.start)
        return self._named[first : bisect_left(self._starts, sentence.end)]

    def _own_features(self, mention: Mention, order: int, target: Target) -> Iterator[str]:
        text, span = self._text, mention.span
        yield f"own {min(order, _MANY)}"
        if not _CLAUSE.search(text, span.end, max(span.end, target.at)):
            yield "own clause"
        before = text[max(0, span.start - _BEFORE_CHARS) : span.start]
        starts = span.start == self._sentences[target.number].start
        yield "starts" if starts else "opens clause" if _CLAUSE.match(before[-1:]) else "inside"
        yield from (name for name, pattern in _BEFORE if pattern.search(before))
        yield from (name for name, pattern in _AFTER if pattern.match(text, span.end))
        if mention.level.startswith("="):
            yield "pointed to"
        if mention.is_inner:
            yield "inner"

    def _carried(self, number: int) -> Iterator[tuple[str, int]]:
        """The entities that sentences before a sentence are about, and the article."""
        if number and number <= len(self._subjects):
            yield "subject before", self._subjects[number - 1]
        for back in range(1, min(_BACK, number) + 1):
            named = self._own(number - back)
            joint = "" if self._same_paragraph(number, back) else ", other paragraph"
            for order, (_, entity) in enumerate(named[:_MAX_FIRST]):
                yield f"{('first', 'second')[order]}, {back} before{joint}", entity
            if len(named) > _MAX_FIRST:
                yield f"last, {back} before{joint}", named[-1][1]
        for order, entity in enumerate(self._main):
            yield f"main {order}", entity
        if self._home != NOBODY:
            yield "home", self._home
        if self._named:
            yield "first of all", self._named[0][1]

    def _same_paragraph(self, number: int, back: int) -> bool:
        start, end = self._sentences[number - back].start, self._sentences[number].start
        return "\n" not in self._text[start:end]

    def _standing(self, entity: int, features: set[str], is_bare: bool) -> Iterator[str]:
        level = self._entities[entity].level
        yield f"{level}, {'own' if _is_own(features) else 'far'}"
        yield f"{level}, {'no name' if is_bare else 'a name'}"
        often = self._counts[entity] >= _MANY
        if often:
            yield "often"
        if not self._sure[entity]:
            yield f"unsure {level}{', often' if often else ''}"


def _find_ranked(text: str, entity: Entity) -> Span | None:
    """Where a county is first named with its rank."""
    spans = (mention.core for mention in entity.mentions)
    return next((span for span in spans if text[span.end - 1] in _RANKS), None)


def _is_own(features: Set[str]) -> bool:
    return any(feature.startswith("own") for feature in features)


@cache
def _weights(use: str) -> Weights:
    return read_weights(_TABLE, use)
