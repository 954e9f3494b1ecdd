"""Timing: rates over at least a second of work, and percentiles of single calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import numpy as np

MIN_SECONDS = 1.0


@dataclass(frozen=True)
class Rate:
    """Articles and characters a second over a run of some seconds."""

    n_articles: int
    n_chars: int
    seconds: float

    @property
    def articles_per_s(self) -> float:
        """Articles a second."""
        return self.n_articles / self.seconds

    @property
    def chars_per_s(self) -> float:
        """Characters a second."""
        return self.n_chars / self.seconds


def time_texts(run: Callable[[str], object], texts: Sequence[str], n_threads: int = 1) -> Rate:
    """Process every text, `n_threads` at a time, and repeat until `MIN_SECONDS` have passed.

    Each thread processes one text beforehand, to warm up.
    """
    n_rounds = 0
    with ThreadPoolExecutor(n_threads) as pool:
        run_each = partial(pool.map if n_threads > 1 else map, run)
        list(run_each([texts[0]] * n_threads))
        start = perf_counter()
        while perf_counter() - start < MIN_SECONDS or not n_rounds:
            list(run_each(texts))
            n_rounds += 1
        seconds = perf_counter() - start
    return Rate(n_rounds * len(texts), n_rounds * sum(map(len, texts)), seconds)


def time_calls(run: Callable[[], object], n_calls: int) -> tuple[float, float]:
    """Return the median and the 95th percentile, in milliseconds, of single calls."""
    run()
    times = []
    for _ in range(n_calls):
        start = perf_counter()
        run()
        times.append(1000 * (perf_counter() - start))
    return float(np.median(times)), float(np.quantile(times, 0.95))
