"""Years that a text names, each with the words around it that say what it is the year of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from model.figures.base import base_spans
from model.figures.plain import YEAR, year_of

NAMED, RANGE = "year", "bare"
_RELATIVE = {
    "今年": 0, "本年": 0, "目前": 0, "如今": 0, "至今": 0, "迄今": 0, "现在": 0, "当前": 0,
    "去年": -1, "上年": -1, "前年": -2, "明年": 1,
}  # fmt: skip
_YEAR = re.compile(
    rf"(?P<year>(?<!\d){YEAR})年|(?P<word>{'|'.join(_RELATIVE)})"
    r"|(?P<bare>(?<![\d.])20[012]\d(?=[—–~～至/.-]))"
)
_BEFORE = re.compile(r"(截[至止]|[到至比较与自从由在是为达于和以的（“、]|\d年?[—–~～至-])$")
_BEFORE_CHARS = 3
_AFTER = re.compile(
    r"度?(?:\d{1,2}月份?)?(?:\d{1,2}日)?"
    r"(以来|以后|至今|迄今|起|同期|相比|[—–~～至到-]|年?底前|底|末|年?初|前|上半年|前?[一二三四]季度|全年|[，的、）已全共我])"
)
# `成立于1948年`, `2008年7月毕业`: the year of something else.
_FOUNDED = re.compile(rf"(?:建|成立|创办|创建|创立|设立|诞生|出生|毕业|启用|上市)于(?={YEAR}年)")
_BORN = re.compile(
    r"(?:\d{1,2}月)?(?:\d{1,2}日)?(?:出生|生(?=[，。；、])|参加工作|入党|毕业|退休|成立|建)"
)
_PLANNED = frozenset(("<到", ">底前", ">年底前"))
_OTHERS = ("base", "founded", "born")
PERIOD = re.compile(r"上半年|下半年|前?[一二三四]季度|\d{1,2}月(?:份|底|末)?")


@dataclass(frozen=True)
class YearMention:
    """A year where the text names it.

    `form` is `year`, `bare` (of a range: `2019—2021年`) or the word that stands for it (今年);
    `marks` are what stands before it (`<比`), behind it (`>以来`) and around it; `period` is the
    part of the year that it goes on with.
    """

    start: int
    end: int
    year: int
    form: str
    marks: tuple[str, ...]
    period: str = ""

    @property
    def is_planned(self) -> bool:
        """Whether it says by when something is to be: `到2030年`, `2025年底前`."""
        return not _PLANNED.isdisjoint(self.marks)

    @property
    def other(self) -> str:
        """What else it dates, if no figure of the article: a comparison, a founding, a life."""
        return next((mark for mark in _OTHERS if mark in self.marks), "")


def find_year_mentions(text: str, own_year: int | None) -> list[YearMention]:
    """Return the years of a text in order.

    Args:
        text: a text as `plain_years` leaves it.
        own_year: the article's year; without it, words like 今年 name none.
    """
    bases = base_spans(text)
    founded = {match.end() for match in _FOUNDED.finditer(text)}
    found = []
    for match in _YEAR.finditer(text):
        word, start, end = match["word"], match.start(), match.end()
        if word and own_year is None:
            continue
        year = (
            (own_year or 0) + _RELATIVE[word] if word else year_of(match["year"] or match["bare"])
        )
        form = word or (NAMED if match["year"] else RANGE)
        marks = list(_around(text, start, end))
        marks += ["base"] * any(span.start <= start < span.end for span in bases)
        marks += ["founded"] * (start in founded)
        marks += ["born"] * bool(match["year"] and _BORN.match(text, end))
        period = PERIOD.match(text, end)
        found.append(YearMention(start, end, year, form, tuple(marks), period[0] if period else ""))
    return found


def _around(text: str, start: int, end: int) -> Iterator[str]:
    before = _BEFORE.search(text, max(0, start - _BEFORE_CHARS), start)
    if before:
        yield "<" + ("#" if before[1][0].isdigit() else before[1])
    after = _AFTER.match(text, end)
    if after:
        yield ">" + after[1]
