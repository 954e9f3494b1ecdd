"""Promises: targets with their year beside what was reached later, for the same row of the table.

A target is met by a level that reaches it, told after the target was; it is missed where the level
of its year, told after the year was over, falls short. Without such a level it is open until its
month is over, and overdue from then on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from serving.atlas.facts import LEVEL, TARGET, Fact

_DOWNWARD = re.compile(
    r"下降|降至|降到|降低|控制在|不超过|不高于|低于|以内|以下|压减|压降|减少|缩短"
)
_DOWNWARD_NAMES = re.compile(
    r"死亡率|发病率|患病率|次均|住院日|药占比|自付|耗材占比|等候|个人卫生支出"
)
_NEAR_CHARS = 16


class Outcome(StrEnum):
    """What became of a promise, as it is shown."""

    MET = "已兑现"
    MISSED = "未兑现"
    OPEN = "未到期"
    OVERDUE = "到期未见报道"
    UNDATED = "没有期限"


@dataclass(frozen=True)
class Promise:
    """A target and the level that decides it, if any."""

    target: Fact
    outcome: Outcome
    reached: Fact | None = None

    @property
    def month(self) -> str:
        """The month until which it is promised, as `2025-12`; empty where there is none."""
        return self.target.deadline


def follow_promises(facts: Iterable[Fact], today: date) -> list[Promise]:
    """Return the targets among merged facts by month, those without one last.

    A target whose place or body is not sure is left out.
    """
    facts = [fact for fact in facts if fact.is_sure]
    levels: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind == LEVEL and not fact.period:
            levels[fact.series].append(fact)
    promises = [_follow(fact, levels[fact.series], today) for fact in facts if fact.kind == TARGET]
    return sorted(promises, key=lambda p: (p.month or "9", p.target.series, p.target.value))


def _follow(target: Fact, levels: Sequence[Fact], today: date) -> Promise:
    if target.year is None:
        return Promise(target, Outcome.UNDATED)
    later = [level for level in levels if _is_later(level, target)]
    if reached := [level for level in later if is_reached(target, level)]:
        return Promise(target, Outcome.MET, min(reached, key=_year))
    final = [level for level in later if _year(level) >= target.year and _is_final(level)]
    if final:
        return Promise(target, Outcome.MISSED, min(final, key=_year))
    is_over = f"{today:%Y-%m}" > target.deadline
    return Promise(target, Outcome.OVERDUE if is_over else Outcome.OPEN)


def is_reached(target: Fact, level: Fact) -> bool:
    """Whether a level is at least, or where the target is a ceiling at most, what was promised."""
    if _is_ceiling(target):
        return level.compared[-1] <= target.compared[-1]
    return level.compared[0] >= target.compared[0]


def _is_ceiling(target: Fact) -> bool:
    if target.bound in ("≥", "≤"):
        return target.bound == "≤"
    sentence, text = target.receipts[0].sentence, target.shown
    at = sentence.find(text)
    words = sentence[max(0, at - _NEAR_CHARS) : at + len(text) + 2] if at >= 0 else ""
    words = re.split(r"[，。；：]", words[: words.find(text)])[-1] + words[words.find(text) :]
    return bool(_DOWNWARD.search(words) or _DOWNWARD_NAMES.search(target.indicator))


def _is_later(level: Fact, target: Fact) -> bool:
    """Whether a level was told after a target, or is of a year that is not before the telling."""
    told, again = _first_day(target), max(receipt.day for receipt in level.receipts)
    made = int(told[:4]) if told else None
    if told and again and again <= told:
        return False
    return made is None or _year(level) >= made


def _is_final(level: Fact) -> bool:
    """Whether a level was told when its year was over."""
    return all(receipt.day[:4] > str(level.year) for receipt in level.receipts)


def _first_day(fact: Fact) -> str:
    return min((receipt.day for receipt in fact.receipts if receipt.day), default="")


def _year(fact: Fact) -> int:
    return fact.year or 0
