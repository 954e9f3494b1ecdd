"""Guards: numbers that look like figures and are none."""

from __future__ import annotations

import re

from model.figures.candidates import Candidate

_CONTEXT_CHARS = 12
# What a number must not follow: ordinals, dates, names.
_BEFORE = re.compile(
    r"(?:第|十四五|“|《|No\.?|编号|电话|邮编|热线|星期|周|农历|每|这|那|上|下|前|后|某|同|另|[A-Za-z]|\d)$"
)
# What it must not be followed by.
_AFTER = re.compile(
    r"^(?:前后|代|届|期间|级|号|时\d|点\d|后出生|CT|排|以来|来|前|后|龄|制|版|”|层|楼|路|线城市|步走)"
)
_TIME_AFTER = re.compile(r"^(?:多)?(?:小时|工作日|月|星期|世纪|百分点|多小时|多月)")
_DATE_AFTER = re.compile(
    r"^(?:\d|[一二三四五六七八九十]+月|的?[今当]天|[上中下]旬|底|初|末|起|至|度)"
)
# Time counts where the text says it was saved or promised.
_TIME_CLUE = re.compile(
    r"缩短|减少|控制在|压缩|平均|由.{0,8}$|从.{0,8}$|不超过|用时|耗时|等候|等待"
)
_LIFE = re.compile(r"寿命")
_SMALL_CLASSES = ("classifier", "people", "case")
_DATE_UNITS = ("年", "日", "个月")
TEN = 10


def is_figure(text: str, candidate: Candidate) -> bool:
    """Say whether a candidate can be a key figure at all."""
    before = text[max(0, candidate.start - _CONTEXT_CHARS) : candidate.start]
    after = text[candidate.end : candidate.end + _CONTEXT_CHARS]
    if _BEFORE.search(before) or _AFTER.match(after):
        return False
    if candidate.unit_class == "age":
        return bool(_LIFE.search(before))
    if candidate.unit_class == "time":
        return _is_timed_service(candidate, before, after)
    if candidate.unit == "个" and _TIME_AFTER.match(after):
        return False
    return not _is_small_talk(candidate)


def _is_timed_service(candidate: Candidate, before: str, after: str) -> bool:
    """A time that was saved, promised or measured, not a date or a duration in passing."""
    if candidate.unit in _DATE_UNITS or _DATE_AFTER.match(after):
        return False
    return bool(_TIME_CLUE.search(before)) and not candidate.chinese


def _is_small_talk(candidate: Candidate) -> bool:
    """`一家医院`, `1名患者`, `千家万户`: a number that only points."""
    if candidate.chinese:
        rounded = bool(candidate.bound) and max(candidate.value) >= TEN
        return candidate.unit_class != "share" and not rounded
    return candidate.unit_class in _SMALL_CLASSES and max(candidate.value) <= 1
