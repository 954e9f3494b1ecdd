"""`LocalFeed`: reading and cleaning in a process beside the encoder, which no file can hold up."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection

from data.readers import Problem, printable
from serving.archive.child_process import GONE, READY, ChildLostError, ChildProcess
from serving.archive.feed.events import FeedEvent, FeedItem, FileEnd
from serving.archive.feed.file_reader import FileReader, read_events, sign_event
from serving.archive.feed.sources import Source, limit_of
from serving.archive.reposts import sign
from serving.archive.set_aside import READER_LOST

GRACE_S = 5.0


class LocalFeed:
    """Articles of many files in order, read ahead by another process."""

    def __init__(self, sources: Sequence[Source], limit_s: float, reader: FileReader) -> None:
        self._sources = sources
        self._limit_s = limit_s
        self._reader = reader

    def read(self, first: int, n_known: int) -> Generator[FeedEvent, None, None]:
        """Read from the file of this number on.

        Args:
            first: number of the first file.
            n_known: so many articles come without a signature, since they were read before.
        """
        number = first
        while number < len(self._sources):
            child = ChildProcess(
                _read_all, list(self._sources), number, n_known, self._limit_s, self._reader
            )
            try:
                while number < len(self._sources):
                    limit_s = limit_of(self._sources[number], self._limit_s)
                    event = child.receive(limit_s + GRACE_S)
                    n_known -= isinstance(event, FeedItem)
                    yield event
                    number += isinstance(event, FileEnd)
            except ChildLostError as error:
                source = self._sources[number]
                lost = Problem(source.id, printable(source.path), f"读取时{error}", READER_LOST)
                yield FeedItem(lost)
                yield FileEnd(number, source.mark(), lost)
                n_known -= 1
                number += 1
            finally:
                child.stop()


def _read_all(
    connection: Connection,
    sources: list[Source],
    first: int,
    n_known: int,
    limit_s: float,
    reader: FileReader,
) -> None:
    sign("")  # what it needs is loaded before an article's time runs
    with suppress(*GONE):
        connection.send(READY)
        for number in range(first, len(sources)):
            for event in read_events(sources[number], number, limit_s, reader):
                n_known -= isinstance(event, FeedItem)
                connection.send(event if n_known >= 0 else sign_event(event))
