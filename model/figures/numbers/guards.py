"""Guards: numbers that look like figures and are none."""

from __future__ import annotations

import re

from model.cleaning.garbled import BROKEN
from model.figures.numbers import durations
from model.figures.numbers.candidates import Candidate

_CONTEXT_CHARS = 12
# What a number must not follow: ordinals, dates, names.
_BEFORE = re.compile(
    r"(?:第|十四五|“|《|No\.?|编号|电话|邮编|热线|星期|周|农历|每|这|那|上|下|前|后|某|同|另|[A-Za-z×±]|\d|\d,-?)$"
)
# What it must not be followed by.
_AFTER = re.compile(
    r"^(?:前后|代|届|期间|间|级|号|时\d|点\d|后出生|CT|排|以来|来|前|后|龄|制|版|”|层|楼|路|线城市|步走)"
)
_TIME_AFTER = re.compile(r"^(?:多)?(?:小时|工作日|月|星期|世纪|百分点|多小时|多月)")
_LIFE = re.compile(r"寿命")
_SCORE = re.compile(r"得分|评分|总分|均分|满意度|分数|指数|成绩")
# What one person spent or borrowed, in a story.
_STORY = re.compile(r"(?:花|借|凑|攒|赚|掏|欠|寄)(?:了|掉|出|下|到)?$")
_DOSE = re.compile(r"(?:每|一)(?:天|日|次|晚|餐|顿)[^，。；\d]{0,4}$")
_VITAL = re.compile(r"(?:心率|呼吸|脉搏|心跳|每分钟)[^，。；]{0,6}$")
_BLOOD = re.compile(r"血")
_PHASE = re.compile(r"^(?:临床|试验|研究|工程|项目)")
_BED = re.compile(r"^(?:患者|病人|的)")
_SMALL_CLASSES = ("classifier", "people", "case")
_DOSE_UNITS = ("次", "片", "个", "克", "毫升", "袋", "瓶", "支", "种")
_OWN_DIGITS = re.compile(r"\d+")
_LEFT_DIGITS = re.compile(r"(?<![\d./])(?P<digits>\d{1,3})(?P<gap>[ ，])$")
_OPENS_WITH_NOUGHT = re.compile(r"0\d")
_GROUP = 3
_THIS = re.compile(r"[年月周届次期院市县区省地科着报]")
_WHOLE_UNITS = ("本", "册", "篇", "届", "座", "栋", "幢")
STORY_YUAN = 100_000
TEN = 10
TWENTY = 20
HUNDRED = 100
_SOME = re.compile(r"几[十百千万亿]")
_SCORES = (20, 30)  # `廿名`, `卅名` are written with one character


def is_figure(text: str, candidate: Candidate) -> bool:
    """Say whether a candidate can be a key figure at all."""
    before = text[max(0, candidate.start - _CONTEXT_CHARS) : candidate.start]
    after = text[candidate.end : candidate.end + _CONTEXT_CHARS]
    if candidate.unit_class == "time" and durations.is_circle(after):
        before = before.removesuffix("“")  # `“一小时急救圈”` is no slogan
    if _is_damaged(text, candidate) or _is_torn(text, candidate):
        return False
    if _is_other_word(text, candidate, after):
        return False
    if _BEFORE.search(before) or _AFTER.match(after):
        return False
    if candidate.unit_class == "time":
        return _is_timed_service(text, candidate, before, after)
    if candidate.unit == "个" and _TIME_AFTER.match(after):
        return False
    return _fits_class(candidate, before, after) and not _is_small_talk(candidate)


def _is_damaged(text: str, candidate: Candidate) -> bool:
    """A number beside a lost character, which may have been a digit, or one that opens with 0."""
    if _OPENS_WITH_NOUGHT.match(text, candidate.start):
        return True
    return BROKEN in text[max(0, candidate.start - 1) : candidate.end + 1]


def _is_torn(text: str, candidate: Candidate) -> bool:
    """`1 234人`, `8 3名`, `1，2345人`: the end of a number of which the rest stands before it."""
    if text[candidate.start - 1 : candidate.start] not in (" ", "，"):
        return False
    digits = _OWN_DIGITS.match(text, candidate.start)
    if digits is None:
        return False
    left = _LEFT_DIGITS.search(text, max(0, candidate.start - 5), candidate.start)
    if left is None:
        return False
    group = len(digits[0]) == _GROUP and len(left["digits"]) <= _GROUP
    return left["gap"] == "，" or group or 1 in (len(digits[0]), len(left["digits"]))


def _is_other_word(text: str, candidate: Candidate, after: str) -> bool:
    """`2.2本年度`: the number of a section, then 本年度; half a book is none, nor is `几十元`."""
    if candidate.unit == "本" and _THIS.match(after):
        return True
    if _SOME.match(text, candidate.start):  # `几百名村医参训`, but `花了几百元`, `几十个人`
        return candidate.unit_class not in ("people", "case") or candidate.value[0] < HUNDRED
    return candidate.unit in _WHOLE_UNITS and candidate.value[0] % 1 > 0


def _is_timed_service(text: str, candidate: Candidate, before: str, after: str) -> bool:
    return durations.is_figure(
        candidate.value[0],
        candidate.unit,
        chinese=candidate.chinese,
        before=before + ("时限" if text.startswith("不超过", candidate.start) else ""),
        after=after,
    )


def _fits_class(candidate: Candidate, before: str, after: str) -> bool:
    """Ages, scores and a person's purse are figures only in their place."""
    kind, value = candidate.unit_class, max(candidate.value)
    if kind == "age":
        return bool(_LIFE.search(before))
    if kind == "score":
        return bool(_SCORE.search(before))
    if kind == "money":
        return value >= STORY_YUAN or not _STORY.search(before)
    return _fits_unit(candidate, before, after)


def _fits_unit(candidate: Candidate, before: str, after: str) -> bool:
    """A trial's phase, a patient's bed, a dose and a pulse are none."""
    unit = candidate.unit
    apart = (
        (unit == "期" and _PHASE.match(after))
        or (unit == "床" and _BED.match(after))
        or (unit == "次" and _VITAL.search(before))
        or (unit == "毫升" and not _BLOOD.search(before + after))
        or (unit in _DOSE_UNITS and max(candidate.value) < TWENTY and _DOSE.search(before))
    )
    return not apart


def _is_small_talk(candidate: Candidate) -> bool:
    """`一家医院`, `1名患者`, `千家万户`: a number that only points."""
    value = max(candidate.value)
    if candidate.unit_class in ("share", "point"):
        return False
    if candidate.chinese:
        rounded = bool(candidate.bound) and value >= TEN
        return not rounded and not _is_spelt_out(candidate)
    return candidate.unit_class in _SMALL_CLASSES and value <= 1


def _is_spelt_out(candidate: Candidate) -> bool:
    """`三百二十名`, `七八百人`, `两倍`: written in words and meant as a number all the same."""
    if candidate.unit_class == "times":
        return candidate.value[0] >= 1
    if len(candidate.value) > 1:
        return max(candidate.value) >= TEN
    spelt = candidate.end - candidate.start - len(candidate.unit)
    return (spelt > 1 or candidate.value[0] in _SCORES) and max(candidate.value) >= TWENTY
