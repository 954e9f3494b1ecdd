"""Entities: what the mentions of an article name, one entry for each body and place."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from model.names.gazetteer import place_of_code
from model.names.mentions import Mention
from model.names.places import PlaceName

_SHORT_FOR = re.compile(
    r"[（(](?:以下|下文|下称|以下统称|统称)?(?:简称|称)?(?:为)?[“‘：:]?([^“”（）()，。]{2,12})[”’]?[）)]"
)
_MIN_TAIL_CHARS = 3
# A page of nothing but names is not compared name by name.
_MAX_OF_A_TAIL = 40
_PLACE_LEVELS = frozenset(("province", "city", "county"))


@dataclass(frozen=True)
class Entity:
    """A body or place with all its mentions, in order; `code` of a place that is known."""

    level: str
    mentions: tuple[Mention, ...]
    names: tuple[str, ...]
    code: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether it is a name, not words that may be one."""
        return any(mention.is_sure for mention in self.mentions)

    @property
    def name(self) -> str:
        """The name that identifies it: of a known place the official one, else the longest."""
        return place_of_code(self.code).name if self.code else max(self.names, key=len)


def group_mentions(
    text: str, mentions: Sequence[Mention], places: Sequence[PlaceName]
) -> tuple[Entity, ...]:
    """Group the mentions of an article by what they name, in the order of the first.

    Args:
        text: the article's text.
        mentions: its mentions, none inside another; words that point back are left out.
        places: the places it names.
    """
    codes = {p.span: p.codes[0] for p in places if len(p.codes) == 1}
    full_of = _aliases(text, mentions)
    groups: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if not mention.level.startswith("="):
            name = mention.span.of(text)
            key = codes.get(mention.span) if mention.level in _PLACE_LEVELS else None
            groups[key or full_of.get(name, name)].append(mention)
    return tuple(_make(text, key, found) for key, found in groups.items())


def _make(text: str, key: str, found: list[Mention]) -> Entity:
    names = tuple(dict.fromkeys(m.core.of(text) for m in found))
    level = Counter(m.level for m in found).most_common(1)[0][0]
    return Entity(level, tuple(found), names, key if key.isdigit() else "")


def _aliases(text: str, mentions: Sequence[Mention]) -> dict[str, str]:
    """Short forms of houses and the full name of each: `第一人民医院`, `广州八院`."""
    names = dict.fromkeys(
        m.span.of(text) for m in mentions if m.level in ("hospital", "office", "company")
    )
    full_of: dict[str, str] = {}
    for mention in mentions:
        named = _SHORT_FOR.match(text, mention.span.end)
        if named and mention.span.of(text) in names:
            full_of[named[1]] = mention.span.of(text)
    by_tail: dict[str, list[str]] = defaultdict(list)
    for name in names:
        by_tail[name[-_MIN_TAIL_CHARS:]].append(name)
    for tail in by_tail.values():
        group = tail[:_MAX_OF_A_TAIL]
        for name in group:
            longer = [other for other in group if other != name and other.endswith(name)]
            if len(longer) == 1 and name not in full_of:
                full_of[name] = longer[0]
    return {short: full_of.get(full, full) for short, full in full_of.items()}
