"""Heads alone: linear heads fitted on the segment vectors of a frozen encoder, in seconds.

The encoder is frozen, so it forgets nothing; a prior keeps each head near its old weights unless
the new labels pull it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import OptimizeResult, minimize
from threadpoolctl import threadpool_limits

from model.arrays import FloatArray, IntArray
from training.fitting.examples import UNKNOWN, Targets
from training.fitting.vectors import SegmentVectors
from training.settings import Settings

MAX_ITERATIONS = 200


@dataclass(frozen=True)
class Head:
    """A theme's weights (hidden,) and bias."""

    weights: FloatArray
    bias: float


@dataclass(frozen=True)
class HeadData:
    """Articles as their segments' vectors (segments, hidden) and targets, end to end.

    `starts` (articles,) is each article's first segment. Targets are those of `Targets`.
    """

    vectors: FloatArray
    starts: IntArray
    segment_themes: FloatArray
    article_themes: FloatArray

    @classmethod
    def join(cls, encoded: Sequence[SegmentVectors], targets: Sequence[Targets]) -> HeadData:
        """Lay articles end to end."""
        lengths = [len(one.vectors) for one in encoded]
        return cls(
            np.concatenate([one.vectors for one in encoded]),
            np.cumsum([0, *lengths[:-1]]),
            np.concatenate([t.segment_themes for t in targets]),
            np.stack([t.article_themes for t in targets]),
        )

    @property
    def n_articles(self) -> int:
        """Number of articles."""
        return len(self.starts)

    @property
    def lengths(self) -> IntArray:
        """Number of each article's segments, shape (articles,)."""
        return np.diff(np.append(self.starts, len(self.vectors)))

    def pick(self, articles: Sequence[int] | IntArray) -> HeadData:
        """Return the data of some articles."""
        lengths = self.lengths[articles]
        firsts = self.starts[articles]
        rows = np.concatenate([np.arange(a, a + n) for a, n in zip(firsts, lengths, strict=True)])
        starts = np.cumsum([0, *lengths[:-1]])
        return HeadData(
            self.vectors[rows], starts, self.segment_themes[rows], self.article_themes[articles]
        )

    def pool(self, head: Head) -> FloatArray:
        """Return articles' logits, pooled by log-sum-exp, shape (articles,)."""
        pooled: FloatArray = np.logaddexp.reduceat(self._logits(head), self.starts)
        return pooled

    def _logits(self, head: Head) -> FloatArray:
        logits: FloatArray = self.vectors @ head.weights.astype(np.float32) + head.bias
        return logits.astype(np.float64)


@dataclass(frozen=True)
class FittedHead:
    """A head, and the loss after each step of its fit."""

    head: Head
    losses: tuple[float, ...]


def fit_head(
    data: HeadData, theme: int, start: Head, settings: Settings, weights: FloatArray | None = None
) -> FittedHead:
    """Fit the head of one theme by L-BFGS on all articles at once; deterministic.

    Args:
        data: articles to learn from.
        theme: the theme's column.
        start: initial head, and centre of the prior (`settings.head_prior`).
        settings: see `Settings`.
        weights: weight of each article, shape (articles,); by default 1.
    """
    problem = _Problem(data, theme, start, settings, weights)
    losses: list[float] = []

    def note(intermediate_result: OptimizeResult) -> None:
        losses.append(float(intermediate_result.fun))

    # On busy cores two BLAS threads wait for each other: measured a thousand times slower.
    with threadpool_limits(1):
        found = minimize(
            problem.loss, problem.to_point(start), jac=True, method="L-BFGS-B", callback=note,
            options={"maxiter": MAX_ITERATIONS},
        )  # fmt: skip
    return FittedHead(Head(found.x[:-1], float(found.x[-1])), tuple(losses))


class _Problem:
    """The loss of one head and its gradient, at a point (weights, bias)."""

    def __init__(
        self,
        data: HeadData,
        theme: int,
        start: Head,
        settings: Settings,
        weights: FloatArray | None,
    ) -> None:
        self._data = data
        self._start = self.to_point(start)
        self._prior = settings.head_prior
        each = np.ones(data.n_articles) if weights is None else weights
        self._of_article = np.repeat(np.arange(data.n_articles), data.lengths)
        self._article = _Labels.of(data.article_themes[:, theme], each, settings)
        self._segment = _Labels.of(
            data.segment_themes[:, theme], each[self._of_article], settings
        ).scale(settings.sentence_weight)

    @staticmethod
    def to_point(head: Head) -> FloatArray:
        return np.append(head.weights, head.bias).astype(np.float64)

    def loss(self, point: FloatArray) -> tuple[float, FloatArray]:
        data = self._data
        logits = data._logits(Head(point[:-1], point[-1]))
        pooled = np.logaddexp.reduceat(logits, data.starts)
        by_article, to_article = self._article.loss(pooled)
        by_segment, to_segment = self._segment.loss(logits)
        shares = np.exp(logits - pooled[self._of_article])
        slopes = to_segment + to_article[self._of_article] * shares
        moved = point - self._start
        moved[-1] = 0  # no prior on the bias
        gradient = np.append(data.vectors.T @ slopes.astype(np.float32), slopes.sum())
        loss = by_article + by_segment + self._prior * float(moved @ moved)
        return loss, gradient + 2 * self._prior * moved


@dataclass(frozen=True)
class _Labels:
    """Targets with weights, 0 for unknown; positives and negatives weigh the same in total."""

    targets: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, targets: FloatArray, each: FloatArray, settings: Settings) -> _Labels:
        """Weigh labels so that negatives' weights sum to 1, and positives' weights too."""
        weights = np.where(targets == UNKNOWN, 0.0, each)
        weights[(targets > 0) & (targets < 1)] *= settings.borderline_weight
        for part in (targets == 0, targets > 0):
            weights[part] /= max(float(weights[part].sum()), 1e-9)
        return cls(np.clip(targets, 0, 1).astype(np.float64), weights)

    def scale(self, weight: float) -> _Labels:
        return replace(self, weights=weight * self.weights)

    def loss(self, logits: FloatArray) -> tuple[float, FloatArray]:
        """Return cross-entropy and its slope at each logit."""
        losses = np.logaddexp(0, logits) - self.targets * logits
        slopes = self.weights * (1 / (1 + np.exp(-logits)) - self.targets)
        return float(self.weights @ losses), slopes
