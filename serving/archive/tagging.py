"""Tagging: a stream of inputs to a stream of results, in order, bad inputs included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from data.readers import Item, Problem
from model import Report
from serving.archive.analysing import Analyses
from serving.output.writers import Writer, to_record


@dataclass
class Tally:
    """Counts of a run."""

    n_tagged: int = 0
    n_failed: int = 0


def tag(items: Iterable[Item], analyses: Analyses) -> Iterator[Report | Problem]:
    """Analyse articles and pass problems through, everything in input order."""
    for item in items:
        if isinstance(item, Problem):
            yield item
        else:
            yield analyses.analyze(item)


def write_all(results: Iterator[Report | Problem], writer: Writer) -> Iterator[Tally]:
    """Write results as they come; yield the counts after each."""
    tally = Tally()
    for result in results:
        writer.write(to_record(result))
        if isinstance(result, Problem):
            tally.n_failed += 1
        else:
            tally.n_tagged += 1
        yield tally
