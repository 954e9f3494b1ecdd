"""A stream of inputs to a stream of results, in order, bad inputs included: nothing to resume."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data.readers import Item, Problem
from model import Report
from serving.archive.analysis_queue import ArticleAnalyzer
from serving.output.writer import Writer
from serving.output.writers import to_record


@dataclass
class StreamCounts:
    """How many results were written, with a report and without."""

    n_tagged: int = 0
    n_failed: int = 0


def analyze_all(items: Iterable[Item], analyzer: ArticleAnalyzer) -> Iterator[Report | Problem]:
    """Analyse articles and pass problems through, everything in input order."""
    for item in items:
        if isinstance(item, Problem):
            yield item
        else:
            yield analyzer.analyze(item)


def write_all(results: Iterator[Report | Problem], writer: Writer) -> Iterator[StreamCounts]:
    """Write results as they come; yield the counts after each."""
    counts = StreamCounts()
    for result in results:
        writer.write(to_record(result))
        if isinstance(result, Problem):
            counts.n_failed += 1
        else:
            counts.n_tagged += 1
        yield counts
