"""Reading: what kind of figure a number is, and which year it belongs to."""

from __future__ import annotations

import re

from model.figures.candidates import Candidate

_HEDGE = (
    r"(?:了|约|近|超过|超|逾|达到|达|为|至少|分别|平均|幅度|目前的?|现在的?|如今的?|\d{4}年的?)*$"
)
_UP_DOWN = r"(?:增长|增加|上升|提高|提升|下降|减少|降低|缩短|压缩|上涨|回落|下调|上调|扩大|减轻)"
_CHANGE = re.compile(
    rf"(?:{_UP_DOWN}|增幅|降幅|涨幅|增速|新增|净增|多出|节省|节约|同比|环比|减幅|增设|增收|减收)"
    + _HEDGE
)
# `节省费用2.6万元`, `新增床位200张`: what changed stands between.
_CHANGED = re.compile(r"(?:净增|增设|节省|节约|减免)[^，。；、\d]{1,8}$")
# `增至`, `提升到`, `猛增到`, `由…调整为`: what follows is a value reached.
_REACHED = re.compile(
    r"(?:增|升|降|扩|减|缩|提|涨|落|调整|发展|优化)[^，。；\d]{0,3}(?:到|至|为)" + _HEDGE
)
_FROM = re.compile(r"(?:从|由|将)[^，。；、到至]{0,12}$")
_TO_AFTER = re.compile(
    r"^[^，。；\d]{0,8}(?:增|升|降|扩|减|缩|提|涨|落|调整|发展|优化)[^。；\d]{0,8}(?:到|至|为)"
)
_THAN = re.compile(r"(?:比|较)[^，。；\d]{0,8}(?:\d{1,2}月份?|\d{4}年)(?:同期)?的?$")
_TARGET = re.compile(
    r"力争|计划|拟|预计|目标|争取|确保|规划|不低于|不少于|建成后"
    r"|将(?=于|会|达|在|用|建|新|培|投|再|开|增|为|面|从|与|有|实|突|把|派|选|安)"
)
_YEAR = re.compile(
    r"(?<![比较])((?:19|20)\d\d)年(?!.{0,2}(?:以来|起|至今|同期|相比|\d{1,2}月\d{1,2}日至))"
)
# `由2021年的82.3%提高到`: the year is that of the value that was left behind.
_PASSED = re.compile(
    r"(?:从|由)(?:19|20)\d\d年[^，。；]*?(?=[增升提降扩减缩调发][^，。；\d]{0,4}[到至为])"
)
_BY_YEAR = re.compile(r"到((?:19|20)\d\d)年")
_RELATIVE = {"今年": 0, "目前": 0, "如今": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1}
_CLAUSE = re.compile(r"[。；：！？\n]|，(?![^，]{0,6}(?:比例|其中))")
_NUMBER_BEFORE = re.compile(r"\d[\d.,]*(?:[万亿]|个百分点|[%元人次倍])*(?:、|和|及|以及)$")
_PLANNING_CLAUSES = 2


def read_kind(text: str, candidate: Candidate, sentence_start: int, own_year: int | None) -> str:
    """Return `level`, `change`, `target` or `from`: rules over the clause before the number.

    Args:
        text: the article's text.
        candidate: the number.
        sentence_start: where its sentence starts.
        own_year: the article's year, if known; a value for a later year is a target.
    """
    before = text[sentence_start : candidate.start]
    after = text[candidate.end : candidate.end + 24]
    if (_FROM.search(before) and _TO_AFTER.match(after)) or _THAN.search(before):
        return "from"
    if candidate.unit_class == "point":
        return "change"
    planned = _is_planned(before, own_year)
    if _REACHED.search(before):
        return "target" if planned else "level"
    listed = _without_listed(before)
    if _CHANGE.search(listed) or _CHANGED.search(listed):
        return "change"
    return "target" if planned else "level"


def read_year(
    text: str, candidate: Candidate, sentence_start: int, own_year: int | None
) -> int | None:
    """Return the year: the last one named before the number in its sentence, else the article's."""
    before = _PASSED.sub("", text[sentence_start : candidate.start])
    marks = [(m.start(), int(m[1])) for m in _YEAR.finditer(before)]
    if own_year is not None:
        marks += [
            (m.start(), own_year + shift)
            for word, shift in _RELATIVE.items()
            for m in re.finditer(word, before)
        ]
    return max(marks)[1] if marks else own_year


def _is_planned(before: str, own_year: int | None) -> bool:
    """A planning word or a year to come in the same clause or the one before it."""
    clauses = "，".join(_CLAUSE.split(before)[-_PLANNING_CLAUSES:])
    by_year = _BY_YEAR.search(clauses)
    later = by_year is not None and own_year is not None and int(by_year[1]) > own_year
    return later or _TARGET.search(clauses) is not None


def _without_listed(before: str) -> str:
    """Drop the numbers listed before this one: the second of `分别增长8.32%、25.53%`."""
    while listed := _NUMBER_BEFORE.search(before):
        before = before[: listed.start()]
    return before
