"""Indicator: the words of the text that say what a number measures."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache

from model.figures.lexicon import noun_end_pattern
from model.figures.numbers import percapita
from model.figures.numbers.candidates import Candidate
from model.spans import Span

MAX_CHARS = 20
MIN_CHARS = 2
MAX_CLAUSES = 12
_STOP = "，。；：！？、\n（）“”《》…"
_HEAD_STOP = re.compile(rf"[{re.escape(_STOP)}]")
# Adverbs, dates and openings that stand before what is measured.
_LEAD = re.compile(
    r"^(?:截至目前|截至|目前|其中|此外|同时|并且|而且|并|且|还|已经|已|今已|共计|共有|共|累计|总计|全年|近年来|近日"
    r"|今年以来|今年|去年|上半年|下半年|上半年度|当年|当天|当日|同年|每年|年均|平均|仅|有|是|该[院县市区省镇]|以|对|为|将|使|让|其|该|约|我国"
    r"|\d{4}[—-]\d{4}年|\d{4}年(?:\d{1,2}月份?)?(?:\d{1,2}日)?(?:底|初|末|以来|起|前)?(?:上半年度?)?"
    r"|\d{1,2}月份?(?:\d{1,2}日)?(?:底|初)?|[一二三四]季度|前[一二三\d]季度|至|到|自|从|由|的|了|在(?!校|册|岗|编|职|院)|和|与)+"
)
# Verbs and adverbs between what is measured and the number.
_LINK = re.compile(
    r"(?:(?:分别)?(?:较|比)[^，。；]{1,9}|达到了?|达|均?为|是|有|共有|共计|共|总计|累计|已|约|近|超过了?|超|突破|逾|仅|只"
    r"|增至|升至|降至|猛?增长?加?到|提高到|提升到|提升至|提高至|上升到|上升至|降到|下降[到至]|减少[到至]"
    r"|增长至|增加至|缩短[至到]|调整|优化|扩增|扩大|[上下]调|同比|环比|分别|平均|增长|增加|上升|提高|提升|下降|减少|降低|缩短"
    r"|上涨|下跌|下滑|飙升|大涨|新增|净增|了|由|到|至|的|在|控制|稳定|保持|高达|多达|占比|占|不|低于|高于|合计|也|则|人民币|实现|目前|现在|从"
    r"|大|可|能够|预计|将|大约|均)+$"
)
# A value that was already read: `实际开放床位由30多张增加到`, `净利润24.4亿元，同比增长`.
_OLD_VALUE = re.compile(
    r"(?:从(?!业|事|医|教)|由|将)[^，。；]*?\d[^，。；]*$|[约近超]?\d[\d.,]*[余多]?[万亿千百]*[余多]?(?:人次|个百分点|平方米|\D)?$"
)
_LAST_NUMBER = re.compile(r"\d[\d.,]*[余多]?[万亿千百]*[余多]?(?:人次|个百分点|平方米|[^\d])")
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
_QUOTED = re.compile(rf"^的?“[^”]{{2,14}}”(?:[^{re.escape(_STOP)}\d]{{1,8}})?")
# `较2021年的40亿元增长`: only says what it is compared with.
_COMPARES = re.compile(r"(?:较|比|与|相比)(?![例重较大高低好对率])[^，。；]{0,12}\d")
_SPENT_ON = re.compile(
    rf"^(?:将|则|主要|计划)?(?:用于|用作|投向|投入到?)(?P<noun>[^{re.escape(_STOP)}\d]{{2,18}})"
)
_CIRCLE = re.compile(r"(?:内)?(?:的)?“?(?P<noun>[\u4e00-\u9fff]{0,10}?圈)")
_ASIDE = re.compile(r"（[^（）]{0,30}）$")
_OPEN_ASIDE = re.compile(r"（(?:约合|折合|约|合|即|同比|其中|占)?$")
_BY_NOUN = ("classifier", "people", "share", "count", "case")
_BODY_END = re.compile(
    r".*?(?:医院|卫生院|中心|公司|集团|健康委|卫健委|委员会|局)(?=[\u4e00-\u9fff]{2})"
)
_SHARED_VERB = re.compile(r"分别|各|均|同比|环比|较|比|增长|上升|提高|提升|下降|减少|降低|达")
_COORDINATED = re.compile(r"、|和|及|以及|与")


@cache
def _noun_end() -> re.Pattern[str]:
    return re.compile(rf"(?:{noun_end_pattern()}).*$")


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


def spread_indicators(
    text: str,
    opening: int,
    group: Sequence[Span],
    shared: Span | None,
    earlier: Sequence[Span | None],
) -> list[Span | None]:
    """Return what each of several values listed side by side measures.

    `门诊量、住院量分别增长8.32%、25.53%` names as many things as it has values; so does
    `结算12万人次，减少垫付3亿元，分别增长5%和6%`, by the figures before.

    Args:
        text: the article's text.
        opening: where to look from, the start of their sentence at the earliest.
        group: the values, in order.
        shared: the indicator of the first.
        earlier: indicators of the figures before them in the sentence, in order.
    """
    clause = (
        max(opening - 1, *(text.rfind(stop, opening, group[0].start) for stop in "，。；：\n")) + 1
    )
    subject = text[clause : group[0].start]
    verb = _SHARED_VERB.search(subject)
    if verb is None or shared is None:
        return [shared] * len(group)
    names = _split_names(text, clause, clause + verb.start())
    if len(names) == len(group):
        return list(names)
    if "分别" in subject and not names and len(earlier) >= len(group):
        return list(earlier[-len(group) :])
    return [shared] * len(group)


def _split_names(text: str, start: int, end: int) -> list[Span]:
    """`门诊量、住院量和手术量` as three spans."""
    names, at = [], start
    for joint in [*_COORDINATED.finditer(text, start, end), None]:
        span = _trim(text, at, joint.start() if joint else end)
        if span is not None:
            names.append(span)
        at = joint.end() if joint else end
    return names


def _noun_after(text: str, candidate: Candidate) -> Span | None:
    window = text[candidate.end : candidate.end + 24]
    served = _SERVED.match(window)
    if served and _SERVES.search(text[max(0, candidate.start - 10) : candidate.start]):
        return Span(candidate.end + served.start("noun"), candidate.end + served.end("noun"))
    quoted = _QUOTED.match(window)
    if quoted:
        return Span(candidate.end, candidate.end + quoted.end())
    match = _FOLLOWING.match(window)
    noun = _noun_end().sub("", match["noun"]).rstrip("的了以旨又还再刚即") if match else ""
    area = _AREA.match(window)
    if area and len(noun) < MIN_CHARS:
        return Span(candidate.end, candidate.end + area.end())
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
        span = _trim(text, start, end)
        if span is not None:
            return span
        end = start - 1
    return None


def _trim(text: str, start: int, end: int) -> Span | None:
    """Cut what links a phrase to its number, values read before, and openings."""
    for pattern in (_LINK, percapita.BEHIND_NAME, _LINK, _OLD_VALUE, percapita.BEHIND_NAME, _LINK):
        cut = pattern.search(text[start:end])
        if cut:
            end = start + cut.start()
    lead = _LEAD.match(text[start:end])
    if lead:
        start += lead.end()
    for number in _LAST_NUMBER.finditer(text[start:end]):
        last = number.end()
        if end - start - last >= MIN_CHARS:
            start += last
            break
    if _COMPARES.match(text[start:end]):
        return None
    start = _shorten(text, start, end)
    return Span(start, end) if end - start >= MIN_CHARS else None


def _shorten(text: str, start: int, end: int) -> int:
    """Move the start of a long phrase behind the body it opens with, else to its last words."""
    while end - start > MAX_CHARS:
        body = _BODY_END.match(text[start : end - MIN_CHARS])
        if body is None:
            return end - MAX_CHARS
        start += body.end()
    return start
