"""Calibration on held-out articles: probabilities, thresholds and review bands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from data.themes import ThemeEntry
from model.manifest import ThemeSetting

FloatArray = npt.NDArray[np.floating]

# Held-out articles are few: the prior keeps slope near 1 and bias near 0, as strong as this
# many articles would be.
PRIOR_STRENGTH = 2.0
# Thresholds move away from one half only as far as these bounds.
THRESHOLD_RANGE = (0.35, 0.65)
REVIEW_MARGIN = 0.15


def fit_setting(theme: ThemeEntry, logits: FloatArray, labels: FloatArray) -> ThemeSetting:
    """Fit one theme's calibration and threshold.

    Args:
        theme: the theme.
        logits: pooled logits, shape (articles,).
        labels: 1, 0, or anything else for articles that do not count, shape (articles,).
    """
    known = (labels == 0) | (labels == 1)
    logits, labels = logits.astype(np.float64), labels.astype(np.float64)
    slope, bias = _fit_platt(logits[known], labels[known])
    probabilities = 1 / (1 + np.exp(-(slope * logits[known] + bias)))
    threshold = _best_threshold(probabilities, labels[known])
    return ThemeSetting(
        key=theme.key,
        name=theme.name,
        slope=round(slope, 6),
        bias=round(bias, 6),
        threshold=round(threshold, 4),
        review=(round(threshold - REVIEW_MARGIN, 4), round(threshold + REVIEW_MARGIN, 4)),
    )


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
    """Return the middle of the stretch of thresholds with the best F1."""
    grid = np.arange(THRESHOLD_RANGE[0], THRESHOLD_RANGE[1] + 1e-9, 0.01)
    scores = np.array([_f1(probabilities >= t, labels) for t in grid])
    best = grid[scores >= scores.max() - 1e-9]
    return float(best[np.abs(best - 0.5).argmin()])


def _f1(accepted: npt.NDArray[np.bool_], labels: FloatArray) -> float:
    hits = float((accepted & (labels == 1)).sum())
    return 2 * hits / max(float(accepted.sum() + (labels == 1).sum()), 1.0)
