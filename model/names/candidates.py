"""Candidates: every stretch of a text that may name whose a figure is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from model.cleaning.names import COMMON_SURNAMES
from model.names.mentions import Mention
from model.names.places import PlaceName
from model.spans import Span

_HAN = "\u4e00-\u9fff"
_PERSON = re.compile(
    rf"(?:医生|医师|主任|教授|院士|院长|护士长?|患者|居民|村民|村医|书记|老师|市民|博士|专家|男子|女子|嫌疑人|被告人|[，。；：、“\n])"
    rf"(?P<name>[{COMMON_SURNAMES}](?:某某?[{_HAN}]?|[{_HAN}]{{1,2}}?))"
    r"(?=[，、：（”]|说|表示|介绍|告诉|认为|坦言|指出|在|从|和|的|等|率|团队|先后|共|还|利用|是|已|每)"
)
_FOREIGN_PERSON = re.compile(rf"[{_HAN}]{{1,6}}(?:·[{_HAN}]{{1,6}}){{1,2}}")
_QUOTED = re.compile(r"[“《‘][^“”《》‘’，。；：！？、\n]{2,18}[”》’]")
_LATIN = re.compile(rf"[A-Za-z][A-Za-z0-9-]{{2,15}}(?:[{_HAN}]{{2,3}})?|[A-Z]站")
# What stands before a place and belongs to the name: `武警西藏总队医院`, `中国海南…`.
_BEFORE_PLACE = re.compile(r"(?:武警|解放军|国家|中国|共青团|团|海军|空军|陆军|驻|国网|中石油)$")
_LONGEST_PREFIX = 4
_JOINTS = ("、", "和", "与", "及")
_MAX_LISTED = 4


def find_candidates(
    text: str, mentions: Sequence[Mention], places: Sequence[PlaceName]
) -> tuple[Span, ...]:
    """Return all stretches that may name a body, in order, each once.

    Args:
        text: the text.
        mentions: every body that it names, also those inside of others.
        places: the places it names.
    """
    found = set(_of_mentions(text, mentions))
    found.update(_of_places(places))
    found.update(_lists(text, mentions))
    for pattern in (_FOREIGN_PERSON, _QUOTED, _LATIN):
        found.update(Span(*m.span()) for m in pattern.finditer(text))
    found.update(Span(m.start() + 1, m.end() - 1) for m in _QUOTED.finditer(text))
    found.update(Span(*m.span("name")) for m in _PERSON.finditer(text))
    return tuple(sorted(found, key=lambda span: (span.start, span.end)))


def _of_mentions(text: str, mentions: Sequence[Mention]) -> Iterator[Span]:
    """Each name, also without the wider places before it: `江西省` `上饶市人民医院`."""
    for mention in mentions:
        span = mention.span
        yield span
        if mention.level.startswith("="):
            continue
        ends = [end for end, _ in mention.places if end < span.end]
        yield from (Span(start, span.end) for start in ends[:-1])
        prefix = _BEFORE_PLACE.search(text, max(0, span.start - _LONGEST_PREFIX), span.start)
        if prefix and mention.places:
            yield Span(prefix.start(), span.end)


def _of_places(places: Sequence[PlaceName]) -> Iterator[Span]:
    for place in places:
        starts = [span.start for span, _ in place.parts]
        ends = [span.end for span, _ in place.parts]
        yield from (Span(a, b) for a in starts for b in ends if a < b)


def _lists(text: str, mentions: Sequence[Mention]) -> Iterator[Span]:
    """Names that are listed: `北京、上海`, `日本、中国和韩国`."""
    first = 0
    mentions = [m for m in mentions if not m.level.startswith("=")]
    for number, mention in enumerate(mentions):
        before = mentions[number - 1] if number else None
        if before is None or text[before.span.end : mention.span.start] not in _JOINTS:
            first = number
        elif number - first < _MAX_LISTED:
            yield Span(mentions[first].span.start, mention.span.end)
