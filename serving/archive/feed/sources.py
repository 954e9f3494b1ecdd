"""The files that a run reads: which they are, whether they changed, how many articles they have."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from data.readers import (
    SCAN_SUFFIXES,
    STDIN,
    SUFFIXES,
    Problem,
    can_read_scans,
    find_files,
    printable,
    read_inputs,
    tell_pictures,
)
from serving.archive.ledger.entries import FileMark

SINGLE_SUFFIXES = {
    ".txt", ".md", ".html", ".htm", ".mhtml", ".mht", ".eml", ".docx", ".doc", ".wps", ".rtf",
    ".pdf", *SCAN_SUFFIXES,
}  # fmt: skip
# What may hold scans, each page of which takes seconds, has so many times the usual time.
_SCAN_TIME = 5.0
_MAY_HOLD_SCANS = {*SCAN_SUFFIXES, ".pdf", ".zip"}
_LINE_SUFFIXES = {".jsonl", ".ndjson"}
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Source:
    """One file to read, or the problem in place of one.

    `abandoned` says after how many of its articles reading was given up before, and why;
    `kept` is the mark of a file that was read before and is not looked at again.
    """

    path: str
    id: str
    problem: Problem | None = None
    is_stdin: bool = False
    abandoned: tuple[int, str] | None = None
    kept: FileMark | None = None

    def mark(self) -> FileMark:
        """Look at the file."""
        if self.kept:
            return self.kept
        name = printable(self.path)
        if self.problem or self.is_stdin:
            return FileMark(name, self.id, None, None)
        try:
            stat = Path(self.path).stat()
        except OSError:
            return FileMark(name, self.id, None, None)
        return FileMark(name, self.id, stat.st_size, stat.st_mtime_ns)


def limit_of(source: Source, limit_s: float) -> float:
    """Return how many seconds an article of a file may take to be read."""
    may_hold_scans = Path(source.path).suffix.lower() in _MAY_HOLD_SCANS and can_read_scans()
    return limit_s * _SCAN_TIME if may_hold_scans else limit_s


def find_sources(inputs: Sequence[str], skip: Path, folder: Path) -> list[Source]:
    """List the files of all inputs; standard input is saved in `folder` first."""
    sources: list[Source] = []
    for name in inputs:
        if name == STDIN:
            sources.append(_save_stdin(folder))
            continue
        try:
            found, pictures = find_files(name), tell_pictures(name)
        except OSError:
            found, pictures = [], None
        found = [(path, key) for path, key in found if path.resolve() != skip.resolve()]
        if not found:
            (problem,) = read_inputs([name], skip)
            assert isinstance(problem, Problem)  # noqa: S101 # nothing was found
            sources.append(Source(name, str(problem.id), problem))
        sources += [Source(str(path), key) for path, key in found]
        if found and pictures:
            sources.append(Source(name, str(pictures.id), pictures))
    return sources


def put_behind(found: Sequence[Source], done: Iterable[FileMark]) -> list[Source]:
    """Return what was read before, in that order and whatever became of it, and the rest behind.

    A file that has changed since is read again as if it were another one. Behind a file whose mark
    cannot be relied on everything is read again.
    """
    reliable = takewhile(lambda mark: mark.size is not None, done)
    kept = [Source(mark.path, mark.id, kept=mark) for mark in reliable]
    marks = {source.kept for source in kept}
    return kept + [source for source in found if source.mark() not in marks]


def count_articles(sources: Sequence[Source]) -> int | None:
    """Return how many articles there will be, or None where only reading them would show it."""
    n_articles = 0
    for source in sources:
        suffix = Path(source.path).suffix.lower()
        if source.problem or suffix in SINGLE_SUFFIXES or suffix not in SUFFIXES:
            n_articles += 1
        elif suffix in _LINE_SUFFIXES:
            n_articles += _count_lines(Path(source.path))
        else:
            return None
    return n_articles


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
