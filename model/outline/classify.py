"""Kinds of lines by a small learned classifier: two softmax regressions over named features.

The first reads each line with its neighbours; the second reads the kinds as well that the first
gave to the lines around it. Weights are in `lines.tsv`, learned by `python -m
training.recipes.read_outline`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from model.arrays import FloatArray

WEIGHTS = Path(__file__).parent / "lines.tsv"
REACH = 2
SURE = 0.9


@dataclass(frozen=True)
class Stage:
    """One regression: `weights`, shape (features, kinds), with the row of each feature."""

    rows: dict[str, int]
    weights: FloatArray

    def score(self, features: Sequence[Sequence[str]]) -> FloatArray:
        """Return the probability of every kind for every line, shape (lines, kinds)."""
        logits = np.zeros((len(features), self.weights.shape[1]), np.float32)
        for i, names in enumerate(features):
            found = [self.rows[name] for name in names if name in self.rows]
            logits[i] = self.weights[found].sum(axis=0)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        scores: FloatArray = shares / shares.sum(axis=1, keepdims=True)
        return scores


@dataclass(frozen=True)
class LineClassifier:
    """Two stages and the kinds that they tell apart."""

    kinds: tuple[str, ...]
    first: Stage
    second: Stage

    def classify(self, features: Sequence[Sequence[str]]) -> tuple[list[str], FloatArray]:
        """Return the kind of every line and the probabilities, shape (lines, kinds)."""
        if not features:
            return [], np.zeros((0, len(self.kinds)), np.float32)
        before = self.first.score(features)
        scores = self.second.score(add_kinds(features, before, self.kinds))
        return [self.kinds[k] for k in scores.argmax(axis=1)], scores


def add_kinds(
    features: Sequence[Sequence[str]], scores: FloatArray, kinds: Sequence[str]
) -> list[list[str]]:
    """Add to each line's features the kinds that the first stage gave to it and those around."""
    best = [kinds[k] for k in scores.argmax(axis=1)]
    sure = scores.max(axis=1) > SURE
    padded = ["none"] * REACH + best + ["none"] * REACH
    added = []
    for i, names in enumerate(features):
        around = padded[i : i + 2 * REACH + 1]
        steps = zip(range(-REACH, REACH + 1), around, strict=True)
        steps = zip(range(-REACH, REACH + 1), around, strict=True)
        added.append([
            *names,
            *(f"kind{step}={kind}" for step, kind in steps),
            f"kind-1,0={around[1]},{around[2]}",
            f"kind0,1={around[2]},{around[3]}",
            f"kind-1,1={around[1]},{around[3]}",
            f"sure={best[i]},{sure[i]}",
        ])  # fmt: skip
    return added


@cache
def load_classifier(path: Path = WEIGHTS) -> LineClassifier:
    """Read the weights: a line of kinds, then stage, feature and a weight for each kind."""
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    stages: dict[str, tuple[dict[str, int], list[list[float]]]] = {"1": ({}, []), "2": ({}, [])}
    for row in rows:
        stage, name, *weights = row.split("\t")
        names, table = stages[stage]
        names[name] = len(table)
        table.append([float(w) for w in weights])
    first, second = (
        Stage(names, np.array(table, dtype=np.float32)) for names, table in stages.values()
    )
    return LineClassifier(tuple(head.split("\t")), first, second)
