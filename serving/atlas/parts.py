"""Numbers of one sentence that do not fit: a share and its parts, and a rise to a lower value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from model.report import Figure

_PAIR_CHARS = 24
_SHARE_CHARS = 16
_TAKES_UP = re.compile(
    r"^(?:[\u4e00-\u9fff]{0,4}[，（、])?(?:约|大约|已|就)?占(?:到|比|总[数量人次]*的?|全部的?|其中的?|比例|比重)*(?:为|达到?|到|约|近|超过?)*$"
)
_OF_THEM = re.compile(r"其中|里面|当中")
_RISE = re.compile(r"上升|提高|提升|增长|增加|增至|升至|升到|增到|扩大|上涨|涨至|涨到|跃升")
_FALL = re.compile(r"下降|降低|降至|降到|减少|减至|减到|缩短|压缩|下调|回落|下滑|跌")
_NOT = re.compile(r"[未没不]|而|但")
_PERCENT, _SLACK, _TOLERANCE = 100, 0.6, 0.01


def find_wrong_parts(text: str, figures: Sequence[Figure]) -> Iterator[tuple[Figure, Figure, str]]:
    """Yield a whole, the share that its part does not come to, and the words that say so."""
    for whole, part, share in zip(figures, figures[1:], figures[2:], strict=False):
        if not (_is_part_of(text, whole, part) and _is_share(text, part, share)):
            continue
        percent = _PERCENT * part.value[0] / whole.value[0]
        slack = max(_SLACK, _TOLERANCE * percent)
        if abs(percent - share.value[0]) > slack:
            yield (
                whole, share,
                f"“{whole.text}”中的“{part.text}”占{percent:.1f}%，原文写的是“{share.text}”",
            )  # fmt: skip


def find_wrong_ways(text: str, figures: Sequence[Figure]) -> Iterator[tuple[Figure, Figure, str]]:
    """Yield two values of which the text says that one rose or fell to the other, and did not."""
    for low, high in pairwise(figures):
        if low.kind != "from" or high.kind == "from" or not _are_alike(low, high):
            continue
        between = text[low.span.end : high.span.start]
        if len(between) > _PAIR_CHARS or _NOT.search(between):
            continue
        rises, falls = bool(_RISE.search(between)), bool(_FALL.search(between))
        gap = high.value[0] - low.value[0]
        if rises != falls and gap and (gap > 0) != rises:
            way = "上升" if rises else "下降"
            yield low, high, f"原文说“{low.text}”{way}到“{high.text}”，数却相反"


def _are_alike(one: Figure, other: Figure) -> bool:
    is_exact = len(one.value) == len(other.value) == 1
    return is_exact and one.unit == other.unit and one.sentence == other.sentence


def _is_part_of(text: str, whole: Figure, part: Figure) -> bool:
    """Whether the text says that one count is part of the one before it."""
    between = text[whole.span.end : part.span.start]
    exact = not whole.bound and not part.bound and whole.value[0] > 0
    return (
        exact
        and _are_alike(whole, part)
        and whole.unit != "%"
        and whole.kind == part.kind == "level"
        and _OF_THEM.search(between) is not None
    )


def _is_share(text: str, part: Figure, share: Figure) -> bool:
    between = text[part.span.end : share.span.start]
    return (
        share.unit == "%"
        and share.sentence == part.sentence
        and len(share.value) == 1
        and not share.bound
        and len(between) <= _SHARE_CHARS
        and _TAKES_UP.match(between) is not None
    )
