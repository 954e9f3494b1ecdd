"""Seams: where a headline, heading or caption ends that is glued to a sentence's start.

A text that lost its line breaks runs them together. Each place in the first characters of a
sentence is weighed by what stands around it; weights are in `seams.tsv`, learned from texts that
have their breaks by `python -m training.recipes.read_seams`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WEIGHTS = Path(__file__).with_name("seams.tsv")
MIN_HEAD_CHARS, MAX_HEAD_CHARS, MIN_REST_CHARS = 6, 60, 12
SURE = 0.9
LIKELY = 0.6  # enough where a sentence cannot stand as it is
_MAX_LEAD = 50.0  # in logits; beyond it nothing is left of the others
# A text with fewer breaks than one in so many characters has lost them.
_CHARS_PER_BREAK = 400
_NO_SEAM_BEFORE = frozenset("，。、：；！？）)”》…% ")
_NO_SEAM_BEHIND = frozenset("，、：；（(“《—")
_DIGIT = re.compile(r"\d")
_AREA = re.compile(r"[省市县区州旗镇乡]")
_AREA_REACH = 7
_POSITION_STEP, _LAST_POSITION = 4, 15
_FEW = 2


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
        places = list(list_places(sentence))
        if not places or not self.weights:
            return 0
        whole = self._score(describe_whole(sentence, is_first=is_first))
        scores = [self._score(describe(sentence, at, text, is_first=is_first)) for at in places]
        best = max(range(len(places)), key=scores.__getitem__)
        total = sum(math.exp(min(score - scores[best], _MAX_LEAD)) for score in (*scores, whole))
        return places[best] if 1 / total > least else 0

    def _score(self, features: Iterator[str]) -> float:
        return sum(self.weights.get(name, 0.0) for name in features)


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
    yield f"whole comma={min(sentence.find('，') // 4, 10)}"
    yield f"whole chars={min(len(sentence) // 20, 8)}"


def describe(sentence: str, at: int, text: str, *, is_first: bool) -> Iterator[str]:
    """Yield the features of a place in a sentence."""
    words = _DIGIT.sub("0", sentence[: at + 8])
    head, rest = words[:at], words[at:]
    for n in (1, 2, 3):
        yield f"<{head[-n:]}"
        yield f">{rest[:n]}"
    cross = sentence[at - 1 : at + 1]
    yield f"x{words[at - 1 : at + 1]}"
    yield f"x again={min(text.count(cross) - 1, _FEW)}"
    yield f"xx again={min(text.count(sentence[at - 2 : at + 2]) - 1, 1)}"
    yield f"at={min(at // _POSITION_STEP, _LAST_POSITION)},{is_first}"
    yield f"commas={min(head.count('，'), _FEW)},{is_first}"
    yield f"stops={min(head.count('；') + head.count('、'), 1)}"
    yield f"blank={' ' in head}"
    yield f"ends in pair={head[-1] in '”》）)！'}"
    yield f"open={head.count('“') != head.count('”')}"
    area = _AREA.search(rest[1:_AREA_REACH])
    yield f"area={area.start() if area else '-'}"
    yield f"rest repeats head={sentence[at : at + 3] in sentence[: at - 1]}"
    yield f"rest opens elsewhere={min(text.count('。' + sentence[at : at + 2]), _FEW)}"
    behind = sentence[at:]
    shared = sum(sentence[i : i + 2] in behind for i in range(at - 1))
    yield f"shared={min(5 * shared // at, 4)},{is_first}"


@cache
def load_seams(path: Path = WEIGHTS) -> SeamFinder:
    """Read the weights: a feature and its weight a line."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:])
    return SeamFinder({name: float(weight) for name, weight in rows})
