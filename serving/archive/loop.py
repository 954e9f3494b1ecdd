"""`RunLoop`: takes what a feed reads, and writes reports to the output and the ledger in step."""

from __future__ import annotations

import hashlib
import json
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

from data.readers import Item, Problem
from model import Article
from serving.archive.analysis_queue import AnalysisQueue
from serving.archive.feed.events import FeedEvent, FeedItem, FileEnd
from serving.archive.feed.sources import Source, count_articles
from serving.archive.ledger.entries import AbandonedFile, LedgerEntry, Record, compose
from serving.archive.ledger.ledger import Ledger
from serving.archive.outputs import Output
from serving.archive.reposts import compare_figures, find_head, sign
from serving.archive.set_aside import output_message
from serving.archive.task import ArchiveTask
from serving.output.writers import to_record

COMMIT_EVERY = 200
# What is being read ahead of the output: enough for every core while one has a long article, and
# no more lines than that while all wait for one that hangs.
AHEAD_CHARS = 32_000
AHEAD_LINES = 64


@dataclass(frozen=True)
class Progress:
    """How far a run is; `n_expected` is None where only reading would show it."""

    n_done: int
    n_failed: int
    n_expected: int | None


@dataclass(frozen=True)
class _Pending:
    """An article or problem on its way to the output; `is_new` if its report is being made."""

    feed_item: FeedItem
    digest: bytes
    key: bytes | None = None
    is_new: bool = False


class RunLoop:
    """The state of a run: it follows the ledger as long as the input is what it was."""

    def __init__(
        self, task: ArchiveTask, ledger: Ledger, output: Output, queue: AnalysisQueue
    ) -> None:
        self._task = task
        self._ledger = ledger
        self._output = output
        self._analyses = queue
        self._queue: deque[_Pending | FileEnd] = deque()
        self._new: set[bytes] = set()
        self._position = 0
        self._file_start = 0
        self._n_known = ledger.n_entries
        self._n_failed = 0
        self._committed_at = time.monotonic()
        self.n_new = 0
        self.changed_files: list[str] = []

    def do(
        self, sources: list[Source], show: Callable[[Progress], None], stop: Callable[[], bool]
    ) -> bool:
        """Do the work; return whether it was finished, not stopped."""
        first = self._skip_files(sources)
        n_expected = count_articles(sources)
        self._n_failed = self._ledger.counts().n_failed
        self._file_start = self._position

        def show_progress() -> None:
            show(Progress(self._position, self._n_failed, n_expected))

        feed = self._task.open_feed(self._task, sources)
        is_stopped = False
        with closing(feed.read(first, self._n_known - self._position)) as events:
            for event in events:
                self._take(event)
                self._write_queue(show_progress, is_done=self._is_far_enough)
                if is_stopped := stop():
                    break
        self._write_queue(show_progress, is_done=lambda: False)
        if not is_stopped:
            self._diverge_at(self._position)
        self._commit()
        return not is_stopped

    def _skip_files(self, sources: list[Source]) -> int:
        """Pass over the files at the beginning that are as they were; return how many."""
        n_files = 0
        for source, (mark, n_items) in zip(sources, self._ledger.files(), strict=False):
            if mark.size is None or source.mark() != mark:
                break
            n_files += 1
            self._position += n_items
        self._ledger.drop_files_from(n_files)
        return n_files

    def _take(self, event: FeedEvent) -> None:
        """Pass over what the output has; put the rest into the queue."""
        if isinstance(event, FileEnd):
            self._queue.append(event)
            return
        if isinstance(event.item, Problem):
            message = output_message(event.item)
            event = replace(event, item=replace(event.item, message=message))
        digest = _digest_item(event.item)
        if self._position < self._n_known:
            if self._ledger.digest_at(self._position) == digest:
                self._position += 1
                return
            self._diverge_at(self._position)
        self._queue.append(self._begin(event, digest))

    def _begin(self, feed_item: FeedItem, digest: bytes) -> _Pending:
        article = feed_item.item
        if isinstance(article, Problem):
            return _Pending(feed_item, digest)
        key = _hash(
            self._task.fingerprint, article.text, article.title, article.date, article.warnings
        )
        is_new = key not in self._new and self._ledger.report(key) is None
        if is_new:
            self._new.add(key)
            if feed_item.report is None:
                self._analyses.submit(article)
        return _Pending(feed_item, digest, key, is_new)

    def _is_far_enough(self) -> bool:
        """Whether the head of the queue may wait."""
        head = self._queue[0]
        if isinstance(head, FileEnd) or not head.is_new or head.feed_item.report is not None:
            return False
        if self._analyses.has_answer():
            return False
        return len(self._queue) < AHEAD_LINES and self._analyses.n_chars < AHEAD_CHARS

    def _write_queue(self, show_progress: Callable[[], None], is_done: Callable[[], bool]) -> None:
        while self._queue and not is_done():
            event = self._queue.popleft()
            if isinstance(event, FileEnd):
                self._end_file(event)
            else:
                self._write(event)
                show_progress()
            self._commit_when_due()

    def _write(self, pending: _Pending) -> None:
        report: Record | str | None = None
        if isinstance(pending.feed_item.item, Problem):
            entry = LedgerEntry(pending.digest, to_record(pending.feed_item.item), None)
            self._n_failed += 1
        else:
            entry, report = self._enter_article(pending.feed_item.item, pending)
        end = self._output.write(compose(entry.item, report))
        self._ledger.add(self._position, entry, end)
        self._position += 1

    def _enter_article(
        self, article: Article, pending: _Pending
    ) -> tuple[LedgerEntry, Record | str]:
        assert pending.key is not None  # noqa: S101 # it is no problem
        digest, key = pending.digest, pending.key
        signature = pending.feed_item.signature or sign(article.text)
        head = find_head(signature, self._ledger)
        first = self._ledger.report(head.report) if head else None
        assert not isinstance(first, str)  # noqa: S101 # what failed is never the head of a story
        report = self._collect(pending) if pending.is_new else self._ledger.report(key)
        assert report is not None  # noqa: S101 # the first with this key has brought it
        item: Record = {"id": article.id, "source": article.source or None}
        if isinstance(report, str):
            self._n_failed += 1
            return LedgerEntry(digest, item, key), report
        if head and first:
            item |= {"warnings": compare_figures(head, first, report), "cluster": head.id}
            return LedgerEntry(digest, item, key, head.position), report
        item |= {"warnings": [], "cluster": article.id}
        entry = LedgerEntry(digest, item, key, self._position, signature.bands, signature.values)
        return entry, report

    def _collect(self, pending: _Pending) -> Record | str:
        report = pending.feed_item.report
        if report is None:
            report = self._analyses.collect()
        if not isinstance(report, str):
            del report["id"], report["source"]
        assert pending.key is not None  # noqa: S101 # it is no problem
        self._ledger.keep_report(pending.key, report)
        self._new.discard(pending.key)
        self.n_new += 1
        return report

    def _end_file(self, end: FileEnd) -> None:
        n_items = self._position - self._file_start
        self._file_start = self._position
        if end.abandoned:
            message = output_message(end.abandoned)
            self._ledger.add_abandoned(AbandonedFile(end.mark, n_items - 1, message))
        if end.is_changed:
            self.changed_files.append(end.mark.path)
        self._ledger.add_file(end.number, end.mark, n_items)

    def _diverge_at(self, position: int) -> None:
        """Drop what the ledger says from here on, since the input is another."""
        if position >= self._n_known:
            return
        self._ledger.drop_from(position)
        self._output.cut(self._ledger.end())
        self._output.note(self._ledger)
        self._ledger.commit()
        self._n_known = position
        self._n_failed = self._ledger.counts().n_failed

    def _commit_when_due(self) -> None:
        waited_s = time.monotonic() - self._committed_at
        if waited_s >= self._task.commit_every_s or self._output.n_buffered >= COMMIT_EVERY:
            self._commit()

    def _commit(self) -> None:
        self._output.note(self._ledger)
        self._ledger.commit()
        self._output.flush()
        self._committed_at = time.monotonic()


def _digest_item(item: Item) -> bytes:
    """Return the hash of all of an item that its line depends on."""
    if isinstance(item, Problem):
        return _hash(item.id, item.source, item.message)
    return _hash(item.id, item.source, item.text, item.title, item.date, item.warnings)


def _hash(*values: object) -> bytes:
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).digest()
