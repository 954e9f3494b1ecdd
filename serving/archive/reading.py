"""Reading and cleaning in a process beside the encoder, which a hostile file cannot hold up."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from data.readers import (
    STDIN,
    Item,
    Problem,
    find_files,
    read_document,
    read_file,
    read_inputs,
)
from data.readers.document import Document, buffer
from model import InputError
from serving.archive.ledger import FileMark
from serving.archive.reposts import Signature, sign
from serving.archive.worker import GONE, READY, Worker, WorkerLost

GRACE_S = 5.0
_LINE_SUFFIXES = {".jsonl", ".ndjson"}
SINGLE_SUFFIXES = {".txt", ".md", ".html", ".htm", ".mhtml", ".mht", ".docx", ".pdf"}
_READ_BYTES = 1 << 20
Reader = Callable[["Source"], Iterator[Item]]


@dataclass(frozen=True)
class Source:
    """One file to read, or the problem in place of one.

    `given_up` says after how many of its articles reading was given up before, and why.
    """

    path: str
    id: str
    problem: Problem | None = None
    is_stdin: bool = False
    given_up: tuple[int, str] | None = None

    def mark(self) -> FileMark:
        """Look at the file."""
        if self.problem or self.is_stdin:
            return FileMark(self.path, self.id, None, None)
        try:
            stat = Path(self.path).stat()
        except OSError:
            return FileMark(self.path, self.id, None, None)
        return FileMark(self.path, self.id, stat.st_size, stat.st_mtime_ns)


@dataclass(frozen=True)
class Taken:
    """An article or problem, with its signature and its report where they were made by then.

    `is_known` if they were not wanted, since it was read before.
    """

    item: Item
    signature: Signature | None = None
    report: dict[str, Any] | str | None = None
    is_known: bool = False


@dataclass(frozen=True)
class FileEnd:
    """The end of the file of this number; `given_up` says why the rest was not read, if so."""

    number: int
    mark: FileMark
    given_up: str | None = None
    is_changed: bool = False


def find_sources(inputs: Sequence[str], skip: Path, folder: Path) -> list[Source]:
    """List the files of all inputs; standard input is saved in `folder` first."""
    sources: list[Source] = []
    for given in inputs:
        if given == STDIN:
            sources.append(_save_stdin(folder))
            continue
        try:
            found = find_files(given)
        except OSError:
            found = []
        found = [(path, name) for path, name in found if path.resolve() != skip.resolve()]
        if not found:
            (problem,) = read_inputs([given], skip)
            assert isinstance(problem, Problem)  # noqa: S101 # nothing was found
            sources.append(Source(given, str(problem.id), problem))
        sources += [Source(str(path), name) for path, name in found]
    return sources


def count_articles(sources: Sequence[Source]) -> int | None:
    """Return how many articles there will be, or None where only reading them would tell."""
    n_articles = 0
    for source in sources:
        suffix = Path(source.path).suffix.lower()
        if source.problem or suffix in SINGLE_SUFFIXES:
            n_articles += 1
        elif suffix in _LINE_SUFFIXES:
            n_articles += _count_lines(Path(source.path))
        else:
            return None
    return n_articles


class Readings(Protocol):
    """What gives the articles of many files in order."""

    def read(self, first: int, n_known: int) -> Generator[Taken | FileEnd, None, None]:
        """Read from the file of this number on; so many articles were read before."""


class Reading:
    """Articles of many files in order, read ahead by another process."""

    def __init__(self, sources: Sequence[Source], limit_s: float, reader: Reader) -> None:
        self._sources = sources
        self._limit_s = limit_s
        self._reader = reader

    def read(self, first: int, n_known: int) -> Generator[Taken | FileEnd, None, None]:
        """Read from the file of this number on.

        Args:
            first: number of the first file.
            n_known: so many articles come without a signature, since they were read before.
        """
        number = first
        while number < len(self._sources):
            worker = Worker(
                _read_all, list(self._sources), number, n_known, self._limit_s, self._reader
            )
            try:
                while number < len(self._sources):
                    event = worker.receive(self._limit_s + GRACE_S)
                    n_known -= isinstance(event, Taken)
                    yield event
                    number += isinstance(event, FileEnd)
            except WorkerLost as error:
                source = self._sources[number]
                message = f"读取时{error}，文件已搁置；修好后用 --retry-failed 重试"
                yield Taken(Problem(source.id, source.path, message))
                yield FileEnd(number, source.mark(), message)
                n_known -= 1
                number += 1
            finally:
                worker.stop()


def read_source(source: Source) -> Iterator[Item]:
    """Read one file."""
    if source.is_stdin:
        with buffer(Path(source.path).open("rb", buffering=0)) as stream:
            yield from read_document(Document(stream, "stdin", ""))
    else:
        yield from read_file(Path(source.path), source.id)


def _read_all(
    connection: Connection,
    sources: list[Source],
    first: int,
    n_known: int,
    limit_s: float,
    reader: Reader,
) -> None:
    sign("")  # what it needs is loaded before an article's time runs
    with suppress(*GONE):
        connection.send(READY)
        for number in range(first, len(sources)):
            for event in read_events(sources[number], number, limit_s, reader):
                n_known -= isinstance(event, Taken)
                connection.send(event if n_known >= 0 else sign_event(event))


def read_events(
    source: Source, number: int, limit_s: float, reader: Reader
) -> Iterator[Taken | FileEnd]:
    """Yield a file's articles, without signatures, and its end."""
    before = source.mark()
    late = None
    for item in _read_within(source, limit_s, reader):
        late = item.message if isinstance(item, Problem) else None
        yield Taken(item)
    given_up = late if late == _late_message(limit_s) else None
    is_changed = source.mark() != before
    mark = replace(before, size=None, mtime_ns=None) if is_changed else before
    yield FileEnd(number, mark, given_up, is_changed)


def sign_event(event: Taken | FileEnd) -> Taken | FileEnd:
    """Return an article with its signature, anything else as it is."""
    if isinstance(event, FileEnd) or isinstance(event.item, Problem):
        return event
    return replace(event, signature=sign(event.item.text))


def _read_within(source: Source, limit_s: float, reader: Reader) -> Iterator[Item]:
    """Read a file, giving each article its time; a late one becomes a problem."""
    if source.problem:
        yield source.problem
        return
    items = _read_each_within(source, limit_s, reader)
    if source.given_up is None:
        yield from items
    else:
        n_before, message = source.given_up
        yield from islice(items, n_before)
        yield Problem(source.id, source.path, message)


def _read_each_within(source: Source, limit_s: float, reader: Reader) -> Iterator[Item]:
    items = reader(source)
    try:
        while True:
            with alarm(limit_s, _late_message(limit_s)):
                item = next(items, None)
            if item is None:
                return
            yield item
    except InputError as error:
        yield Problem(source.id, source.path, str(error))


@contextmanager
def alarm(limit_s: float, message: str) -> Iterator[None]:
    """Interrupt what takes too long, where the system can; the run kills what this cannot.

    Raises:
        InputError: with the message, when time is up.
    """

    def ring(*_: Any) -> None:
        raise InputError(message)

    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, limit_s, 1.0)  # again if a parser swallows the first
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _late_message(limit_s: float) -> str:
    return f"读取超过 {limit_s:g} 秒，已搁置；可用 --time-limit 放宽，再用 --retry-failed 重试"


def _save_stdin(folder: Path) -> Source:
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
    return Source(copy.name, "stdin", is_stdin=True)


def _count_lines(path: Path) -> int:
    """Count lines; a file that cannot be read is one line of the output, which says so."""
    n_lines, last = 0, b"\n"
    try:
        with path.open("rb") as stream:
            while block := stream.read(_READ_BYTES):
                n_lines += block.count(b"\n")
                last = block
    except OSError:
        return 1
    return n_lines + (not last.endswith(b"\n"))
