"""When a value holds: its part of a year, whether its year is told, and until when a promise runs.

`year` of a report's row is read by the model; here stands what a table by years must know besides:
that `上半年` is no year, that `累计` counts several, and whether the text names the year at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from model.figures.plain import YEAR, plain_years, year_of

_CONTEXT_CHARS = 200
_NUMERAL = "一二三四五六七八九十\\d"
_PERIODS = (
    rf"[上下]半年|前[{_NUMERAL}]{{1,3}}季度?|第?[一二三四]季度|前[{_NUMERAL}]{{1,3}}个?月"
    r"|(?<!\d)\d{1,2}月?[-—–~～至到]\d{1,2}月(?!\d)"
    rf"|(?:近|过去|最近)[{_NUMERAL}两几]{{1,3}}[年月天周]|[{_NUMERAL}两几]{{1,2}}年(?:来|间|以来)"
    r"|“?十[一二三四五]五”?(?:期间|时期|以来)|期间|首[日周月]|当[日天周月]|单日"
    r"|[日月周]均|[每平均][日天月周]|春节|国庆|假期|昨[日天]"
    r"|(?<!\d)\d{1,2}月\d{1,2}日(?![前起])|(?<!\d)\d{1,2}月份?(?![底末前起\d])"
)
_AS_OF = (
    r"(?:截至|截止|截止到|截至到)(?:目前|今)?(?:\d{4}年|今年|去年|上年)?"
    r"(?P<month>(?<!\d)\d{1,2}(?=月))?(?:月份?)?(?:\d{1,2}日)?[底末]?"
)
_MARK = re.compile(
    rf"(?P<asof>{_AS_OF})|(?P<year>(?:{YEAR}年(?:全年|度|底|末|以来)?|今年|去年|上年|前年|全年|年底|年末))"
    rf"|(?P<period>{_PERIODS})"
)
_MID_YEAR_END = re.compile(r"(?<!\d)(\d{1,2})月[底末]")
_TOTAL = re.compile(r"累计|总计达|以来|至今|迄今")
_CLAUSE_GROUP = re.compile(r"[；。！？\n]")
_RELATIVE = {"今年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1}
_NEAR = re.compile("|".join(_RELATIVE))
_YEAR = re.compile(rf"({YEAR})年?")
_DEADLINE_MONTH = re.compile(r"(?<!\d)(\d{1,2})月(?:份|底|末|前)?")
_HALF = re.compile(r"上半年|年中")
_LAST_MONTH, _HALF_MONTH = 12, 6
_TOTALS = "累计"


@dataclass(frozen=True)
class Passage:
    """A number in its text: the offsets of its sentence and of the number itself."""

    text: str
    sentence: int
    start: int
    end: int

    @property
    def before(self) -> str:
        """The sentence up to the number, with years in plain digits."""
        first = max(self.sentence, self.start - _CONTEXT_CHARS)
        return plain_years(self.text[first : self.start])

    @property
    def last_clauses(self) -> str:
        """What stands before the number since the last semicolon."""
        return _CLAUSE_GROUP.split(self.before)[-1]


def read_period(passage: Passage, unit: str) -> str:
    """Return the part of a year that a value is of, empty for a whole year or its end.

    A date until which something was counted is `截至6月`, a sum over years is `累计`.
    """
    found = ""
    for mark in _MARK.finditer(passage.before):
        if mark["asof"]:
            found = f"截至{int(mark['month'])}月" if mark["month"] else found
        elif mark["year"]:
            found = ""
        else:
            found = mark["period"].strip("“”")
    if end := list(_MID_YEAR_END.finditer(passage.last_clauses)):
        found = f"截至{int(end[-1][1])}月"
    if found == f"截至{_LAST_MONTH}月":
        found = ""
    if not found and unit != "%" and _TOTAL.search(passage.last_clauses):
        return _TOTALS
    return found


def names_year(passage: Passage, year: int, published: int | None) -> bool:
    """Whether the text before a number, in its sentence or paragraph, names its year."""
    paragraph = passage.text.rfind("\n", 0, passage.sentence) + 1
    first = max(paragraph, passage.sentence - _CONTEXT_CHARS)
    words = plain_years(passage.text[first : passage.start])
    if any(year_of(match[1]) == year for match in _YEAR.finditer(words)):
        return True
    return published is not None and any(
        published + _RELATIVE[match[0]] == year for match in _NEAR.finditer(words)
    )


def names_own_year(passage: Passage, year: int, published: int | None) -> bool:
    """Whether the clauses right before a number name its year: `由2021年的82.3%提高到`."""
    words = passage.last_clauses
    marks = [(m.start(), year_of(m[1])) for m in _YEAR.finditer(words)]
    if published is not None:
        marks += [(m.start(), published + _RELATIVE[m[0]]) for m in _NEAR.finditer(words)]
    return bool(marks) and max(marks)[1] == year


def read_deadline(passage: Passage, year: int | None) -> str:
    """Return the month until which a target is promised, as `2025-12`; empty where no year is."""
    if year is None:
        return ""
    words = passage.last_clauses
    if months := _DEADLINE_MONTH.findall(words):
        month = int(months[-1])
        return f"{year}-{month:02}" if 1 <= month <= _LAST_MONTH else f"{year}-{_LAST_MONTH}"
    return f"{year}-{_HALF_MONTH if _HALF.search(words) else _LAST_MONTH:02}"
