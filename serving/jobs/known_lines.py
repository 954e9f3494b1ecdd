"""`KnownFeed`: articles of a batch with the reports that another server made before it was lost.

They are not analysed again. Where the files are read otherwise than they were then (a file that
took too long to read, for instance), the lines from there on are dropped and made anew.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine

from data.readers import Problem
from serving.archive.feed.events import ArticleFeed, FeedEvent, FeedItem
from serving.jobs.leases import Lease, cut_lines
from serving.jobs.shared_batches import read_lines


@dataclass(frozen=True)
class KnownFeed:
    """A feed whose first articles have their reports.

    Attributes:
        feed: what reads the articles.
        store: where the lines are.
        lease: of the batch.
        is_same: whether the lines were made by this model and code, so that their reports hold.
    """

    feed: ArticleFeed
    store: Engine
    lease: Lease
    is_same: bool

    def read(self, first: int, n_known: int) -> Generator[FeedEvent, None, None]:
        """Read from the file of this number on; a batch is read from its first."""
        lines = self._read_lines()
        number = 0
        for event in self.feed.read(first, n_known):
            line = next(lines, None) if isinstance(event, FeedItem) else None
            if line is None or not isinstance(event, FeedItem):
                yield event
                continue
            if not _is_of(line, event):
                cut_lines(self.store, self.lease, number)
                lines = iter(())
                yield event
                continue
            number += 1
            report = _report_of(line) if self.is_same else None
            yield event if isinstance(event.item, Problem) else replace(event, report=report)

    def _read_lines(self) -> Iterator[dict[str, Any]]:
        number = 0
        while block := read_lines(self.store, self.lease.batch, number):
            number += len(block)
            yield from map(json.loads, block)


def _is_of(line: dict[str, Any], event: FeedItem) -> bool:
    item = event.item
    return bool(line["id"] == item.id and line["source"] == (item.source or None))


def _report_of(line: dict[str, Any]) -> dict[str, Any] | str | None:
    """Return the report of a line; None for a repost, whose warnings speak of another article."""
    if "error" in line:
        return str(line["error"])
    cluster = line.pop("cluster")
    return line if cluster == line["id"] else None
