"""How likely two articles tell of one event: logistic regression over a handful of features.

The weights in `likeness.json` are fitted by `python -m eval.events --fit` on pairs that people
labelled; the features count what two reports of one event share though they word it differently.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.events.rarity import Hashes
from data.events.sketch import TOPIC_PAIRS, Sketch

WEIGHTS_FILE = Path(__file__).with_name("likeness.json")
FEATURES = ("gap", "numbers", "topic", "names", "other_days", "wording", "template")
# Gap of two articles of which one has no date, in days.
_USUAL_GAP_DAYS = 2
_MAX_GAP_DAYS = 60
# Two articles with few numbers share them by chance: as if 0.6 of 2 more were shared.
_PRIOR_SHARED, _PRIOR_NUMBERS = 0.6, 2
_MANY_NUMBERS = 3


@dataclass(frozen=True)
class Weights:
    """The fitted model: a weight for each of `FEATURES`, and the intercept."""

    features: Mapping[str, float]
    intercept: float


def compare(one: Sketch, other: Sketch) -> npt.NDArray[np.float64]:
    """Return the features of two articles, shape [7], in the order of `FEATURES`.

    `template` is high where wording is shared but numbers are not: a notice that comes every day.
    """
    shared_numbers = len(one.numbers & other.numbers)
    n_numbers = min(len(one.numbers), len(other.numbers))
    topics = _count(one.topic, other.pairs) + _count(other.topic, one.pairs)
    n_names = min(len(one.names), len(other.names))
    has_days = bool(one.days) and bool(other.days)
    wording = contained(one, other)
    numbers = (shared_numbers + _PRIOR_SHARED) / (n_numbers + _PRIOR_NUMBERS)
    return np.array(
        (
            math.log1p(_gap_days(one, other)),
            numbers,
            topics / (2 * TOPIC_PAIRS),
            len(one.names & other.names) / max(1, n_names),
            float(has_days and not one.days & other.days),
            wording,
            wording * (1 - numbers) if n_numbers >= _MANY_NUMBERS else 0.0,
        )
    )


def contained(one: Sketch, other: Sketch) -> float:
    """Return the share of the shorter one's shingles that the longer has, 0 to 1."""
    n = min(len(one.shingles), len(other.shingles))
    return _count(one.shingles, other.shingles) / max(1, n)


def is_one_event(one: Sketch, other: Sketch) -> float:
    """Return the probability that two articles tell of one event."""
    weights = load_weights()
    score = weights.intercept + sum(
        weights.features[name] * float(value)
        for name, value in zip(FEATURES, compare(one, other), strict=True)
    )
    return 1 / (1 + math.exp(-score))


@cache
def load_weights() -> Weights:
    """Return the weights that ship."""
    row = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    return Weights(row["features"], row["intercept"])


def _gap_days(one: Sketch, other: Sketch) -> int:
    if one.day is None or other.day is None:
        return _USUAL_GAP_DAYS
    return min(abs((one.day - other.day).days), _MAX_GAP_DAYS)


def _count(some: Hashes, others: Hashes) -> int:
    return int(np.isin(some, others, assume_unique=True).sum())
