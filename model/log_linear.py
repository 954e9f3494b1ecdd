"""Log-linear choices: weights of yes-or-no features, in tables that `training` writes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from model.word_lists import read_table

Candidate = TypeVar("Candidate")


class Weights(dict[str, float]):
    """Weights of features; one that was never seen weighs nothing."""

    def __missing__(self, feature: str) -> float:
        return 0.0


def read_weights(path: Path, column: str) -> Weights:
    """Read one column of a table whose rows are features."""
    return Weights({row["feature"]: float(row[column]) for row in read_table(path)})


def choose(candidates: Mapping[Candidate, Iterable[str]], weights: Weights) -> Candidate:
    """Return the candidate whose features weigh most; there is one at least."""
    scores = _add_up(candidates, weights)
    return max(scores, key=scores.__getitem__)


def weigh(
    candidates: Mapping[Candidate, Iterable[str]], weights: Weights
) -> dict[Candidate, float]:
    """Return the probability of each candidate; there is one at least."""
    scores = _add_up(candidates, weights)
    highest = max(scores.values())
    likely = {one: math.exp(score - highest) for one, score in scores.items()}
    total = sum(likely.values())
    return {one: share / total for one, share in likely.items()}


def _add_up(
    candidates: Mapping[Candidate, Iterable[str]], weights: Weights
) -> dict[Candidate, float]:
    """Add up exactly: a set gives its features in another order in every process."""
    return {one: math.fsum(map(weights.__getitem__, had)) for one, had in candidates.items()}
