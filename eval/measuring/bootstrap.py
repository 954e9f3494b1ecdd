"""Bootstrap intervals, resampled by article (Efron, 1979)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from eval.measuring.measures import Measure
from eval.measuring.scoresheet import Scoresheet

N_RESAMPLES = 1000
LEVEL = 0.95
SEED = 7


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its 95% interval; NaN where it is undefined."""

    value: float
    low: float
    high: float


def draw_rows(n_rows: int, n_resamples: int = N_RESAMPLES) -> list[npt.NDArray[np.int64]]:
    """Return the rows of each resample; the seed is fixed."""
    random = np.random.default_rng(SEED)
    return [random.integers(0, n_rows, n_rows) for _ in range(n_resamples)]


def estimate(
    sheet: Scoresheet, measures: tuple[Measure, ...], n_resamples: int = N_RESAMPLES
) -> dict[str, Estimate]:
    """Return every measure of a sheet with its interval, by key."""
    samples = [sheet.take(rows) for rows in draw_rows(len(sheet), n_resamples)]
    return {m.key: _interval(m.of(sheet), [m.of(s) for s in samples]) for m in measures}


def estimate_difference(
    old: Scoresheet, new: Scoresheet, measures: tuple[Measure, ...], n_resamples: int = N_RESAMPLES
) -> dict[str, Estimate]:
    """Return new minus old with its interval, from the same resamples of both.

    Raises:
        ValueError: the sheets are of different articles.
    """
    if len(old) != len(new) or not (old.expected == new.expected).all():
        raise ValueError("the two sheets must be of the same articles in the same order")
    pairs = [(old.take(rows), new.take(rows)) for rows in draw_rows(len(old), n_resamples)]
    return {
        m.key: _interval(m.of(new) - m.of(old), [m.of(b) - m.of(a) for a, b in pairs])
        for m in measures
    }


def _interval(value: float, samples: list[float]) -> Estimate:
    known = np.array(samples)[~np.isnan(samples)]
    if not known.size:
        return Estimate(value, float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Estimate(value, float(low), float(high))
