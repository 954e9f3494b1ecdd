"""Consistency: figures of one article that cannot all be right, as warnings to the reader.

Two checks: a rise or fall that is stated beside the two values it comes from, and one indicator
of one body and year that has two values in two sentences. What is rounded, a range, or within the
other's bound is given the benefit of the doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from model.article import Article
from model.figures.repeats import agree, is_one_body
from model.report import Figure

_PAIR_CHARS = 24
_STATED_CHARS = 14
# Between a pair and the change it comes to stand verbs and adverbs, no other subject.
_ONLY_CHANGE = re.compile(
    r"^[^，。；（]{0,3}[，（、]?(?:共|总共|整整|净|两年|一年|同比|年均|累计|实际|相当于|幅度|为|了|达|达到|约|近|我们|就"
    r"|增长|增加|增幅|上升|提高|提升|下降|减少|降低|降幅|缩短|上涨|回落|压缩|扩大|涨幅|跌幅|升幅)*$"
)
_CHANGES = re.compile(r"增|升|提高|降|减|缩|涨|落|扩|跌")
_YEARLY = re.compile(r"年均|月均|平均每年")
_WORDS = "率 比例 占比 比重 总数 数量 人数 床位数 总量 诊疗量 门诊量 人次 寿命 面积 总投资 总人口"
_MEASURED = re.compile(rf"[\u4e00-\u9fff]{{2}}(?:{'|'.join(_WORDS.split())})$")
_CLAUSE = re.compile(r"[，；。：！？\n、（）]")
_PERIOD = re.compile(
    r"\d{1,2}月|\d{1,2}日|[一二三四]季度|[上下]半年|前[一二三四五六七八九十\d]{1,6}个?月|同期|当[日天月周]|[每日周月]均?|累计|届|期|批"
    r"|此前|以前|过去|原来|其中|目标|最高|最低|平均|近[一二三四五六七八九十\d]{1,6}年|昨[日天]|今[日天]|首[日周]|(?<!\d)\d++[-—至]\d+|第\S"
)
_TRIM = re.compile(
    r"[\d.,%的了为是达到至近约超过总计共有已仅在从由年]|截至|目前|分别|增|升|降|提高"
)
_POINTER = re.compile(r"全[省市县区州院]|[该我本][院省市县区]")
_SCALE_DIGITS = re.compile(r"\d+(?:\.(\d+))?")
MAX_MEASURED = 300
_MIN_WORDS = 4
_TOLERANCE = 0.05
_OF_VALUES = 0.01
_PERCENT = 100
# A place has one rate of an official indicator, a sum or a count may be of a part of it.
_RATES = frozenset({"%", "‰", "/10万", "岁"})
_SLACK = 1.05


@dataclass(frozen=True)
class Conflict:
    """Figures that cannot all be right: two values, or a pair with the change that is stated.

    `warning` says so in Chinese and names the numbers.
    """

    figures: tuple[Figure, ...]
    warning: str


def find_conflicts(article: Article, figures: Sequence[Figure]) -> tuple[str, ...]:
    """Return a warning in Chinese for every contradiction; each names both numbers."""
    return tuple(conflict.warning for conflict in compare_figures(article.text, figures))


def compare_figures(text: str, figures: Sequence[Figure]) -> Iterator[Conflict]:
    """Yield the contradictions among an article's figures, in order of the text.

    Args:
        text: the article's text.
        figures: its figures.
    """
    yield from _find_wrong_changes(text, figures)
    yield from _find_two_values(text, figures)


def _find_wrong_changes(text: str, figures: Sequence[Figure]) -> Iterator[Conflict]:
    for i, (low, high) in enumerate(pairwise(figures)):
        if not _are_pair(low, high):
            continue
        stated = figures[i + 2] if i + 2 < len(figures) else None
        if stated is None or not _belongs(text, high, stated):
            continue
        implied = _implied(low, high, stated)
        if implied is not None:
            yield Conflict(
                (low, high, stated),
                f"“{low.text}”到“{high.text}”{implied}，原文写的是“{stated.text}”，两者对不上，请核对",
            )


def _are_pair(low: Figure, high: Figure) -> bool:
    close = high.span.start - low.span.end <= _PAIR_CHARS and low.sentence == high.sentence
    exact = len(low.value) == len(high.value) == 1 and not low.bound and not high.bound
    return close and exact and low.kind == "from" and high.kind != "from" and low.unit == high.unit


def _belongs(text: str, high: Figure, stated: Figure) -> bool:
    """Whether a change is that of the pair before it and exact."""
    between = text[high.span.end : stated.span.start]
    exact = len(stated.value) == 1 and not stated.bound and stated.kind == "change"
    return (
        exact
        and stated.sentence == high.sentence
        and len(between) <= _STATED_CHARS
        and _CHANGES.search(between) is not None
        and _YEARLY.search(between) is None
        and _ONLY_CHANGE.match(between) is not None
    )


def _implied(low: Figure, high: Figure, stated: Figure) -> str | None:
    """Say what the pair comes to where the stated change is another; None where it fits."""
    start, end, change = low.value[0], high.value[0], abs(stated.value[0])
    gap = abs(end - start)
    if stated.unit == "个百分点":
        if low.unit != "%" or abs(gap - change) <= _rounding(low, high, stated):
            return None
        return f"相差{gap:.{_decimals(low, high)}f}个百分点"
    if stated.unit == low.unit and low.unit != "%":
        slack = max(_TOLERANCE * change, _OF_VALUES * max(start, end))
        return None if abs(gap - change) <= slack else f"相差{gap:,.12g}{low.unit}"
    return _implied_rate(start, end, stated, gap if low.unit == "%" else None)


def _implied_rate(start: float, end: float, stated: Figure, points: float | None) -> str | None:
    """The same for a rate of change: `增长50%`, `增长3倍`, and points loosely called percent."""
    if not start or stated.unit not in ("%", "倍"):
        return None
    rate = abs(end - start) / abs(start) * (_PERCENT if stated.unit == "%" else 1)
    fits = [rate] + ([points] if points is not None else [])
    fits += [end / start] if stated.unit == "倍" else []
    slack = 1.0 if stated.unit == "%" else 0.1
    change = abs(stated.value[0])
    if any(abs(fit - change) <= max(slack, _TOLERANCE * change) for fit in fits):
        return None
    return f"变化{rate:.1f}{stated.unit}"


def _decimals(*figures: Figure) -> int:
    found = (_SCALE_DIGITS.search(figure.text) for figure in figures)
    return max(len(match[1] or "") if match else 0 for match in found)


def _rounding(*figures: Figure) -> float:
    """What rounding may do to a difference: one in the last place, nothing among whole numbers."""
    found = (_SCALE_DIGITS.search(figure.text) for figure in figures)
    fewest = min(len(match[1] or "") if match else 0 for match in found)
    most = _decimals(*figures)
    return _SLACK * 10**-fewest if most else 0.0


def _find_two_values(text: str, figures: Sequence[Figure]) -> Iterator[Conflict]:
    warned = set[str]()
    measured = [f for f in figures if _is_measured(f)][:MAX_MEASURED]
    for one, other in combinations(measured, 2):
        name = one.indicator if len(one.indicator) <= len(other.indicator) else other.indicator
        if name in warned or not _are_rivals(text, one, other):
            continue
        warned.add(name)
        yield Conflict(
            (one, other),
            f"“{name}”有两个数：一处是“{one.text}”，另一处是“{other.text}”，请核对",
        )


def _is_measured(figure: Figure) -> bool:
    is_named = _official(figure) != "" or _MEASURED.search(figure.indicator) is not None
    return figure.kind == "level" and len(figure.value) == 1 and is_named


def _official(figure: Figure) -> str:
    """The official indicator where its words say neither more nor less."""
    official = figure.official
    return official.name if official is not None and official.match != "near" else ""


def _are_rivals(text: str, one: Figure, other: Figure) -> bool:
    """Whether two figures claim to be the same measure of the same body at the same time."""
    if one.unit != other.unit or one.sentence == other.sentence or _fit_together(one, other):
        return False
    if _periods(one) != _periods(other):
        return False
    if one.unit in _RATES and _official(one) and _official(one) == _official(other):
        return agree(one.year, other.year) and is_one_body(one.body, other.body)
    if (one.year, one.body) != (other.year, other.body):
        return False
    if not (_names_body(one) and _names_body(other)):
        return False
    words, others = _subject(text, one), _subject(text, other)
    # `占总量的35%` says nothing of what it is that takes up the share
    return len(words) >= _MIN_WORDS and words == others and not words.startswith("占")


def _fit_together(one: Figure, other: Figure) -> bool:
    """Whether one value can be both: rounded, or within a bound (`95%以上` and `96.2%`)."""
    (low, below), (high, above) = sorted((f.value[0], f.bound) for f in (one, other))
    if high - low <= _OF_VALUES * high:
        return True
    return (
        below == "≥" or above == "≤" or ("~" in (below, above) and high - low <= _TOLERANCE * high)
    )


def _names_body(figure: Figure) -> bool:
    """Whether a figure's own sentence says whom it is about; what is inferred may be wrong."""
    if figure.body is None:
        return False
    return figure.body in figure.sentence or _POINTER.search(figure.sentence) is not None


def _periods(figure: Figure) -> set[str]:
    before = figure.sentence.partition(figure.text)[0]
    before = before.replace(figure.indicator, "")  # `平均预期寿命` is of no period
    return set(_PERIOD.findall(before))


def _subject(text: str, figure: Figure) -> str:
    """The clause before a number, without its body, dates and what links it to the number."""
    start = figure.span.start
    clause = _CLAUSE.split(text[max(0, start - 40) : start])[-1]
    if figure.body:
        clause = clause.replace(figure.body, "")
    return _TRIM.sub("", clause)
