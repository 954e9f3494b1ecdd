"""Seams: where a headline, heading or caption ends that is glued to a sentence's start.

A text that lost its line breaks runs them together. Each place in the first characters of a
sentence is weighed by what stands around it; weights are in `seams.tsv`, learned from texts that
have their breaks by `python -m training.recipes.read_seams`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from model.summary.starts import measure_start

WEIGHTS = Path(__file__).with_name("seams.tsv")
MIN_HEAD_CHARS, MAX_HEAD_CHARS, MIN_REST_CHARS = 6, 60, 12
SURE = 0.75
LIKELY = 0.6  # enough where a sentence cannot stand as it is
# So unlikely to be free of anything glued, a sentence may not stand where no seam is sure.
DOUBTFUL = 0.05
_MAX_LEAD = 50.0  # in logits; beyond it nothing is left of the others
# A text with fewer breaks than one in so many characters has lost them.
_CHARS_PER_BREAK = 400
_NO_SEAM_BEFORE = frozenset("，。、：；！？）)”》…% ")
_NO_SEAM_BEHIND = frozenset("，、：；（(“《—")
_MAX_CAPTION_CHARS = 30
_DATED = re.compile(r"\d|[今昨]|近日|日前")
_DIGIT = re.compile(r"\d")
_AREA = re.compile(r"[省市县区州旗镇乡]")
_AREA_REACH = 7
_POSITION_STEP, _LAST_POSITION = 4, 15
_FEW = 2


class Seam(NamedTuple):
    """Where something glued may end, how likely it does, and how likely nothing is glued."""

    at: int
    likelihood: float
    is_none: float


@dataclass(frozen=True)
class SeamFinder:
    """Finds seams; `weights` are by feature, see `describe`."""

    weights: dict[str, float]

    def find(self, sentence: str, text: str, *, is_first: bool, least: float = SURE) -> int:
        """Return how many characters are glued to a sentence's start; 0 where that is not sure.

        Args:
            sentence: the sentence.
            text: the article's text.
            is_first: whether it is the article's first.
            least: how likely the place must be.
        """
        seam = self.judge(sentence, text, is_first=is_first)
        return seam.at if seam.likelihood > least else 0

    def judge(self, sentence: str, text: str, *, is_first: bool) -> Seam:
        """Return the likeliest place up to which something is glued to a sentence's start."""
        places = list(list_places(sentence))
        if not places or not self.weights:
            return Seam(0, 0.0, 1.0)
        whole = self._score(describe_whole(sentence, is_first=is_first))
        described = describe(sentence, places, text, is_first=is_first)
        scores = [self._score(features) for features in described]
        best = max(range(len(places)), key=scores.__getitem__)
        parts = [math.exp(min(s - scores[best], _MAX_LEAD)) for s in (*scores, whole)]
        return Seam(places[best], 1 / sum(parts), parts[-1] / sum(parts))

    def _score(self, features: Iterable[str]) -> float:
        weights = self.weights
        return sum([weights[name] for name in features if name in weights])


def reads_as_caption(sentence: str, row: int, names: Sized) -> bool:
    """Whether the first sentence of a text without breaks is what stood under a picture.

    `医生在给患者讲解治疗的知识。`: one short clause that counts nothing, names nobody and no day.
    """
    is_short = len(sentence) <= _MAX_CAPTION_CHARS and "，" not in sentence
    return row == 0 and is_short and not names and _DATED.search(sentence) is None


def has_lost_breaks(text: str) -> bool:
    """Whether a text runs on without line breaks."""
    return text.count("\n") * _CHARS_PER_BREAK < len(text)


def list_places(sentence: str) -> Iterator[int]:
    """Yield where something glued to a sentence may end."""
    last = min(MAX_HEAD_CHARS, len(sentence) - MIN_REST_CHARS)
    for at in range(MIN_HEAD_CHARS, last + 1):
        before, behind = sentence[at - 1], sentence[at]
        if behind in _NO_SEAM_BEFORE or before in _NO_SEAM_BEHIND:
            continue
        if not (before.isascii() and behind.isascii() and before.isalnum() and behind.isalnum()):
            yield at


def describe_whole(sentence: str, *, is_first: bool) -> Iterator[str]:
    """Yield the features of a sentence to which nothing is glued."""
    words = _DIGIT.sub("0", sentence)
    yield f"whole first={is_first}"
    yield f"whole 2={words[:2]}"
    yield f"whole 3={words[:3]}"
    yield f"whole start={_start(sentence)}"
    yield f"whole comma={min(sentence.find('，') // 4, 10)}"
    yield f"whole chars={min(len(sentence) // 20, 8)}"


def describe(
    sentence: str, places: Sequence[int], text: str, *, is_first: bool
) -> Iterator[list[str]]:
    """Yield the features of each place in a sentence."""
    digits_alike = _DIGIT.sub("0", sentence)
    shared = _count_shared(sentence)
    for at in places:
        words = digits_alike[: at + 8]
        head, rest = words[:at], words[at:]
        cross, after = sentence[at - 1 : at + 1], sentence[at:]
        area = _AREA.search(rest[1:_AREA_REACH])
        yield [
            f"<{head[-1:]}", f">{rest[:1]}", f"<{head[-2:]}", f">{rest[:2]}", f"<{head[-3:]}",
            f">{rest[:3]}",
            f"x{words[at - 1 : at + 1]}",
            f"x again={min(text.count(cross) - 1, _FEW)}",
            f"xx again={min(text.count(sentence[at - 2 : at + 2]) - 1, 1)}",
            f"at={min(at // _POSITION_STEP, _LAST_POSITION)},{is_first}",
            f"commas={min(head.count('，'), _FEW)},{is_first}",
            f"stops={min(head.count('；') + head.count('、'), 1)}",
            f"blank={' ' in head}",
            f"ends in pair={head[-1] in '”》）)！'}",
            f"open={head.count('“') != head.count('”')}",
            f"start={_start(after)},{is_first}",
            f"area={area.start() if area else '-'}",
            f"rest repeats head={after[:3] in sentence[: at - 1]}",
            f"rest opens elsewhere={min(text.count('。' + after[:2]), _FEW)}",
            f"shared={min(5 * shared[at] // at, 4)},{is_first}",
        ]  # fmt: skip


def _count_shared(sentence: str) -> list[int]:
    """For each place, the pairs of characters before it that stand behind it, too."""
    changes = [0] * (len(sentence) + 2)
    for i in range(min(len(sentence) - 1, MAX_HEAD_CHARS)):
        last = sentence.rfind(sentence[i : i + 2])
        if last > i + 1:
            changes[i + 2] += 1
            changes[last + 1] -= 1
    return list(accumulate(changes))


def _start(words: str) -> str:
    """How the start of words is told from that of a later clause, in whole logits."""
    odds = measure_start(words)
    return "-" if odds is None else str(round(odds))


@cache
def load_seams(path: Path = WEIGHTS) -> SeamFinder:
    """Read the weights: a feature and its weight a line."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:])
    return SeamFinder({name: float(weight) for name, weight in rows})
