"""Mentions: the places, hospitals, offices and companies that a text names, or points back to."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

from model.names.lexicon import body_words, place_openings, places
from model.spans import Span
from model.word_lists import any_of

MAX_NAME_CHARS = 20
MAX_PLACE_CHARS = 12
MAX_REACH = 40
_HAN = re.compile(r"[\u4e00-\u9fff]+")
# Words after which a name can start: `近日在`, `来自`, `记者从`.
_BREAK = re.compile(
    r"近日|日前|昨日|今日|今天|昨天|当天|目前|截至|此次|本次|其中|由于|根据|依托|通过|组织|前往|走进|来到|来自|位于"
    r"|抵达|赴|对口|支援|帮扶|联合|携手|邀请|选派|派出|介绍|表示|显示|获悉|记者|通讯员|主办|承办|以及|包括|分别|已有|共有"
    r"|带动|推动|推进|实现|建成|建立|成立|组建|开展|接受|入选|全省|全市|全县|全区|全国|我省|我市|我县|我区|一家|两家|该县|该市"
    r"|[在与由从到对将向是的了让使据经及等为于至以被往把给跟并但而则也就各家所]|(?<![协仁平人谐太泰永中同雍颐安])和(?!平|田|谐|睦|静)"
    r"|担任|任职|协同|会同|第一时间|安排|还有|超过|绝大部分|腐败|余名|(?<!\d)\d++[日年月]|(?<![一二三四五六七八九十])[一二三四五六七八九十]++[家所名位个]"
)
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
_TITLES = re.compile(r"《[^《》]{0,60}》")
_NOT_WHOLE = re.compile(
    r"^(?:人大|政协|首|百强|劳|先进|优秀|文明|卫生城|示范|排名|第|各族|医师|青年|道德|“|两会|三八|五一|模范|重点|最美)"
)
_CHINA_AFTER = re.compile(r"(?![\u4e00-\u9fff])|[约有每共已仍的在是总目人居患各现老癌]")
_SHORT_AFTER = re.compile(r"^(?:[东西南北中]?路|街|大道|大街|证券|银行|酒|时代|石|湾区)")
# `203个村卫生室` is a number of houses, `5位仁济医院专家` names one.
_MEASURES = "个所家间余多"
_PERSONS = "位名"
_EMPTY = re.compile(r"^(?:有限|股份|某|一家|的)*$")


@dataclass(frozen=True)
class Mention:
    """A body named in the text, or a word such as 全县 that points back to one.

    `level` is one of hospital, office, company, town, county, city, province, country; a word
    that points back has the level it points to behind `=`. `places` are the places that the
    name opens with: where each ends, and its level.
    """

    span: Span
    level: str
    places: tuple[tuple[int, str], ...] = ()


def find_mentions(text: str, within: Span) -> list[Mention]:
    """Return the bodies that a stretch of the text names, in order, none inside another."""
    found: list[Mention] = []
    titles = [m.span() for m in _TITLES.finditer(text, within.start, within.end)]
    for run in _HAN.finditer(text, within.start, within.end):
        before = bisect_right(titles, (run.start(), 0)) - 1
        if before >= 0 and run.start() < titles[before][1]:
            continue
        found += _find_in_run(text, run.start(), run.end())
    return found


def _find_in_run(text: str, start: int, end: int) -> list[Mention]:
    """The bodies in a run of Chinese characters; a name takes the places it holds."""
    places_here = _find_places(text, start, end)
    found: list[Mention] = []
    for match in _words().finditer(text, start, end):
        first = bisect_right(places_here, match.start() - MAX_REACH, key=lambda b: b.span.start)
        last = bisect_right(places_here, match.start(), key=lambda b: b.span.start)
        body = _read_word(text, match, start, places_here[first:last])
        if body is not None:
            while found and found[-1].span.end > body.span.start:
                found.pop()
            found.append(body)
    taken = [(b.span.start, b.span.end) for b in found]
    for place in places_here:
        near = bisect_right(taken, (place.span.start, len(text))) - 1
        if near < 0 or taken[near][1] <= place.span.start:
            found.append(place)
    return sorted(found, key=lambda body: body.span.start)


@cache
def _words() -> re.Pattern[str]:
    return re.compile(any_of(body_words()))


def _read_word(
    text: str, match: re.Match[str], run_start: int, found: list[Mention]
) -> Mention | None:
    level = body_words()[match[0]]
    if level == "country" or level.startswith("="):
        after = text[match.end() : match.end() + 4]
        if _NOT_WHOLE.match(after) or (match[0] == "中国" and not _CHINA_AFTER.match(after)):
            return None
        return Mention(Span(*match.span()), level)
    start, place = _name_start(text, match, run_start, found)
    if text[start - 1 : start].isdigit() and text[start] in _PERSONS:
        start += 1
    name = text[start : match.end()]
    if start == match.start() or not (place or _is_name(name, level)):
        return None
    if place and _EMPTY.match(text[place.span.end : match.start()]) and level == "company":
        return None
    return Mention(Span(start, match.end()), level, place.places if place else ())


def _is_name(name: str, level: str) -> bool:
    """Whether words without a known place are a name all the same: `华西医院`, `新桥卫生院`."""
    if _VAGUE_NAME.search(name) or name[0] in _MEASURES:
        return False
    if level == "company":
        return bool(_COMPANY.match(name))
    if level == "office":
        return name.startswith("国家")
    if _TOWN_CLINIC.match(name):
        return not _TOWN_GENERIC.match(name)
    return bool(_PROPER.search(name)) and not _WHOLE_ONLY.match(name)


def _name_start(
    text: str, match: re.Match[str], run_start: int, found: list[Mention]
) -> tuple[int, Mention | None]:
    """Where a name that ends in a known word starts: at its place, else behind a break."""
    first = max(run_start, match.start() - MAX_NAME_CHARS)
    for body in found:
        if body.span.end > first and body.span.start >= run_start and _joins(text, body, match):
            return body.span.start, body
    breaks = [m.end() for m in _BREAK.finditer(text, first, match.start())]
    if breaks:
        return breaks[-1], None
    return (first if first == run_start else match.start()), None


def _joins(text: str, body: Mention, match: re.Match[str]) -> bool:
    """Whether a place and the word behind it are one name: `磐安县` + `人民医院`."""
    if body.span.end > match.start() or "=" in body.level or body.level == "country":
        return False
    return _BREAK.search(text[body.span.end : match.start()]) is None


def _find_places(text: str, start: int, end: int) -> list[Mention]:
    found: list[Mention] = []
    at, openings = start, place_openings()
    while at < end:
        length = _place_length(text, at, end) if text[at : at + 2] in openings else 0
        if not length:
            at += 1
            continue
        span = Span(at, at + length)
        level = places()[span.of(text)]
        atoms: tuple[tuple[int, str], ...] = ((at + length, level),)
        if found and found[-1].span.end == at:  # `浙江省` `安吉县` are one name
            wider = found.pop()
            span, atoms = Span(wider.span.start, span.end), (*wider.places, *atoms)
        found.append(Mention(span, level, atoms))
        at = span.end
    return found


def _place_length(text: str, at: int, end: int) -> int:
    names = places()
    for length in range(min(MAX_PLACE_CHARS, end - at), 1, -1):
        name = text[at : at + length]
        if name in names and _stands_alone(text, at, at + length):
            return length
    return 0


def _stands_alone(text: str, start: int, end: int) -> bool:
    name = text[start:end]
    after = text[end : end + 3]
    if len(name) == len("云县") and name[1] == "县":  # `建成县域医共体`, `省市和县`
        before = text[start - 1 : start]
        return not _HAN.match(before) and not after.startswith(("域", "级", "乡", "里", "城"))
    return not _SHORT_AFTER.match(after)
