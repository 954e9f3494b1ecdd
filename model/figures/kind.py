"""Kind: whether a figure is a value reached, a change, a target or what was left behind."""

from __future__ import annotations

import re
from collections.abc import Sequence

from model.figures.numbers import durations
from model.figures.numbers.candidates import Candidate
from model.figures.plain import YEAR, year_of

_HEDGE = (
    r"(?:了|约|近|超过|超|逾|达到|达|为|至少|分别|平均|幅度|目前的?|现在的?|如今的?"
    r"|\d{4}年的?|人民币){0,6}$"
)
_UP_DOWN = (
    r"(?:增长|增加|上升|提高|提升|下降|减少|降低|缩短|压缩|上涨|下跌|飙升|回落|下调|上调|扩大|减轻"
    r"|大涨|大跌|降价|涨价|涨|跌去|跌(?!至|到|破)|便宜|多花|少花|节支|压减|下滑|攀升|反弹)"
)
_CHANGE = re.compile(
    rf"(?:{_UP_DOWN}|增幅|降幅|涨幅|跌幅|增速|新增|净增|多出|节省|节约|同比|环比|减幅|增设|增收|减收"
    rf"|累计减少|少)" + _HEDGE
)
# `节省费用2.6万元`, `新增床位200张`: what changed stands between.
# New cases and new jobs are counts of their own.
_CHANGED = re.compile(
    r"(?:净增加?|增设|节省|节约|减免|新增(?!.{0,6}(?:病例|感染|确诊|就业|患者|死亡|劳动)))[^，。；、\d]{1,8}$"
)
# `缩短就医时间50%以上`, `减少重复检查10%`: the share of it that went.
_SHARE_CHANGED = re.compile(
    r"(?:减少|降低|缩短|提高|提升|减轻|压缩|增加|下降)(?:了)?[^，。；、\d到至为达率的]{1,10}(?:、[^，。；\d到至为达率的]{2,8})?$"
)
_PACE = re.compile(r"(?:增速|增幅|降幅|涨幅|跌幅)[^，。；、\d]{0,8}$")
# `增至`, `提升到`, `猛增到`, `由…调整为`: what follows is a value reached.
_REACHED = re.compile(
    r"(?:增(?!速|幅|长率)|升|降(?!幅)|扩|减(?!幅)|缩|提|涨(?!幅)|落|跌(?!幅)|调整|上调|下调|发展|优化)"
    r"[^，。；\d]{0,3}(?:到|至|为)" + _HEDGE
)
_FROM = re.compile(r"(?:从|由|将)[^，。；、到至]{0,12}$")
_TO_AFTER = re.compile(
    r"^[^，。；\d]{0,8}(?:增|升|降|扩|减|缩|提|涨|落|跌|扭转|调整|上调|下调|发展|优化)[^。；\d]{0,8}(?:到|至|为)"
)
_BARE_TO = re.compile(r"^(?:(?:到|至)[^，。；]{0,8}\d|，?到(?:如今|现在|目前|今年))")
# `82.3%→90.6%`; an arrow up or down is a rise or fall.
_ARROW_AFTER = re.compile(r" ?→ ?\d")
_THAN = re.compile(r"(?:比|较|与)[^，。；\d]{0,8}(?:\d{1,2}月份?|\d{4}年)(?:同期)?的?$")
_TARGET = re.compile(
    r"力争|(?<![股动程年展育训工援助养])计划(?![和、，。的中期书内外》”]|生育)|拟|预计|目标|争取|确保|规划|不低于|不少于"
    r"|(?<=年)计划(?=[招引投建新培选派用安完实改增购再开筹扩])|明年|后年"
    r"|建成后|有望"
    r"|将(?=于|会|达|在|用|建|新|培|投|再|开|增|为|面|从|与|有|实|突|把|派|选|安|支)"
)
# What is required, and what money is meant for.
_REQUIRED = re.compile(r"不少于|不低于")
_MEANT_FOR = re.compile(r"^将(?:用于|用作|投向|投入)")
# A heading or a list's opening under which everything is to come: `下一步`, `十条措施`.
_PLAN_HEAD = re.compile(
    r"下一步|下阶段|今后|未来|明年|展望|打算|目标|工作计划|规划|愿景|将(?=[于会达在用建新培投再开增面从与有实推做重])"
    r"|(?:主要|重点|工作|具体|总体)(?:任务|安排|要求)|拟|力争|要(?:做好|抓好|完成|实现)"
)
_MEASURES_HEAD = re.compile(
    r"[一二三四五六七八九十两\d]{1,3}[条项个大](?:[^，。、]{0,6})(?:措施|举措|任务|政策|办法|行动|实事)"
)
_REACHED_ALREADY = re.compile(
    r"截至|已经?(?!知)|累计|目前|去年|上年|同比|以来|实现了|达到了|完成了"
)
_DONE = re.compile(r"截至|已经?|累计")
_YEAR = re.compile(rf"({YEAR})年")
_BY_YEAR = re.compile(rf"到({YEAR})年")
_CLAUSE = re.compile(r"[。；：！？\n]|，(?![^，]{0,6}(?:比例|其中))")
_NUMBER_BEFORE = re.compile(
    r"(?<![\d.,])\d[\d.,]*+(?:[万亿]|个百分点|[%元人次倍])*+(?:、|/|和|及|以及)$"
)
_GROWTH_BEHIND = re.compile(r"^(?:左右)?的?(?:增长|增幅|降幅|涨幅|下降|提升|跌幅|增速)(?!点|极)")
_PLANNING_CLAUSES = 2
_VALUE_CHARS = 24


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
    doubled = candidate.rule == "doubled"
    if not doubled and _is_left_behind(before, after):
        return "from"
    if doubled or candidate.unit_class == "point":
        return "change"
    if candidate.unit_class == "time" and durations.is_promise(before, after):
        return "target"
    own = text[candidate.start : candidate.end]
    planned = _is_planned(before, own_year) or _is_meant(before, own, after)
    if _REACHED.search(before):
        return "target" if planned else "level"
    if _is_change(candidate, before, after):
        return "change"
    return "target" if planned else "level"


def is_planned_under(
    heads: Sequence[str], own_words: str, own_year: int | None, *, in_list: bool
) -> bool:
    """Say whether headings and list openings make a target of every value under them.

    Args:
        heads: what a sentence stands under, the nearest first.
        own_words: the sentence; what it reports as reached stays reached.
        own_year: the article's year, if known; a later year in a heading is a plan.
        in_list: whether the sentence is a list's item; a number of measures plans those alone.
    """
    if _REACHED_ALREADY.search(own_words):
        return False
    for head in heads:
        if _REACHED_ALREADY.search(head):
            return False
        years = [year_of(found) for found in _YEAR.findall(head)]
        if own_year is not None and any(year > own_year for year in years):
            return True
        if _PLAN_HEAD.search(head) or (in_list and _MEASURES_HEAD.search(head)):
            return True
    return False


def _is_left_behind(before: str, after: str) -> bool:
    if _ARROW_AFTER.match(after):
        return True
    if _FROM.search(before) and (_TO_AFTER.match(after) or _BARE_TO.match(after)):
        return True
    return _THAN.search(before) is not None


def _is_change(candidate: Candidate, before: str, after: str) -> bool:
    if _is_signed(candidate, before, after):
        return True
    listed = without_listed(before)
    if _CHANGE.search(listed) or _CHANGED.search(listed):
        return True
    if candidate.unit_class != "share":
        return False
    if _PACE.search(listed):
        return True
    return bool(_GROWTH_BEHIND.match(after) or _SHARE_CHANGED.search(listed))


def _is_signed(candidate: Candidate, before: str, after: str) -> bool:
    """`↑3.2%`, `3.2%↓`, `环比+2.1%`."""
    share = candidate.unit_class in ("share", "point")
    return before.endswith(("↑", "↓")) or (
        share and (after.startswith(("↑", "↓")) or before.endswith("+"))
    )


def _is_planned(before: str, own_year: int | None) -> bool:
    """A planning word or a year to come in the same clause or the one before it."""
    parts = _CLAUSE.split(before)[-_PLANNING_CLAUSES:]
    if _DONE.search(parts[-1]):
        parts = parts[-1:]
    clauses = "，".join(parts)
    by_year = _BY_YEAR.search(clauses)
    later = by_year is not None and own_year is not None and year_of(by_year[1]) > own_year
    return later or _TARGET.search(clauses) is not None


def _is_meant(before: str, own: str, after: str) -> bool:
    if _MEANT_FOR.match(after):
        return True
    return _REQUIRED.match(own) is not None and not _DONE.search(_CLAUSE.split(before)[-1][-6:])


def without_listed(before: str) -> str:
    """Drop the numbers listed before this one: the second of `分别增长8.32%、25.53%`."""
    while listed := _NUMBER_BEFORE.search(before, max(0, len(before) - _VALUE_CHARS)):
        before = before[: listed.start()]
    return before
