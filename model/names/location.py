"""Location: where an article's news is about, at the finest level that is sure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from model.names.gazetteer import CITY, COUNTY, PROVINCE, Place, level_of, parents_of, place_of_code
from model.names.places import PlaceName, find_places
from model.spans import Span

LEAD_SENTENCES = 3
_CLOSING = "。！？!?…”；："
_MIN_PROSE_CHARS = 30
_TITLE, _LEAD, _BODY, _POSTED, _ASIDE, _SOURCE = 4.0, 2.0, 1.0, 0.7, 0.3, 1.0
# A county, of all that is said of its city and of the city's counties; so a city of its province.
_MIN_SHARE, _MIN_SHARE_OF_SIBLINGS = 0.35, 0.6
_MIN_PROVINCE_SHARE = 0.6
_MIN_WEIGHT, _MIN_WEIGHT_OF_SHORT, _SHORT_CHARS = 2.5, 2.0, 350
# News of the whole country names places as examples.
_NATIONAL = re.compile(r"国务院|国新办|国家卫生健康委|国家卫健委|国家卫生计生委|国家医保局|全国")
_NATIONAL_FACTOR = 2.0
# A long text on something else names a place here and there.
_CHARS_A_MENTION = 800
# Where somebody comes from or was: `安徽安庆人`, `来自上海的专家`.
_ASIDE_AFTER = re.compile(
    r"人(?![民口大社才力均群])|籍|大学|医科大学|医学院|晚报|日报|都市报|等地|、"
)
# Whom somebody works for: `内蒙古自治区第四医院外科主任李俊升表示`.
_POST = re.compile(r"[\u4e00-\u9fff]{2,16}?(?:医生|医师|教授|主任|专家|研究员|护士长?)")
_ASIDE_BEFORE = re.compile(r"(?:来自|毕业于|援|、|和|赴|支援|转到|转至|送往|前往)$")
_POINTERS = {
    "全县": COUNTY, "我县": COUNTY, "该县": COUNTY, "全区": COUNTY, "我区": COUNTY, "该区": COUNTY,
    "全市": CITY, "我市": CITY, "该市": CITY, "本市": CITY, "全州": CITY,
    "全省": PROVINCE, "我省": PROVINCE, "该省": PROVINCE,
}  # fmt: skip
# What a page's title ends in: ` - 新闻资讯 - 北京好中医`.
_SITE = re.compile(r"(?<=\S)[-_|—]+(?=[^-_|—]*$)")
# A line of its own that names a site: `北京好中医`.
_LABEL = re.compile(r"(?m)^[\u4e00-\u9fff]{3,8}$")
_POINTER = re.compile("[全我该本][省市县区州]")


def locate(
    text: str, sentences: Sequence[Span], places: Sequence[PlaceName], title: str, source: str
) -> Place | None:
    """Return the place that an article is about, or None where no one place is sure.

    Args:
        text: the article's text.
        sentences: its sentences.
        places: the places it names.
        title: its title, which may be missing in the text.
        source: who published it.
    """
    weights: dict[str, float] = defaultdict(float)
    title, site = (*_SITE.split(title, maxsplit=1), "")[:2]
    lead_end = sentences[min(LEAD_SENTENCES, len(sentences)) - 1].end if sentences else 0
    labels = tuple(_LABEL.findall(text))
    for place in places:
        is_label = text.startswith(labels, place.span.start) if labels else False
        if len(place.codes) == 1 and not is_label and _is_prose(text, sentences, place.span):
            weights[place.codes[0]] += _weigh(text, place, lead_end)
    for words, weight in ((title, _TITLE), (site, _SOURCE), (source, _SOURCE)):
        for place in find_places(words):
            if len(place.codes) == 1:
                weights[place.codes[0]] += weight
    least = _MIN_WEIGHT if len(text) > _SHORT_CHARS else _MIN_WEIGHT_OF_SHORT
    least = max(least, len(text) / _CHARS_A_MENTION)
    if _NATIONAL.search(text, 0, lead_end):
        least *= _NATIONAL_FACTOR
    return _choose(weights, least, Counter(_POINTERS.get(p, "") for p in _POINTER.findall(text)))


def _is_prose(text: str, sentences: Sequence[Span], span: Span) -> bool:
    """Whether a name stands in a sentence, not in a page's furniture."""
    number = bisect_right(sentences, span.start, key=lambda sentence: sentence.start) - 1
    sentence = sentences[max(0, number)]
    return text[sentence.end - 1] in _CLOSING or sentence.end - sentence.start > _MIN_PROSE_CHARS


def _weigh(text: str, place: PlaceName, lead_end: int) -> float:
    before = text[max(0, place.span.start - 4) : place.span.start]
    if _ASIDE_AFTER.match(text, place.span.end) or _ASIDE_BEFORE.search(before):
        return _ASIDE
    weight = _LEAD if place.span.start < lead_end else _BODY
    return weight * (_POSTED if _POST.match(text, place.span.end) else 1)


def _choose(weights: Mapping[str, float], least: float, pointers: Counter[str]) -> Place | None:
    totals: dict[str, float] = defaultdict(float)
    for code, weight in weights.items():
        for node in (code, *parents_of(code)):
            totals[node] += weight
    provinces = {code: total for code, total in totals.items() if level_of(code) == PROVINCE}
    if not provinces:
        return None
    here = max(provinces, key=provinces.__getitem__)
    if totals[here] < max(least, _MIN_PROVINCE_SHARE * sum(provinces.values())):
        return None
    while (finer := _finer(here, totals, pointers)) is not None:
        here = finer
    return place_of_code(here)


def _finer(here: str, totals: Mapping[str, float], pointers: Counter[str]) -> str | None:
    """The place in another that most of what is said of it is about."""
    inside = {code: total for code, total in totals.items() if here in parents_of(code)[-1:]}
    if not inside:
        return None
    best = max(inside, key=inside.__getitem__)
    share = inside[best] / (totals[here] + pointers[level_of(here)])
    alone = inside[best] / sum(inside.values())
    return best if share >= _MIN_SHARE and alone >= _MIN_SHARE_OF_SIBLINGS else None
