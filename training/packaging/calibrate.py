"""Calibration on held-out articles: probabilities, thresholds and review bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from data.themes import ThemeEntry
from model.arrays import BoolArray, FloatArray
from model.manifest import ThemeSetting
from model.theme_scoring import calibrate
from training.settings import Settings

# Held-out articles are few: a prior keeps slope near 1 and bias near 0, as strongly as this number
# of articles would.
PRIOR_STRENGTH = 2.0
# Bounds of thresholds.
THRESHOLD_RANGE = (0.35, 0.65)
# Weight of the precision over all themes in a theme's own, in labels.
POOLED_LABELS = 10.0
# Largest distance of a band's lower end below the threshold.
DEEPEST_BAND = 0.15
_STEP = 0.01
_HIGHEST = 0.99


@dataclass(frozen=True)
class HeldOut:
    """Held-out articles, on which thresholds are chosen.

    `logits` are pooled, shape (articles, themes); `labels`, the same shape, are 1, 0, or any other
    value for an unknown label.
    """

    logits: FloatArray
    labels: FloatArray

    @property
    def known(self) -> BoolArray:
        """Whether each label is known, shape (articles, themes)."""
        known: BoolArray = (self.labels == 0) | (self.labels == 1)
        return known


def fit_settings(
    themes: Sequence[ThemeEntry], held_out: HeldOut, settings: Settings
) -> tuple[ThemeSetting, ...]:
    """Fit every theme's calibration, threshold and review band.

    A band reaches up from the threshold until the expected precision above it is at least
    `settings.review_precision`. If fewer than `settings.review_share` of the articles are in review
    then, all bands reach down as far as that share allows, to themes that may have been missed.
    """
    fitted = [
        _fit_theme(theme, held_out.logits[:, i], held_out.labels[:, i], held_out.known[:, i])
        for i, theme in enumerate(themes)
    ]
    scores = to_scores(held_out.logits, fitted)
    thresholds = np.array([s.threshold for s in fitted])
    tops = _band_tops(scores, held_out.known, thresholds, settings.review_precision)
    depth = _band_depth(scores, thresholds, tops, settings.review_share)
    return tuple(
        ThemeSetting(s.key, s.name, s.slope, s.bias, s.threshold, (_near(s.threshold - depth), top))
        for s, top in zip(fitted, map(_near, tops), strict=True)
    )


def to_scores(logits: FloatArray, themes: Sequence[ThemeSetting]) -> FloatArray:
    """Turn pooled logits (articles, themes) into calibrated scores."""
    return np.array(
        [[calibrate(float(x), s) for x, s in zip(row, themes, strict=True)] for row in logits]
    )


def measure_review(
    themes: Sequence[ThemeSetting], held_out: HeldOut, settings: Settings
) -> dict[str, Any]:
    """Return the promised precision, and the bands' results on the articles they were chosen on.

    `precision` is None if no theme is accepted outside its band.
    """
    scores = to_scores(held_out.logits, themes)
    accepted = scores >= [s.threshold for s in themes]
    review = in_review(scores, themes)
    outside = accepted & held_out.known & ~review
    hits, n = int((outside & (held_out.labels == 1)).sum()), int(outside.sum())
    return {
        "promised_precision": settings.review_precision,
        "precision": hits / n if n else None,
        "accepted_outside": n,
        "articles_in_review": float(review.any(axis=1).mean()),
        "articles": len(scores),
    }


def in_review(scores: FloatArray, themes: Sequence[ThemeSetting]) -> BoolArray:
    """Return whether each score (articles, themes) is inside its theme's review band."""
    return _inside(scores, *np.array([s.review for s in themes]).T)


def calibrated_loss(held_out: HeldOut) -> float:
    """Return the mean loss (nats a label) with every theme's logits calibrated on themselves.

    It measures ranking more finely than average precision does, and ignores overconfidence, which
    calibration removes.
    """
    losses = []
    for i in range(held_out.logits.shape[1]):
        known = held_out.known[:, i]
        logits = held_out.logits[known, i].astype(np.float64)
        labels = held_out.labels[known, i].astype(np.float64)
        slope, bias = _fit_platt(logits, labels)
        scaled = slope * logits + bias
        losses.append((np.logaddexp(0, scaled) - labels * scaled).mean())
    return float(np.mean(losses))


def _fit_theme(
    theme: ThemeEntry, logits: FloatArray, labels: FloatArray, known: BoolArray
) -> ThemeSetting:
    logits, labels = logits[known].astype(np.float64), labels[known].astype(np.float64)
    slope, bias = (round(x, 6) for x in _fit_platt(logits, labels))
    threshold = _near(_best_threshold(1 / (1 + np.exp(-(slope * logits + bias))), labels))
    return ThemeSetting(theme.key, theme.name, slope, bias, threshold, (threshold, threshold))


def _fit_platt(logits: FloatArray, labels: FloatArray) -> tuple[float, float]:
    """Platt scaling with a normal prior around the identity."""

    def loss(parameters: FloatArray) -> float:
        slope, bias = parameters
        scaled = slope * logits + bias
        likelihood = np.logaddexp(0, scaled) - labels * scaled
        prior = PRIOR_STRENGTH * ((slope - 1) ** 2 + 0.25 * bias**2)
        return float(likelihood.sum() + prior)

    slope, bias = minimize(loss, np.array([1.0, 0.0]), method="L-BFGS-B").x
    return float(max(slope, 0.1)), float(bias)


def _best_threshold(probabilities: FloatArray, labels: FloatArray) -> float:
    """Return, of the thresholds of highest F1, the one nearest to one half."""
    grid = np.arange(THRESHOLD_RANGE[0], THRESHOLD_RANGE[1] + 1e-9, _STEP)
    scores = np.array([_f1(probabilities >= t, labels) for t in grid])
    best = grid[scores >= scores.max() - 1e-9]
    return float(best[np.abs(best - 0.5).argmin()])


def _band_tops(
    scores: FloatArray, known: BoolArray, thresholds: FloatArray, promise: float
) -> FloatArray:
    """Return, for each theme, the lowest score above which the expected precision is as promised.

    Expected precision is the mean calibrated score: with some ten positives a theme, the counted
    share above a cut overestimates it (measured: see `training/EXPERIMENTS.md`).
    """
    tops = np.array(thresholds, dtype=np.float64)
    for i, threshold in enumerate(thresholds):
        for cut in np.arange(threshold, _HIGHEST + 1e-9, _STEP):
            tops[i] = cut
            above = known & (scores > np.maximum(cut, thresholds))
            own = scores[above[:, i], i]
            pooled = scores[above].mean() if above.any() else 1.0
            if (own.sum() + POOLED_LABELS * pooled) / (len(own) + POOLED_LABELS) >= promise:
                break
    return tops


def _band_depth(
    scores: FloatArray, thresholds: FloatArray, tops: FloatArray, share: float
) -> float:
    """Return how far below the thresholds the bands may reach; 0 for not at all."""
    depths = np.arange(_STEP, DEEPEST_BAND + 1e-9, _STEP)
    fitting = [d for d in depths if _inside(scores, thresholds - d, tops).any(1).mean() <= share]
    return float(max(fitting, default=0.0))


def _inside(scores: FloatArray, low: FloatArray, high: FloatArray) -> BoolArray:
    inside: BoolArray = (scores >= low) & (scores <= high)
    return inside


def _near(score: float) -> float:
    return round(float(score), 4)


def _f1(accepted: BoolArray, labels: FloatArray) -> float:
    hits = float((accepted & (labels == 1)).sum())
    return 2 * hits / max(float(accepted.sum() + (labels == 1).sum()), 1.0)
