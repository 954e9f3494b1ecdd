"""Phrases before a number: what links them to it, values read before and openings are cut off."""

from __future__ import annotations

import re

from model.figures.numbers import percapita
from model.figures.plain import YEAR
from model.spans import Span

MAX_CHARS = 20
MIN_CHARS = 2
_LINK_CHARS = 13  # as long as one link can be: `分别较2019年同期的`
_MONTHS = r"\d{1,2}(?:[—–~-]\d{1,2})?月份?(?:\d{1,2}日)?"
_SPAN = (
    r"(?:[一两二三四五六七八九十]{1,2}|\d{1,2})多?(?:年|个月)(?!级|制|期|义务|度)(?:多?[来间内里])?"
)
# Adverbs, dates and openings that stand before what is measured.
_LEAD = re.compile(
    r"(?:截至目前|截至|目前|其中(?!心)|此外|首先是?|其次是?|最后是?|同时|并且|而且|并(?![发购轨])|且|还(?!款)|已经|已(?!婚)|今已|共计|共有"
    r"|共(?![享建同管识病])|累计|总计|全年|近年来|近日|今年以来|今年|去年|前年|上半年|下半年|上半年度|当年|当天|当日|同年"
    r"|每年|年均|平均(?!住院日|寿命|预期|期望)|上年度?|年内|同期|目前|现在|如今|至今|迄今|另有|另外|仅"
    r"|有(?![效害关偿毒机序意责证])|是|该[院县市区省镇]|以(?![上下内外])|对(?![口外接象])|为(?![主期])|将|使(?!用)|让"
    r"|其(?![他它余])|该|约(?!定)|我国|含(?![量糖氧税])|包括|包含|[\u4e00-\u9fff]{2,6}?以来"
    rf"|[近这]?{_SPAN}|半年[来间内]|\d{{4}}[—-]\d{{4}}年"
    rf"|{YEAR}年(?:{_MONTHS})?(?:底|初|末|以来|起|前)?(?:上半年度?)?|{_MONTHS}[底初]?|[一二三四]季度|前[一二三\d]季度"
    r"|至(?!今)|到(?![位期岗账])|自(?![费付筹主愿助动治己])|从(?![业事医教])|由|的|了(?!解)|在(?![校册岗编职院建线])"
    r"|和(?!谐)|与(?!会)|的(?!士)|计划(?=明年|后年|今年|再|新[增建招设])|明年|后年|再(?=[派招增建购投培选])|[+\u2212〈〉)）])++"
)
# One of the verbs and adverbs between what is measured and the number.
_LINKS = (
    r"(?:分别)?(?:较|(?<![同环占])比(?![例重值为达是由从]))[^，。；]{1,9}|达到了?|达|均?为|是|有|共有|共计|共|总计|累计|已|(?<![签预解特节制公条])约|近|超过了?|超|突破|逾|仅|只"
    r"|增至|升至|降至|猛?增长?加?到|提高到|提升到|提升至|提高至|上升到|上升至|降到|下降[到至]|减少[到至]"
    r"|增长至|增加至|缩短[至到]|调整|扭转|优化|扩增|扩大|[上下]调|同比|环比|分别|平均|增长|增加|上升|提高|提升|下降"
    r"|减少|降低|缩短|上涨|下跌|下滑|减轻|约合|折合|飙升|大涨|新增|净增|了|由|到|至|的|在|控制|稳定|保持|高达|多达|(?<![\u4e00-\u9fff])占比|占|不|低于"
    r"|高于|合计|也|则|人民币|实现|目前|现在|从|大|可|能够|预计|将|大约|[日月年]?均|最[高低多少]达?|另有|[同环]比[增减升降]"
    r"|[+\u2212￥¥$€£-]|港[币元]|[美欧日]元|英镑|RMB|USD|[近这]?[一两二三四五六七八九十]{1,2}年(?:多?[来间内])?"
)
_LINK_FIRST = (
    "分较比达均为是有共总累已约近超突折逾仅只增升降猛提上下减缩调扭优扩同环平飙大新净了由到至的在控稳保高多占不低合也则人实目"
    "现从可能预将日月年最另+\u2212￥¥$€£港美欧英RU这一两二三四五六七八九十-"
)
_LINK = re.compile(rf"(?=[{_LINK_FIRST}])(?:{_LINKS})$")
# A value that was already read: `实际开放床位由30多张增加到`, `净利润24.4亿元，同比增长`.
_LEAVING = re.compile(r"从(?![业事医教])|由|将")
# `30多张`, `82%降至今年二季度`: the value that is left, with what links it to the next.
_LEFT = re.compile(r"(?:\d|分之)(?:[^\d]{0,6}$|[^\d]{0,8}[增升降扩减缩提调变转][^\d]{0,8}$)")
_QUANTITY = r"(?<!\d)(?<!\d[.,])\d[\d.,]*+[余多]?[万亿千百]*+[余多]?(?:人次|个百分点|平方米|[^\d])"
_OLD_VALUE = re.compile(rf"[约近超]?{_QUANTITY}?$")
_EARLIER_VALUE = re.compile(_QUANTITY)
_OLD_CHARS = 32
_LEFT_CHARS = 16
# `较2021年的40亿元增长`: only says what it is compared with.
_COMPARES = re.compile(r"(?:较|比|与|相比)(?![例重较大高低好对率])[^，。；]{0,12}\d")
# What is left of another value, a sign, a bare time: no noun.
_NO_NOUN = re.compile(
    r"\d|(?<![^，。；：、])(?:每[\u4e00-\u9fff]|[上下同][年月期]{1,2}|[一两二三四五六七八九十]{1,2}(?:年|个月|天)[来间内]?|[增降涨跌减]幅|增速)$"
)
_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z]")
_BODY_END = re.compile(
    r"(?:医院|卫生院|中心|公司|集团|健康委|卫健委|委员会|局)(?=[\u4e00-\u9fff]{2})"
)


# Where a text without stops says when, a clause has begun.
_TIME = re.compile(r"去年|今年|前年|明年|全年|目前|年来|年底|累计|其中")


def trim_phrase(words: str, start: int, end: int) -> Span | None:
    """Return what is left of a phrase before a number, None where it names nothing."""
    end = _cut_links(words, start, end)
    end = _cut_links(words, start, _cut_value(words, start, end))
    start = _skip_lead(words, start, end)
    for number in _EARLIER_VALUE.finditer(words, start, end):
        if end - number.end() >= MIN_CHARS:
            start = _skip_lead(words, number.end(), end)
    if _COMPARES.match(words, start, end) or not _is_noun(words[start:end]):
        return None
    start = _shorten(words, start, end)
    return Span(start, end) if end - start >= MIN_CHARS else None


def _skip_lead(words: str, start: int, end: int) -> int:
    lead = _LEAD.match(words, start, end)
    return lead.end() if lead else start


def _is_noun(phrase: str) -> bool:
    """Whether a phrase can name something: no rest of a value, no bare time, no signs alone."""
    return _NO_NOUN.search(phrase) is None and _WORD.search(phrase) is not None


def _cut_links(words: str, start: int, end: int) -> int:
    """The end of a phrase without the verbs behind it and whom each value falls to."""
    end = _cut_words(words, start, end)
    each = percapita.BEHIND_NAME.search(words, start, end)
    return _cut_words(words, start, each.start()) if each else end


def _cut_words(words: str, start: int, end: int) -> int:
    while True:
        while end > start and words[end - 1] == " ":
            end -= 1
        link = _LINK.search(words, max(start, end - _LINK_CHARS), end)
        if link is None:
            return end
        end = link.start()


def _cut_value(words: str, start: int, end: int) -> int:
    """The end of a phrase without the value that stands in it already."""
    for leaving in reversed([*_LEAVING.finditer(words, start, end)]):
        if _LEFT.search(words, max(leaving.end(), end - _LEFT_CHARS), end):
            end = leaving.start()
            break
    value = _OLD_VALUE.search(words, max(start, end - _OLD_CHARS), end)
    return value.start() if value else end


def _shorten(words: str, start: int, end: int) -> int:
    """Move the start of a long phrase behind the body it opens with, else to its last words."""
    while end - start > MAX_CHARS:
        body = _BODY_END.search(words, start, end - MIN_CHARS)
        if body is None:
            times = [*_TIME.finditer(words, end - MAX_CHARS, end - MIN_CHARS)]
            return times[-1].end() if times else end - MAX_CHARS
        start = body.end()
    return start
