"""Listed values: what each of several numbers side by side measures, and of whom.

`门诊量、住院量分别增长8.32%、25.53%` names as many things as it has values. `门诊、住院次均费用
分别下降3.4%和2.9%` says the head of both names once; `县医院、中医院门诊量分别为45万人次和
18万人次` has one measure of two houses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from model.figures.phrase import trim_phrase
from model.spans import Span

_SHARED_VERB = re.compile(
    r"分别|各|(?<![次人户例床日])均|同比|环比|较|比|增长|上升|提高|提升|下降|减少|降低|达"
)
_COORDINATED = re.compile(r"、|和|及|以及|与")
_MEASURE = re.compile(
    r"(?:[率量费数额]|费用|人次|收入|支出|占比|比例|比重|床位|面积|时间|住院日|水平|增速|增幅|满意度|价格|成本)$"
)
# What a head that is said once can open with, behind the last of the things listed.
_HEAD = re.compile(
    r"(?:患者|病人|人群|[次人例日户床]均|规范|健康|系统|早诊|早期|筛查|诊断|治疗|控制|管理|知晓|达标|门诊|急诊"
    r"|门急诊|住院|出院|入院|手术|诊疗|接诊|服务|就诊|签约|转诊|报销|参保|死亡|发病|患病|感染|接种|检出|覆盖|使用"
    r"|收入|支出|费用|床位|人次|总|平均|业务|医疗|增速|增幅|占比|比例|满意|诊断|完成|合格|建档|培训)"
)
_HOUSE = re.compile(
    r"(?:[院县区市镇乡省所局村州旗]|中心|公司|集团|医共体|医联体|街道|卫生室|机构)$"
)
MIN_MODIFIER = 2


@dataclass(frozen=True)
class Name:
    """What a number measures: parts of the text, in order; `body` is whose it is, if named."""

    parts: tuple[Span, ...]
    body: Span | None = None

    @property
    def start(self) -> int:
        """Where the name starts in the text."""
        return self.parts[0].start

    def of(self, text: str) -> str:
        """The words of the name."""
        return "".join(part.of(text) for part in self.parts)


def spread_names(
    words: str,
    opening: int,
    group: Sequence[Span],
    shared: Name | None,
    earlier: Sequence[Name | None],
) -> list[Name | None]:
    """Return the name of each of several values listed side by side.

    `结算12万人次，减少垫付3亿元，分别增长5%和6%` is named by the figures before.

    Args:
        words: the article's text in plain words.
        opening: where to look from, the start of their sentence at the earliest.
        group: the values, in order.
        shared: the name of the first.
        earlier: names of the figures before them in the sentence, in order.
    """
    start = group[0].start
    clause = max(opening - 1, *(words.rfind(stop, opening, start) for stop in "，。；：\n")) + 1
    verb = _SHARED_VERB.search(words, clause, start)
    if verb is None:
        return [shared] * len(group)
    names = _split_names(words, clause, verb.start())
    if len(names) == len(group):
        done = trim_phrase(words, verb.end(), start) if verb[0] == "分别" else None
        return list(_share(words, names, done))
    before = list(earlier[-len(group) :])
    distinct = len({name.parts for name in before if name}) == len(group)
    if not names and distinct:
        return before
    return [shared] * len(group)


def _split_names(words: str, start: int, end: int) -> list[Span]:
    """`门诊量、住院量和手术量` as three spans."""
    names, at = [], start
    for joint in [*_COORDINATED.finditer(words, start, end), None]:
        span = trim_phrase(words, at, joint.start() if joint else end)
        if span is not None:
            names.append(span)
        at = joint.end() if joint else end
    return names


def _share(words: str, names: list[Span], done: Span | None) -> list[Name]:
    """Give every member the head that stands behind the last: `门诊、住院` + `次均费用`.

    Houses have one measure each, which may also be what they did: `县医院、中医院分别接诊`.
    """
    *firsts, last = names
    complete = any(_MEASURE.search(first.of(words)) for first in firsts)
    cut = None if complete or not firsts else _head_start(words, firsts[-1], last)
    members = names if cut is None else [*firsts, _without_of(words, last.start, cut)]
    houses = all(_HOUSE.search(member.of(words)) for member in members)
    head = done if cut is None else Span(cut, last.end)
    if houses and head is not None:
        return [Name((head,), body=member) for member in members]
    if cut is None or head is None:
        return [Name((name,)) for name in names]
    return [*(Name((first, head)) for first in firsts), Name((last,))]


def _without_of(words: str, start: int, end: int) -> Span:
    return Span(start, end - 1 if words[end - 1] == "的" else end)


def _head_start(words: str, previous: Span, last: Span) -> int | None:
    """Where the shared head starts in the last name, None where it shares none."""
    name = last.of(words)
    if not _MEASURE.search(name):
        return None
    of = name.rfind("的") + 1
    if 0 < of < len(name) - 1:
        return last.start + of
    kind = name.find(previous.of(words)[-1], 1) + 1  # `县医院、妇保院门诊量`
    if 0 < kind < len(name) - 1:
        return last.start + kind
    head = _HEAD.search(name, MIN_MODIFIER)
    if head:
        return last.start + head.start()
    length = previous.end - previous.start  # `门诊、急诊量`
    return last.start + length if len(name) == length + 1 else None
