"""Timing: how long calls take, each measured until it has run long enough to be believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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


def time_texts(run: Callable[[str], object], texts: Sequence[str]) -> Rate:
    """Run every text once after one to warm up, and again until a second has passed."""
    run(texts[0])
    n_rounds, start = 0, perf_counter()
    while (seconds := perf_counter() - start) < MIN_SECONDS or not n_rounds:
        for text in texts:
            run(text)
        n_rounds += 1
    seconds = perf_counter() - start
    return Rate(n_rounds * len(texts), n_rounds * sum(map(len, texts)), seconds)


def time_together(run: Callable[[str], object], texts: Sequence[str], n_threads: int) -> Rate:
    """Run every text once, several at a time, after one to warm up each thread."""
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(run, [texts[0]] * n_threads))
        start = perf_counter()
        list(pool.map(run, texts))
        seconds = perf_counter() - start
    return Rate(len(texts), sum(map(len, texts)), seconds)


def time_calls(run: Callable[[], object], n_calls: int) -> tuple[float, float]:
    """Return the median and the 95th percentile, in milliseconds, of single calls."""
    run()
    times = []
    for _ in range(n_calls):
        start = perf_counter()
        run()
        times.append(1000 * (perf_counter() - start))
    return float(np.median(times)), float(np.quantile(times, 0.95))
