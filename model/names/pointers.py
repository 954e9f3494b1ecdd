"""Pointers: what 我院, 该县, 全市 and 中心 stand for in an article."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from model.names.entities import Entity
from model.names.gazetteer import Place
from model.names.mentions import Mention
from model.spans import Span, Turn

# A pointer stands for what was named at most so many sentences before it.
NEAR_SENTENCES, FAR_SENTENCES = 3, 40
_MAX_LOOKED_AT = 60
_RANKS = {
    "省": ("省", "自治区"), "市": ("市",), "州": ("州", "盟"), "县": ("县", "旗"), "区": ("区",),
}  # fmt: skip
_POST = re.compile(
    r"[\u4e00-\u9fff]{0,14}?(?:院长|书记|主任|局长|经理|负责人|医生|医师|护士长|主席|站长|所长|董事长)"
)
_QUOTE_CHARS, _SPEAKER_CHARS = 300, 30
_OF_SPEAKER = frozenset("我本")
Test = Callable[[Entity], bool]


@dataclass(frozen=True)
class Resolved:
    """The entity that a pointer stands for, by its number, and whether nothing else will do."""

    entity: int
    is_sure: bool


class PointerResolver:
    """Resolves the pointers of one article.

    Args:
        text: its text.
        sentences: its sentences.
        mentions: names and pointers, in order, none inside another.
        entities: what the names name.
        place: where the article is about, or None.
        turns: its speakers.
    """

    def __init__(
        self,
        text: str,
        sentences: Sequence[Span],
        mentions: Sequence[Mention],
        entities: Sequence[Entity],
        place: Place | None,
        turns: Sequence[Turn],
    ) -> None:
        self._text, self._entities, self._turns = text, entities, turns
        self._ends = [sentence.end for sentence in sentences]
        of_span = {m.span: i for i, entity in enumerate(entities) for m in entity.mentions}
        self._mentions = mentions
        self._named = [(m, of_span[m.span]) for m in mentions if m.span in of_span]
        self._starts = [m.span.start for m, _ in self._named]
        self._by_name = {e.name: i for i, e in enumerate(entities) if e.code}
        self._of_level: dict[str, list[int]] = {}
        self._path = place.path if place else ()

    def resolve_all(self) -> dict[Span, Resolved]:
        """Return what each pointer stands for, by its span; pointers to nothing are left out."""
        found: dict[Span, Resolved] = {}
        for mention in self._mentions:
            if mention.level.startswith("="):
                resolved = self._resolve(mention)
                if resolved is not None:
                    found[mention.span] = resolved
        return found

    def _resolve(self, pointer: Mention) -> Resolved | None:
        rank = pointer.span.of(self._text)[-1]
        if rank in _RANKS and pointer.level[1:] in ("province", "city", "county"):
            return self._resolve_place(pointer, _RANKS[rank])
        return self._resolve_house(pointer)

    def _resolve_place(self, pointer: Mention, ranks: tuple[str, ...]) -> Resolved | None:
        """`全市` is the article's own city, unless another was named close by."""
        home = next((n for n in reversed(self._path) if n.endswith(ranks)), None)
        own = self._by_name.get(home) if home else None
        near = self._last(
            pointer, NEAR_SENTENCES, lambda e: e.code != "" and e.name.endswith(ranks)
        )
        if own is not None and near in (None, own):
            return Resolved(own, True)
        if near is not None:
            return Resolved(near, own is None and not self._path)
        far = self._last(pointer, FAR_SENTENCES, lambda e: e.name.endswith(ranks))
        return None if far is None else Resolved(far, False)

    def _resolve_house(self, pointer: Mention) -> Resolved | None:
        level = pointer.level[1:]
        is_one = _is_center if level == "center" else partial(_has_level, level)
        if pointer.span.of(self._text)[0] in _OF_SPEAKER:
            speaker = self._house_of_speaker(pointer, is_one)
            if speaker is not None:
                return Resolved(speaker, True)
        every = self._all_of(level, is_one)
        near = self._all_near(pointer, NEAR_SENTENCES, is_one)
        if near:
            speaks = pointer.span.of(self._text)[0] in _OF_SPEAKER
            return Resolved(near[-1], len(set(every if speaks else near)) == 1)
        far = self._all_near(pointer, FAR_SENTENCES, is_one)
        if far or len(every) == 1:
            return Resolved(far[-1] if far else every[0], len(every) <= 1)
        return None

    def _all_of(self, level: str, is_one: Test) -> list[int]:
        """All entities of a level, by their numbers."""
        if level not in self._of_level:
            found = [n for n, entity in enumerate(self._entities) if is_one(entity)]
            self._of_level[level] = found
        return self._of_level[level]

    def _house_of_speaker(self, pointer: Mention, is_one: Test) -> int | None:
        for turn in self._turns:
            if turn.stretch.start <= pointer.span.start < turn.stretch.end:
                return self._within(turn.speaker, is_one)
        closing = self._text.find("”", pointer.span.end, pointer.span.end + _QUOTE_CHARS)
        if closing >= 0:  # `“我院……”金堂县人民医院院长说`
            behind = Span(closing, closing + _SPEAKER_CHARS)
            speaker = self._within(behind, is_one)
            if speaker is not None:
                return speaker
        number = bisect_left(self._ends, pointer.span.start)
        low = self._ends[number - 2] if number > 1 else 0
        last = bisect_left(self._starts, pointer.span.start)
        for mention, entity in reversed(self._named[max(0, last - _MAX_LOOKED_AT) : last]):
            if mention.span.start < low:
                break
            if is_one(self._entities[entity]) and _POST.match(self._text, mention.span.end):
                return entity
        return None

    def _within(self, span: Span, is_one: Test) -> int | None:
        first = bisect_left(self._starts, span.start)
        for mention, entity in self._named[first : bisect_left(self._starts, span.end)]:
            is_head = _POST.match(self._text, mention.span.end)
            if is_one(self._entities[entity]) and is_head:
                return entity
        return None

    def _last(self, pointer: Mention, sentences: int, is_one: Test) -> int | None:
        near = self._all_near(pointer, sentences, is_one)
        return near[-1] if near else None

    def _all_near(self, pointer: Mention, sentences: int, is_one: Test) -> list[int]:
        """The entities named in the sentences before a pointer, the last one last."""
        number = bisect_left(self._ends, pointer.span.start)
        low = self._ends[number - sentences - 1] if number > sentences else 0
        last = bisect_left(self._starts, pointer.span.start)
        first = max(bisect_left(self._starts, low), last - _MAX_LOOKED_AT)
        return [e for _, e in self._named[first:last] if is_one(self._entities[e])]


def _is_center(entity: Entity) -> bool:
    return entity.name.endswith(("中心", "站"))


def _has_level(level: str, entity: Entity) -> bool:
    return entity.level == level
