"""`ArticleFeed` and what it yields."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Protocol

from data.readers import Item, Problem
from serving.archive.ledger.entries import FileMark
from serving.archive.reposts import Signature


@dataclass(frozen=True)
class FeedItem:
    """An article or problem, with its signature and its report where the feed made them.

    `is_known` if they were not asked for, since an earlier run has read the article.
    """

    item: Item
    signature: Signature | None = None
    report: dict[str, Any] | str | None = None
    is_known: bool = False


@dataclass(frozen=True)
class FileEnd:
    """The end of the file of this number; `abandoned` is why the rest was not read, if so."""

    number: int
    mark: FileMark
    abandoned: Problem | None = None
    is_changed: bool = False


FeedEvent = FeedItem | FileEnd


class ArticleFeed(Protocol):
    """The articles of many files in order."""

    def read(self, first: int, n_known: int) -> Generator[FeedEvent, None, None]:
        """Read from the file of this number on; `n_known` articles of it were read before."""
