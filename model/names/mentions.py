"""Mentions: the places, hospitals, offices and companies that a text names, or points back to."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from model.names.breaks import Breaks
from model.names.lexicon import body_words, own_names
from model.names.places import PlaceName
from model.spans import Span
from model.word_lists import any_of

MAX_NAME_CHARS = 20
_TITLES = re.compile(r"《[^《》]{0,60}》")
# What makes a name of the words before 医院: `县人民医院` and `要看医院` are none.
_PROPER = re.compile(
    r"第[一二三四五六七八九十]+|附属|华西|湘雅|协和|同济|瑞金|仁济|齐鲁|朝阳|友谊|安贞|天坛|儿研|和睦家|国药|解放军|武警"
    r"|[\u4e00-\u9fff]{2}(?:[省市县区镇乡村州]|街道)|[\u4e00-\u9fff]{2}大学|国家"
)
_TOWN_CLINIC = re.compile(r"^[\u4e00-\u9fff]{2,6}(?:卫生院|卫生服务中心|卫生服务站|卫生室)$")
_TOWN_GENERIC = re.compile(
    r"^(?:[乡镇村街道社区中心等各级]+|一体化|标准化|基层|所有|多家|部分|农村|当地)(?:卫生|社区)"
)
_COMPANY = re.compile(r"^(?:中[国华][\u4e00-\u9fff]+|[\u4e00-\u9fff]{4,}有限公司)$")
_VAGUE_NAME = re.compile(
    r"地级市|省会|县级|省级|市级|某|三甲|一家|两家|[两三四五六七八九十]个|各|年|以外"
)
_WHOLE_ONLY = re.compile(r"^(?:[县市省区乡镇村州]{1,3}|各[县市省区]|我[县市省区])")
# No name begins so, but words that count, ask or point: `两家医院`, `这所学校`.
_GENERIC = re.compile(
    r"[该本这那各每某哪有无多几两一二三四五六七八九十多余数]|所有|其[他它中]|不同|全部|另"
)
# A class of houses and none of them: `县域医共体`, `二级以上公立医院`.
_CLASS = re.compile(
    r"(?:县域|市域|区域|紧密型|县级|市级|省级|区级|乡镇|农村|基层|村级?|社区|公立|民营|私立|社会办|[三二一]级|[甲乙]等|以上|及"
    r"|定点|综合|专科|中医|西医|城市|城乡|互联网|智慧|线上|线下|大型?|小型?|当地|附近|就近|国外|海外|高水平|优质|医养结合"
    r"|建设|主题|公益|重点|专项|民生|志愿|服务|宣传|系列|示范|试点|活动|救助|扶贫|惠民|义诊|宣教|体检|筛查|科普|培训|招聘"
    r"|患者|居民|群众|城|老|新|家|故|下|他|她|你|旧|入|进|本土|传统|国有|外资|合资|上市|多家|部分|主要|生产|经营"
    r"|县|市|省|区|乡|镇|州|医疗|医药|卫生|健康|公共|人民|相关|有关|主管|职能|上级|下级|直属|试点|地方|各级|要看|去|到|看|住)*+"
)
_NOT_WHOLE = re.compile(
    r"(?:人大|政协|首|百强|劳|先进|优秀|文明|卫生城|示范|排名|第|各族|医师|青年|道德|“|两会|三八|五一|模范|重点|最美)"
)
_STATE_AFTER = re.compile(r"(?![\u4e00-\u9fff])|[将再要还对投也已按]")
_CHINA_AFTER = re.compile(r"(?![\u4e00-\u9fff])|[约有每共已仍的在是总目人居患各现老癌]")
# `203个村卫生室` is a number of houses, `5位仁济医院专家` names one.
_MEASURES = "个所家间余多"
_PERSONS = "位名"
_EMPTY = re.compile(r"(?:有限|股份|某|一家|的)*")
# `温江区有三甲医院4家`: what a place has is not its name.
_HAS = re.compile(r"(?:现|共|拥|设|建)?有(?!限)")
# `医院现有床位800张`: a clause that opens with the bare word points back.
_BARE = {"医院": "=hospital", "中心": "=center"}
_AT_CLAUSE = re.compile(r"[，。；：！？\n“]")
_NO_NAMES = frozenset(("公司", "集团", "大学", "学院", "企业", "学校", "银行"))
_PLACE_LEVELS = frozenset(("province", "city", "county"))
_HOUSES = frozenset(("hospital", "office", "company"))
_LONGEST_TOWN = 6
_LEVELS_OF_TOWNS = frozenset(("town", "zone"))


@dataclass(frozen=True)
class Mention:
    """A body named in the text, or a word such as 全县 that points back to one.

    `level` is one of hospital, office, company, event, zone, town, county, city, province,
    country; a word that points back has the level it points to behind `=`. `places` are the places
    that the name opens with: where each ends, and its level. `is_sure` tells a name from words
    that may be one; `is_inner` marks a place that a longer name opens with.
    """

    span: Span
    level: str
    places: tuple[tuple[int, str], ...] = ()
    is_sure: bool = True
    is_inner: bool = False

    @property
    def core(self) -> Span:
        """The name without wider places before it: `喜德县` of `四川省凉山州喜德县`."""
        if self.level not in _PLACE_LEVELS or len(self.places) <= 1:
            return self.span
        return Span(self.places[-2][0], self.span.end)

    @property
    def is_house(self) -> bool:
        """Whether it names a hospital, an office or a company, and surely so."""
        return self.is_sure and self.level in _HOUSES


def find_mentions(text: str, places: Sequence[PlaceName]) -> list[Mention]:
    """Return every body that a text names, in order; some lie inside of others.

    Args:
        text: the text.
        places: the places that it names, in order.
    """
    return _Reader(text, places).read()


def keep_outermost(mentions: Sequence[Mention]) -> list[Mention]:
    """Leave out what lies inside of a longer name, or reaches over a surer one."""
    kept: list[Mention] = []
    for mention in mentions:
        while kept and kept[-1].span.end > mention.span.start and _outranks(mention, kept[-1]):
            kept.pop()
        if not kept or kept[-1].span.end <= mention.span.start:
            kept.append(mention)
    return kept


def with_inner_places(mentions: Sequence[Mention]) -> list[Mention]:
    """Add the places that names of houses open with: `平阳县` of `平阳县医保局`."""
    found: list[Mention] = []
    for mention in mentions:
        if mention.places and mention.level not in _PLACE_LEVELS:
            end, level = mention.places[-1]
            span = Span(mention.span.start, end)
            found.append(Mention(span, level, mention.places, is_inner=True))
        found.append(mention)
    return found


def _outranks(mention: Mention, before: Mention) -> bool:
    """Whether the later of two names that share characters is the name."""
    extends = mention.level == before.level and mention.span.start == before.span.start
    if before.is_house and not mention.is_house and not extends:
        return False
    longer = mention.span.end - mention.span.start > before.span.end - before.span.start
    return longer or (mention.is_house and not before.is_house)


class _Reader:
    """Reads one text; every position is looked at once."""

    def __init__(self, text: str, places: Sequence[PlaceName]) -> None:
        self._text = text
        self._places = places
        self._place_starts = [place.span.start for place in places]
        self._breaks = Breaks(text, places)
        self._titles = [m.span() for m in _TITLES.finditer(text)]

    def read(self) -> list[Mention]:
        read = (self._read_word(match) for match in _words().finditer(self._text))
        found = [m for m in read if m is not None and not self._in_title(m.span.start)]
        found += [_as_mention(p) for p in self._places if not self._in_title(p.span.start)]
        return sorted(found, key=lambda mention: (mention.span.start, mention.span.end))

    def _in_title(self, at: int) -> bool:
        before = bisect_right(self._titles, (at, len(self._text))) - 1
        return before >= 0 and at < self._titles[before][1]

    def _read_word(self, match: re.Match[str]) -> Mention | None:
        text, word = self._text, match[0]
        level = own_names().get(word) or body_words()[word]
        if word in own_names() or level.startswith("="):
            return Mention(Span(*match.span()), level) if _is_whole(text, match) else None
        start, place = self._name_start(match)
        if start == match.start() and word in _BARE and _AT_CLAUSE.match(text, start - 1):
            return Mention(Span(start, match.end()), _BARE[word])
        if text[start - 1 : start].isdigit() and text[start] in _PERSONS:
            start += 1
        if start == match.start() or (place and place.span.end == match.end()):
            return None
        span = Span(start, match.end())
        return _placed(text, span, word, place) if place else _unplaced(text, span, word)

    def _name_start(self, match: re.Match[str]) -> tuple[int, PlaceName | None]:
        """Where a name that ends in a known word starts: at its place, else behind a break."""
        own = self._breaks.last(match.start())
        first = max(own, match.start() - MAX_NAME_CHARS)
        low = bisect_left(self._place_starts, own)
        for place in self._places[low : bisect_left(self._place_starts, match.start())]:
            if place.span.end > first:
                return place.span.start, place
        return (first if first == own else match.start()), None


def _is_whole(text: str, match: re.Match[str]) -> bool:
    """Whether a name of its own or a pointer is no part of another word: `全国人大代表`."""
    follows = {"中国": _CHINA_AFTER, "国家": _STATE_AFTER}.get(match[0])
    if follows and not follows.match(text, match.end()):
        return False
    return not _NOT_WHOLE.match(text, match.end())


def _placed(text: str, span: Span, word: str, place: PlaceName) -> Mention | None:
    if word in _NO_NAMES and _EMPTY.fullmatch(text, place.span.end, span.end - len(word)):
        return None
    if _HAS.match(text, place.span.end):
        return None
    return Mention(span, body_words()[word], _ends(place))


def _unplaced(text: str, span: Span, word: str) -> Mention | None:
    name, level = span.of(text), body_words()[word]
    is_sure = _is_name(name, level)
    is_counted = text[span.start - 1 : span.start] in tuple(_MEASURES)
    if not is_sure and (is_counted or not _may_be_name(name, word, level)):
        return None
    return Mention(span, level, is_sure=is_sure)


def _as_mention(place: PlaceName) -> Mention:
    return Mention(place.span, place.level, _ends(place))


def _ends(place: PlaceName) -> tuple[tuple[int, str], ...]:
    return tuple((span.end, level) for span, level in place.parts)


@cache
def _words() -> re.Pattern[str]:
    return re.compile(any_of(body_words().keys() | own_names()))


def _is_name(name: str, level: str) -> bool:
    """Whether words without a known place are a name all the same: `华西医院`, `新桥卫生院`."""
    if _VAGUE_NAME.search(name) or name[0] in _MEASURES:
        return False
    if level == "company":
        return bool(_COMPANY.match(name))
    if level == "office":
        return name.startswith("国家")
    if level != "hospital":
        return False
    if _TOWN_CLINIC.match(name):
        return not _TOWN_GENERIC.match(name)
    return bool(_PROPER.search(name)) and not _WHOLE_ONLY.match(name)


def _may_be_name(name: str, word: str, level: str) -> bool:
    """Whether words are short and plain enough for a name."""
    if _GENERIC.match(name) or _CLASS.fullmatch(name, 0, len(name) - len(word)):
        return False
    return level not in _LEVELS_OF_TOWNS or len(name) - len(word) <= _LONGEST_TOWN
