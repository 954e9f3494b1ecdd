"""Fitting log-linear choices over yes-or-no features (Berger and others, 1996)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from model.arrays import FloatArray, IntArray

_RATE = 0.5
# A choice: the features of each candidate, and whether it is right.
Example = Sequence[tuple[Collection[str], bool]]


@dataclass(frozen=True)
class LogLinearSettings:
    """How weights are fitted: penalty on squares, steps of AdaGrad.

    Features that fewer than `least_seen` candidates have are left out.
    """

    penalty: float = 0.001
    steps: int = 400
    least_seen: int = 4


def fit_weights(examples: Sequence[Example], settings: LogLinearSettings) -> dict[str, float]:
    """Return the weights that make right candidates likeliest, by feature.

    Args:
        examples: choices with one right candidate at least.
        settings: see `LogLinearSettings`.
    """
    seen = Counter(f for example in examples for features, _ in example for f in features)
    kept = sorted(f for f, n in seen.items() if n >= settings.least_seen)
    number = {feature: i for i, feature in enumerate(kept)}
    rows, owners, right = _flatten(examples, number)
    weights = np.zeros(len(number), dtype=np.float64)
    squares = np.full(len(number), 1e-8)
    for _ in range(settings.steps):
        gradient = rows.T @ _errors(rows @ weights, owners, right, len(examples))
        gradient = gradient / len(examples) + settings.penalty * weights
        squares += gradient**2
        weights -= _RATE * gradient / np.sqrt(squares)
    return {feature: float(weights[i]) for feature, i in number.items()}


def _flatten(
    examples: Sequence[Example], number: Mapping[str, int]
) -> tuple[sparse.csr_matrix, IntArray, FloatArray]:
    """All candidates in one matrix (candidates, features), whose each is, and which are right."""
    flat = [(n, *candidate) for n, example in enumerate(examples) for candidate in example]
    columns = [[number[f] for f in features if f in number] for _, features, _ in flat]
    ends = np.cumsum([0, *map(len, columns)])
    held = np.array([column for row in columns for column in row], dtype=np.int64)
    rows = sparse.csr_matrix((np.ones(len(held)), held, ends), shape=(len(flat), len(number)))
    owners = np.array([n for n, _, _ in flat])
    return rows, owners, np.array([is_right for _, _, is_right in flat], dtype=np.float64)


def _errors(scores: FloatArray, owners: IntArray, right: FloatArray, n: int) -> FloatArray:
    """Probability of each candidate less its share among the right ones."""
    likely = np.exp(scores - scores.max())
    correct = likely * right
    errors: FloatArray = (
        likely / np.bincount(owners, likely, n)[owners]
        - correct / np.bincount(owners, correct, n)[owners]
    )
    return errors


def write_weights(path: Path, columns: Mapping[str, Mapping[str, float]]) -> int:
    """Write a table for `model.log_linear.read_weights`; return the number of its features."""
    features = sorted({feature for weights in columns.values() for feature in weights})
    lines: Iterable[str] = (
        "\t".join((feature, *(f"{weights.get(feature, 0.0):.2f}" for weights in columns.values())))
        for feature in features
    )
    path.write_text("\n".join(("\t".join(("feature", *columns)), *lines)) + "\n", encoding="utf-8")
    return len(features)
