"""Indicator: the words of the text that say what a number measures."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

from model.figures.lexicon import noun_end_pattern
from model.figures.numbers.candidates import Candidate
from model.figures.phrase import MIN_CHARS, trim_phrase
from model.spans import Span

MAX_CLAUSES = 12
_STOP = "，。；：！？、\n（）“”《》…"
_HEAD_STOP = re.compile(rf"[{re.escape(_STOP)}]")
_FOLLOWING = re.compile(rf"^的?(?P<noun>[^{re.escape(_STOP)}\d]{{2,14}})")
# `36个县开展医共体建设`, `29个县（市、区）`: a word of one character needs its clause.
# `为1.2万人次提供义诊服务`
_SERVED = re.compile(
    rf"^(?:提供|进行|开展|实施|办理|完成|送上|送去)了?(?P<noun>[^{re.escape(_STOP)}\d]{{2,12}})"
)
_SERVES = re.compile(r"(?:为|给|对|向|让|帮助|使)[^，。；]{0,8}$")
_AREA = re.compile(
    rf"^[省市县区州镇乡村国人](?:（[^（）]{{1,8}}）)?[^{re.escape(_STOP)}\d]{{1,12}}"
)
# `11个乡镇、203个村`
_SHORT_NOUN = re.compile(
    rf"的?(?P<noun>[村县镇乡市省区州国旗站点校店厂社组队])(?=[{re.escape(_STOP)}和及与等已均全都]|$)"
)
_QUOTED = re.compile(rf"^的?“[^”]{{2,14}}”(?:[^{re.escape(_STOP)}\d]{{1,8}})?")
_SPENT_ON = re.compile(
    rf"^(?:将|则|主要|计划)?(?:用于|用作|投向|投入到?)(?P<noun>[^{re.escape(_STOP)}\d]{{2,18}})"
)
_CIRCLE = re.compile(r"(?:内)?(?:的)?“?(?P<noun>[\u4e00-\u9fff]{0,10}?圈)")
_ASIDE = re.compile(r"（[^（）]{0,30}）$")
_OPEN_ASIDE = re.compile(r"（(?:约合|折合|约|合|即|同比|其中|占)?$")
_BY_NOUN = ("classifier", "people", "share", "count", "case")


@cache
def _noun_end() -> re.Pattern[str]:
    return re.compile(noun_end_pattern())


def find_indicator(text: str, candidate: Candidate, sentence_start: int) -> Span | None:
    """Return the span that names what is measured, inside the number's own sentence.

    A counted thing follows its classifier (`30多张床位`), the whole follows its share
    (`80%的医院`); what a rate, a sum or a number of cases measures stands before it
    (`县域内就诊率达93.4%`).
    """
    behind = None
    if candidate.unit_class == "time" and (circle := _CIRCLE.match(text, candidate.end)):
        return Span(circle.start("noun"), circle.end("noun"))
    if candidate.unit_class in _BY_NOUN:
        behind = _noun_after(text, candidate)
    elif candidate.unit_class == "money":
        behind = _purpose_after(text, candidate)
    if behind is not None and candidate.unit_class not in ("share", "case"):
        return behind
    before = _phrase_before(text, candidate.start, sentence_start)
    opens = candidate.start == sentence_start or text[candidate.start - 1] in _STOP
    if behind is not None and candidate.unit_class == "share":
        return behind if before is None or opens or text[candidate.end] == "的" else before
    return before or behind


def _noun_after(text: str, candidate: Candidate) -> Span | None:
    window = text[candidate.end : candidate.end + 24]
    served = _SERVED.match(window)
    if served and _SERVES.search(text[max(0, candidate.start - 10) : candidate.start]):
        return Span(candidate.end + served.start("noun"), candidate.end + served.end("noun"))
    quoted = _QUOTED.match(window)
    if quoted:
        return Span(candidate.end, candidate.end + quoted.end())
    match = _FOLLOWING.match(window)
    noun = _noun_end().split(match["noun"], 1)[0].rstrip("的了以旨又还再刚即") if match else ""
    area = _AREA.match(window)
    if area and len(noun) < MIN_CHARS:
        return Span(candidate.end, candidate.end + area.end())
    if candidate.unit_class == "classifier" and (place := _SHORT_NOUN.match(window)):
        return Span(candidate.end + place.start("noun"), candidate.end + place.end("noun"))
    if match is None or len(noun) < MIN_CHARS:
        return None
    start = candidate.end + match.start("noun")
    return Span(start, start + len(noun))


def _purpose_after(text: str, candidate: Candidate) -> Span | None:
    """`9000万元用于药品平台建设`: a sum that opens its clause is named by its purpose."""
    if text[candidate.start - 1 : candidate.start] not in tuple(_STOP):
        return None
    match = _SPENT_ON.match(text[candidate.end : candidate.end + 28])
    return (
        Span(candidate.end + match.start("noun"), candidate.end + match.end("noun"))
        if match
        else None
    )


def _phrase_before(text: str, end: int, sentence_start: int) -> Span | None:
    """Walk back clause by clause until one has words left after its trimmings."""
    opened = _OPEN_ASIDE.search(text, max(sentence_start, end - 4), end)
    if opened:  # `收入86亿元（约合12亿美元）`
        end = opened.start()
    starts = [sentence_start]
    starts += [stop.end() for stop in _HEAD_STOP.finditer(text, sentence_start, end)]
    for _ in range(MAX_CLAUSES):
        if end <= sentence_start:
            break
        aside = _ASIDE.search(text, max(sentence_start, end - 32), end)
        if aside:
            end = aside.start()
            continue
        start = starts[bisect_right(starts, end) - 1]
        span = trim_phrase(text, start, end)
        if span is not None:
            return span
        end = start - 1
        if text[end : end + 1] == "）":  # `签约居民（含老人3万人）共9万人`
            end = max(text.rfind("（", sentence_start, end), sentence_start)
    return None
