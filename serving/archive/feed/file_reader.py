"""Reading one file, with a time limit for each of its articles."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from data.readers import Item, Problem, printable, read_document, read_file
from data.readers.document import Document, buffer
from model import InputError
from serving.archive.feed.events import FeedEvent, FeedItem, FileEnd
from serving.archive.feed.sources import Source, limit_of
from serving.archive.reposts import sign
from serving.archive.set_aside import READ_TIMEOUT

FileReader = Callable[[Source], Iterator[Item]]


def read_source(source: Source) -> Iterator[Item]:
    """Read one file."""
    if source.is_stdin:
        with buffer(Path(source.path).open("rb", buffering=0)) as stream:
            yield from read_document(Document(stream, "stdin", ""))
    else:
        yield from read_file(Path(source.path), source.id)


def read_events(
    source: Source, number: int, limit_s: float, reader: FileReader
) -> Iterator[FeedEvent]:
    """Yield a file's articles, without signatures, and its end."""
    before = source.mark()
    last: Item | None = None
    for last in _read_within(source, limit_s, reader):
        yield FeedItem(last)
    is_late = isinstance(last, Problem) and last.code == READ_TIMEOUT
    abandoned = last if isinstance(last, Problem) and is_late else None
    is_changed = source.mark() != before
    mark = replace(before, size=None, mtime_ns=None) if is_changed else before
    yield FileEnd(number, mark, abandoned, is_changed)


def sign_event(event: FeedEvent) -> FeedEvent:
    """Return an article with its signature, anything else as it is."""
    if isinstance(event, FileEnd) or isinstance(event.item, Problem):
        return event
    return replace(event, signature=sign(event.item.text))


def _read_within(source: Source, limit_s: float, reader: FileReader) -> Iterator[Item]:
    """Read a file, giving each article its time; a late one becomes a problem."""
    if source.problem:
        yield source.problem
        return
    items = _read_each_within(source, limit_of(source, limit_s), reader)
    if source.abandoned is None:
        yield from items
    else:
        n_before, message = source.abandoned
        yield from islice(items, n_before)
        yield Problem(source.id, printable(source.path), message)


def _read_each_within(source: Source, limit_s: float, reader: FileReader) -> Iterator[Item]:
    items = reader(source)
    try:
        while True:
            with _time_limit(limit_s):
                item = next(items, None)
            if item is None:
                return
            yield item
    except InputError as error:
        yield Problem(source.id, printable(source.path), str(error), error.code)


@contextmanager
def _time_limit(limit_s: float) -> Iterator[None]:
    """Interrupt what takes too long, where the system can; the run kills what this cannot.

    Raises:
        InputError: with the code `READ_TIMEOUT`, when time is up.
    """

    def ring(*_: Any) -> None:
        raise InputError(f"读取超过 {limit_s:g} 秒", code=READ_TIMEOUT, limit_s=limit_s)

    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit_s, 1.0)  # again if a parser swallows the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
