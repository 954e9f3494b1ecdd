"""How much of a picked summary another one tells, measured without a reader.

A clause counts as told by the share of its pairs of characters that the other summary has: not at
all up to 0.4, wholly from 0.8 on. Clauses with a number count half as much again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_CLAUSE = re.compile(r"[^，；：。！？]+")
_PLAIN = re.compile(r"\W")
_DIGIT = re.compile(r"\d")
_LEAST, _WHOLE = 0.4, 0.8
_MIN_PAIRS = 3
_NUMBER_WEIGHT = 1.5


@dataclass(frozen=True)
class PickScore:
    """`recall`, what is told of the pick, `precision`, the share of pairs that are the pick's.

    `is_whole` says whether every clause of the pick is told for the most part.
    """

    recall: float
    precision: float
    is_whole: bool


def score_summary(summary: str, parts: Sequence[str]) -> PickScore:
    """Score a summary against the parts of a pick of the same article."""
    own = _pairs(summary)
    clauses = [clause for part in parts for clause in _CLAUSE.findall(part)]
    total = told = 0.0
    is_whole = True
    for clause in clauses:
        pairs = _pairs(clause)
        if len(pairs) < _MIN_PAIRS:
            continue
        weight = len(pairs) * (_NUMBER_WEIGHT if _DIGIT.search(clause) else 1)
        share = (len(pairs & own) / len(pairs) - _LEAST) / (_WHOLE - _LEAST)
        share = min(max(share, 0.0), 1.0)
        total += weight
        told += weight * share
        is_whole &= share > 1 / 2
    wanted = frozenset[str]().union(*map(_pairs, parts))
    return PickScore(told / max(total, 1), len(own & wanted) / max(len(own), 1), is_whole)


def _pairs(words: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(_PLAIN.sub("", words))))
