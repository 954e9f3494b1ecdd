"""What a ledger keeps: a line of the output, a file that was read, the counts of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class LedgerEntry:
    """What the output says of one article or problem.

    `digest` is the hash of the input; `item` is its own part of the line and `report` the key of
    the rest, None for a problem. `head` is the position of the first article with the same story,
    its own if it is the first, which alone is compared by `bands` and `signature`.
    """

    digest: bytes
    item: Record
    report: bytes | None
    head: int | None = None
    bands: tuple[int, ...] = ()
    signature: bytes | None = None


@dataclass(frozen=True)
class StoryHead:
    """The first article of a story."""

    position: int
    id: str | int
    report: bytes


@dataclass(frozen=True)
class FileMark:
    """A file as it was when read; `size` and `mtime_ns` are None if that cannot be relied on."""

    path: str
    id: str
    size: int | None
    mtime_ns: int | None


@dataclass(frozen=True)
class AbandonedFile:
    """A file whose reading was given up after `n_before` of its articles, for a reason."""

    mark: FileMark
    n_before: int
    message: str


@dataclass(frozen=True)
class LineCounts:
    """What the output holds: lines with a report, those that repeat a story, those that failed."""

    n_tagged: int
    n_reposts: int
    n_failed: int


def compose(item: Record, report: Record | str | None) -> Record:
    """Join an article's own part of a line with its report, or with the reason why it has none."""
    if report is None:
        return item
    if isinstance(report, str):
        return {"id": item["id"], "source": item["source"], "error": report}
    warnings = [*report["warnings"], *item["warnings"]]
    own = {"id": item["id"], "source": item["source"]}
    return own | report | {"warnings": warnings, "cluster": item["cluster"]}
