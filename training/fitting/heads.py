"""Heads alone: linear heads fitted on the segment vectors of a frozen encoder, in seconds.

The encoder stays as it is, so nothing that it knows can be forgotten; what a head says of its
theme moves no further from what it said than the new labels pull it.
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
    def join(cls, read: Sequence[SegmentVectors], targets: Sequence[Targets]) -> HeadData:
        """Lay articles end to end."""
        lengths = [len(one.vectors) for one in read]
        return cls(
            np.concatenate([one.vectors for one in read]),
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
        """Return some of the articles."""
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
    """Fit the head of one theme by L-BFGS on all articles at once: the same bits every time.

    Args:
        data: what to learn from.
        theme: the theme's column.
        start: where to start from, and what the head is held to (`settings.head_prior`).
        settings: see `Settings`.
        weights: how much each article counts, shape (articles,); by default alike.
    """
    problem = _Problem(data, theme, start, settings, weights)
    losses: list[float] = []

    def note(intermediate_result: OptimizeResult) -> None:
        losses.append(float(intermediate_result.fun))

    # Two threads on busy cores wait for each other: a thousand times slower, measured.
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
        moved[-1] = 0  # the bias is free
        gradient = np.append(data.vectors.T @ slopes.astype(np.float32), slopes.sum())
        loss = by_article + by_segment + self._prior * float(moved @ moved)
        return loss, gradient + 2 * self._prior * moved


@dataclass(frozen=True)
class _Labels:
    """Targets with weights, 0 where nobody said; positives weigh together as `balance` says."""

    targets: FloatArray
    weights: FloatArray

    @classmethod
    def of(cls, targets: FloatArray, each: FloatArray, settings: Settings) -> _Labels:
        """Weigh labels so that all negatives together count 1, all positives as much."""
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
