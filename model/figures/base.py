"""Base of comparison: what a change is measured against, `同比`, `较2020年`."""

from __future__ import annotations

import re

from model.figures.plain import YEAR
from model.spans import Span

_MOMENT = (
    rf"(?:{YEAR}年(?:\d{{1,2}}月份?)?(?:上半年|下半年|[一二三四]季度)?(?:末|底|初|同期|以前)?"
    r"|(?:去年|上年|前年|上一年|前一年|上月|上季度|上一季度|[一二三四]季度|上半年|\d{1,2}月份?)"
    r"(?:度)?(?:全年|\d{1,2}月份?|[一二三四]季度|上半年)?(?:同期|全年|末|底|初|同月)?"
    r"|同期|往年|以往|以前|之前|此前|过去|原来|原先|期初|年初|前一天|前日|昨日|上周"
    r"|“?十[一二三四]五”?(?:末|期末|初)?"
    r"|[\u4e00-\u9fff]{1,8}(?:前|之初|初期|平均水平|平均值|平均|标准))"
)
_ASIDE = r"(?:（[^（）]{1,10}）)?"
_THAN = re.compile(
    rf"(?P<whole>(?:(?:相比于|相较于|相比|相较|对比|比起|较之|较|比)(?:截至)?{_MOMENT}"
    rf"|(?:与|和|同|跟){_MOMENT}(?:的[^，。；\d]{{1,8}})?(?:相比|比较)){_ASIDE})"
)
_YEAR_ON_YEAR = re.compile(r"同比|环比")
# `是2015年的3倍`, `为全国平均水平的1.5倍`
_OF_MOMENT = rf"(?:是|为|达|达到|超过|相当于)(?P<whole>{_MOMENT})的"
_TIMES_OF = re.compile(rf"{_OF_MOMENT}$")
_TIMES = re.compile(rf"{_OF_MOMENT}(?=[约近]?[\d.]+倍)")
_CLAUSE = re.compile(r"[，；：。！？\n]")
_NUMBER = re.compile(r"\d")
# A comparison that opens a sentence holds for all that follows: `与去年同期相比，…`.
_OPENING = re.compile(r"^(?:为|时)?，")


def find_base(text: str, start: int, sentence_start: int, *, times: bool = False) -> Span | None:
    """Return the span that a change is compared with, or None where the sentence says none.

    Args:
        text: the article's text.
        start: where the number, or the first of those listed with it, starts.
        sentence_start: where its sentence starts.
        times: whether the number is a multiple (`是2015年的3倍`).
    """
    before = text[sentence_start:start]
    if times and (match := _TIMES_OF.search(before)):
        return Span(*(sentence_start + offset for offset in match.span("whole")))
    clauses = [0, *(m.end() for m in _CLAUSE.finditer(before))]
    own = clauses[-1]
    found = [*_THAN.finditer(before, own), *_YEAR_ON_YEAR.finditer(before, own)]
    found = [m for m in found if not _NUMBER.search(before[m.end() :])]
    if not found:
        found = [m for m in _THAN.finditer(before) if _OPENING.match(before[m.end() :])][-1:]
    if not found:
        return None
    nearest = max(found, key=lambda m: m.start())
    return Span(sentence_start + nearest.start(), sentence_start + nearest.end())


def base_spans(text: str) -> list[Span]:
    """Return where values say what they are compared with; years there are not their own."""
    found = [Span(*match.span()) for match in _THAN.finditer(text)]
    return found + [Span(*match.span()) for match in _TIMES.finditer(text)]
