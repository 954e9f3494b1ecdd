"""Indicator: the words of the text that say what a number measures."""

from __future__ import annotations

import re

from model.article import Span
from model.figures.candidates import Candidate

MAX_CHARS = 18
MIN_CHARS = 2
_STOP = "，。；：！？、\n（）“”《》"
_HEAD_STOP = re.compile(rf"[{re.escape(_STOP)}]")
# Adverbs, dates and openings that stand before what is measured.
_LEAD = re.compile(
    r"^(?:截至目前|截至|目前|其中|此外|同时|并|且|还|已经|已|今已|共计|共有|共|累计|总计|全年|近年来|近日"
    r"|今年以来|今年|去年|上半年|下半年|上半年度|当年|当天|当日|同年|每年|年均|平均|仅|有|以|对|为|将|使|让|其|该|约|我国"
    r"|\d{4}年(?:\d{1,2}月份?)?(?:\d{1,2}日)?(?:底|初|末|以来|起|前)?(?:上半年度?)?"
    r"|\d{1,2}月份?(?:\d{1,2}日)?(?:底|初)?|[一二三四]季度|前[一二三\d]季度|至|到|自|从|由|的|了|在|和|与)+"
)
# Verbs and adverbs between what is measured and the number.
_LINK = re.compile(
    r"(?:(?:分别)?(?:较|比)[^，。；]{1,9}|达到了?|达|为|是|有|共有|共计|共|总计|累计|已|约|近|超过|超|突破|逾|仅|只"
    r"|增至|升至|降至|猛?增长?加?到|提高到|提升到|提升至|提高至|上升到|上升至|降到|下降[到至]|减少[到至]"
    r"|增长至|增加至|缩短[至到]|调整|优化|扩增|扩大|同比|环比|分别|平均|增长|增加|上升|提高|提升|下降|减少|降低|缩短"
    r"|上涨|新增|净增|了|到|至|的|在|控制|稳定|保持|高达|多达|占比|不|低于|高于|合计|也|则|人民币|实现|目前|现在)+$"
)
# A value that was already read: `实际开放床位由30多张增加到`, `净利润24.4亿元，同比增长`.
_OLD_VALUE = re.compile(
    r"(?:从|由|将)[^，。；]*?\d[^，。；]*$|[约近超]?\d[\d.,]*[余多]?[万亿千百]*[余多]?\D?$"
)
_LAST_NUMBER = re.compile(r"\d[\d.,]*[余多]?[万亿千百]*[余多]?(?:人次|个百分点|平方米|[^\d])")
_FOLLOWING = re.compile(rf"^的?(?P<noun>[^{re.escape(_STOP)}\d]{{2,14}})")
_QUOTED = re.compile(rf"^的?“[^”]{{2,14}}”(?:[^{re.escape(_STOP)}\d]{{1,8}})?")
_TAIL_VERB = re.compile(
    r"(?:参加|参与|进行|开展|接受|获得|完成|提供|达到|通过|来自|位于|前来|组成|分别|已|均|全部|到|在|为|被|纳入"
    r"|投入|编成|组建|组团|签约|挂牌|选派|派驻|下沉|入驻|正式|同时|因|由|向|与|和|及|积极|联合|建立|建成|设有|实现|共增|得到|伴有|可能|会|能够|就).*$"
)
_BY_NOUN = ("classifier", "people", "share", "count")


def find_indicator(text: str, candidate: Candidate, sentence_start: int) -> Span | None:
    """Return the span that names what is measured, inside the number's own sentence.

    A counted thing follows its classifier (`30多张床位`), the whole follows its share
    (`80%的医院`); what a rate, a sum or a number of cases measures stands before it
    (`县域内就诊率达93.4%`).
    """
    behind = None
    if candidate.unit_class in _BY_NOUN:
        behind = _noun_after(text, candidate)
    if behind is not None and candidate.unit_class != "share":
        return behind
    before = _phrase_before(text, candidate.start, sentence_start)
    if behind is not None and (before is None or text[candidate.end] == "的"):
        return behind
    return before


def _noun_after(text: str, candidate: Candidate) -> Span | None:
    window = text[candidate.end : candidate.end + 24]
    quoted = _QUOTED.match(window)
    if quoted:
        return Span(candidate.end, candidate.end + quoted.end())
    match = _FOLLOWING.match(window)
    noun = _TAIL_VERB.sub("", match["noun"]) if match else ""
    if match is None or len(noun) < MIN_CHARS:
        return None
    start = candidate.end + match.start("noun")
    return Span(start, start + len(noun))


def _phrase_before(text: str, end: int, sentence_start: int) -> Span | None:
    """Walk back clause by clause until one has words left after its trimmings."""
    while end > sentence_start:
        start = sentence_start
        for stop in _HEAD_STOP.finditer(text, sentence_start, end):
            start = stop.end()
        span = _trim(text, start, end)
        if span is not None:
            return span
        end = start - 1
    return None


def _trim(text: str, start: int, end: int) -> Span | None:
    """Cut what links a phrase to its number, values read before, and openings."""
    for pattern in (_LINK, _OLD_VALUE, _LINK):
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
    start = max(start, end - MAX_CHARS)
    return Span(start, end) if end - start >= MIN_CHARS else None
