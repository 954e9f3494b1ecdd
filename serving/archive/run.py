"""An archive run: articles of many files to one output, that goes on wherever it was stopped.

What is written of an article depends on it and those before it alone, so a run that was
interrupted ends with the same bytes as one that was not.
"""

from __future__ import annotations

import hashlib
import json
import signal
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from data.readers import Item, Problem
from model import Article
from serving.archive.analysing import Analyst
from serving.archive.ledger import Counts, Entry, Ledger, Record, compose, hold
from serving.archive.outputs import Output, open_output
from serving.archive.reading import (
    FileEnd,
    Source,
    Taken,
    count_articles,
    find_sources,
)
from serving.archive.reposts import compare_figures, find_head, sign
from serving.archive.task import Job
from serving.archive.worker import STOP_SIGNALS
from serving.output.stats import Overview, take_stock
from serving.output.writers import to_record

COMMIT_EVERY = 200
# What is being read ahead of the output: enough for every core while one has a long article, and
# no more lines than that while all wait for one that hangs.
AHEAD_CHARS = 32_000
AHEAD_LINES = 64


@dataclass(frozen=True)
class Progress:
    """How far a run is; `n_expected` is None where only reading would tell."""

    n_done: int
    n_failed: int
    n_expected: int | None


@dataclass(frozen=True)
class Outcome:
    """How a run ended; `overview` is None where it was stopped."""

    counts: Counts
    n_new: int
    is_finished: bool
    changed_files: tuple[str, ...]
    overview: Overview | None


def run(job: Job, show: Callable[[Progress], None], note: dict[str, Any] | None = None) -> Outcome:
    """Do a job, or what is left of it.

    Args:
        job: what to do.
        show: is told after each article how far the run is.
        note: what is kept in the ledger under `run` for a later look.

    Raises:
        LedgerError: the output is in use or cannot be written.
    """
    with hold(job.out) as ledger, tempfile.TemporaryDirectory() as folder:
        _prepare(job, ledger, note or {})
        given_up = ledger.late()
        sources = [
            _recall(source, given_up) for source in find_sources(job.inputs, job.out, Path(folder))
        ]
        with (
            closing(open_output(job.out, job.format, job.names, ledger)) as output,
            closing(Analyst(job.load, job.limit_s)) as analyst,
            _stop_wish() as stop,
        ):
            work = _Run(job, ledger, output, analyst)
            is_finished = work.do(sources, show, stop)
            if is_finished:
                output.finish(ledger)
                ledger.drop_unused()
        state = "done" if is_finished else "stopped"
        ledger.set(state=state)
        ledger.commit()
        overview = take_stock(ledger.records()) if is_finished else None
        changed = tuple(work.changed_files)
        return Outcome(ledger.counts(), work.n_new, is_finished, changed, overview)


def _prepare(job: Job, ledger: Ledger, note: dict[str, Any]) -> None:
    settings = [job.engine, job.format]
    if ledger.get("settings") != settings:
        ledger.drop_from(0)
        ledger.drop_files_from(0)
    if job.retry_failed:
        ledger.forget_failures()
    ledger.set(settings=settings, run=note, state="running")
    ledger.commit()


def _recall(source: Source, given_up: dict[str, tuple[int | None, int | None, int, str]]) -> Source:
    mark = source.mark()
    if mark.path not in given_up:
        return source
    size, mtime_ns, n_before, message = given_up[mark.path]
    is_same = (mark.size, mark.mtime_ns) == (size, mtime_ns)
    return replace(source, given_up=(n_before, message)) if is_same else source


@dataclass(frozen=True)
class _Pending:
    """An article or problem on its way to the output; `is_new` if its report is being made."""

    taken: Taken
    mark: bytes
    key: bytes | None = None
    is_new: bool = False


class _Run:
    """The state of a run: it follows the ledger as long as the input is what it was."""

    def __init__(self, job: Job, ledger: Ledger, output: Output, analyst: Analyst) -> None:
        self._job = job
        self._ledger = ledger
        self._output = output
        self._analyst = analyst
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

        def tell() -> None:
            show(Progress(self._position, self._n_failed, n_expected))

        reading = self._job.open_reading(self._job, sources)
        is_stopped = False
        with closing(reading.read(first, self._n_known - self._position)) as events:
            for event in events:
                self._take(event)
                self._write_queue(tell, is_done=self._is_far_enough)
                if is_stopped := stop():
                    break
        self._write_queue(tell, is_done=lambda: False)
        if not is_stopped:
            self._part_from(self._position)
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

    def _take(self, event: Taken | FileEnd) -> None:
        """Pass over what the output has; put the rest into the queue."""
        if isinstance(event, FileEnd):
            self._queue.append(event)
            return
        mark = _tell_apart(event.item)
        if self._position < self._n_known:
            if self._ledger.print_at(self._position) == mark:
                self._position += 1
                return
            self._part_from(self._position)
        self._queue.append(self._begin(event, mark))

    def _begin(self, taken: Taken, mark: bytes) -> _Pending:
        article = taken.item
        if isinstance(article, Problem):
            return _Pending(taken, mark)
        key = _hash(self._job.engine, article.text, article.title, article.date, article.warnings)
        is_new = key not in self._new and self._ledger.report(key) is None
        if is_new:
            self._new.add(key)
            if taken.report is None:
                self._analyst.submit(article)
        return _Pending(taken, mark, key, is_new)

    def _is_far_enough(self) -> bool:
        """Whether the head of the queue may wait."""
        head = self._queue[0]
        if isinstance(head, FileEnd) or not head.is_new or head.taken.report is not None:
            return False
        if self._analyst.has_answer():
            return False
        return len(self._queue) < AHEAD_LINES and self._analyst.n_chars < AHEAD_CHARS

    def _write_queue(self, tell: Callable[[], None], is_done: Callable[[], bool]) -> None:
        while self._queue and not is_done():
            event = self._queue.popleft()
            if isinstance(event, FileEnd):
                self._end_file(event)
            else:
                self._write(event)
                tell()
            self._commit_now_and_then()

    def _write(self, pending: _Pending) -> None:
        report: Record | str | None = None
        if isinstance(pending.taken.item, Problem):
            entry = Entry(pending.mark, to_record(pending.taken.item), None)
            self._n_failed += 1
        else:
            entry, report = self._enter_article(pending.taken.item, pending)
        end = self._output.write(compose(entry.item, report))
        self._ledger.add(self._position, entry, end)
        self._position += 1

    def _enter_article(self, article: Article, pending: _Pending) -> tuple[Entry, Record | str]:
        assert pending.key is not None  # noqa: S101 # it is no problem
        mark, key = pending.mark, pending.key
        signature = pending.taken.signature or sign(article.text)
        head = find_head(signature, self._ledger)
        first = self._ledger.report(head.report) if head else None
        assert not isinstance(first, str)  # noqa: S101 # what failed is never the head of a story
        report = self._collect(pending) if pending.is_new else self._ledger.report(key)
        assert report is not None  # noqa: S101 # the first with this key has brought it
        item: Record = {"id": article.id, "source": article.source or None}
        if isinstance(report, str):
            self._n_failed += 1
            return Entry(mark, item, key), report
        if head and first:
            item |= {"warnings": compare_figures(head, first, report), "cluster": head.id}
            return Entry(mark, item, key, head.position), report
        item |= {"warnings": [], "cluster": article.id}
        entry = Entry(mark, item, key, self._position, signature.bands, signature.values)
        return entry, report

    def _collect(self, pending: _Pending) -> Record | str:
        made = pending.taken.report
        report = self._analyst.collect() if made is None else made
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
        if end.given_up:
            self._ledger.set_aside(end.mark, n_items - 1, end.given_up)
        if end.is_changed:
            self.changed_files.append(end.mark.path)
        self._ledger.add_file(end.number, end.mark, n_items)

    def _part_from(self, position: int) -> None:
        """Leave what the ledger says from here on, since the input is another."""
        if position >= self._n_known:
            return
        self._ledger.drop_from(position)
        self._ledger.commit()
        self._output.cut(self._ledger.end())
        self._n_known = position
        self._n_failed = self._ledger.counts().n_failed

    def _commit_now_and_then(self) -> None:
        waited_s = time.monotonic() - self._committed_at
        if waited_s >= self._job.commit_every_s or self._output.n_held >= COMMIT_EVERY:
            self._commit()

    def _commit(self) -> None:
        self._output.flush()
        self._ledger.commit()
        self._committed_at = time.monotonic()


@contextmanager
def _stop_wish() -> Iterator[Callable[[], bool]]:
    """Take Ctrl-C as a wish to stop after the articles in hand; a second one stops at once."""
    wishes: list[int] = []

    def note_wish(number: int, _: Any) -> None:
        wishes.append(number)
        signal.signal(number, signal.default_int_handler)

    before = {number: signal.signal(number, note_wish) for number in STOP_SIGNALS}
    try:
        yield lambda: bool(wishes)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell_apart(item: Item) -> bytes:
    """Return the hash of all that an item may make of its line."""
    if isinstance(item, Problem):
        return _hash(item.id, item.source, item.message)
    return _hash(item.id, item.source, item.text, item.title, item.date, item.warnings)


def _hash(*values: object) -> bytes:
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).digest()
