"""Tagging: a stream of inputs to a stream of results, in order, bad inputs included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.readers import Item, Problem
from model import Analyzer, Article, Report
from serving.writers import Writer

# Articles waiting for the encoder; problems between them keep their place.
QUEUE_ARTICLES = 16


@dataclass
class Tally:
    """Counts of a run."""

    n_tagged: int = 0
    n_failed: int = 0


def tag(items: Iterator[Item], analyzer: Analyzer) -> Iterator[Report | Problem]:
    """Analyse articles and pass problems through, everything in input order."""
    queue: list[Item] = []
    for item in items:
        queue.append(item)
        if len(queue) >= QUEUE_ARTICLES:
            yield from _drain(queue, analyzer)
            queue = []
    yield from _drain(queue, analyzer)


def write_all(results: Iterator[Report | Problem], writer: Writer) -> Iterator[Tally]:
    """Write results as they come; yield the counts after each."""
    tally = Tally()
    for result in results:
        writer.write(result)
        if isinstance(result, Problem):
            tally.n_failed += 1
        else:
            tally.n_tagged += 1
        yield tally


def _drain(queue: list[Item], analyzer: Analyzer) -> Iterator[Report | Problem]:
    reports = analyzer.analyze_many(item for item in queue if isinstance(item, Article))
    for item in queue:
        yield item if isinstance(item, Problem) else next(reports)
