"""A job's results: a row for each article to choose from, the reports themselves, and as files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from serving.home.schema import BatchJob
from serving.output.stats import Overview, take_stock
from serving.output.tables import table_figures
from serving.output.writers import open_writer

MAX_ROWS = 20_000
FORMATS = ("xlsx", "csv", "jsonl")
NO_THEME = "-"
_TITLE_CHARS, _BEGINNING_CHARS = 100, 40
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """An article of the results, or what could not be read, without its text.

    `start` is where its line begins in the file, in bytes. `themes` and `review` are keys.
    """

    start: int
    id: str
    title: str
    date: str
    themes: tuple[str, ...]
    review: tuple[str, ...]
    n_figures: int
    summary: str
    indicators: str
    repeats: str
    error: str


@dataclass(frozen=True)
class Results:
    """What a job has so far; articles beyond `MAX_ROWS` are counted but have no row."""

    rows: tuple[Row, ...]
    overview: Overview

    @property
    def n_articles(self) -> int:
        """How many lines there are."""
        return self.overview.n_tagged + self.overview.n_failed


@dataclass(frozen=True)
class RowFilter:
    """The rows to show: of a theme's key or `NO_THEME`, of a status, with some words."""

    theme: str = ""
    status: str = "all"
    words: str = ""

    def takes(self, row: Row) -> bool:
        """Whether a row is one of them."""
        return self._has_theme(row) and self._has_status(row) and self._has_words(row)

    def _has_theme(self, row: Row) -> bool:
        if self.theme == NO_THEME:
            return not row.themes and not row.error
        return not self.theme or self.theme in row.themes

    def _has_status(self, row: Row) -> bool:
        wanted = {"review": row.review, "repost": row.repeats, "error": row.error}
        return bool(wanted.get(self.status, True))

    def _has_words(self, row: Row) -> bool:
        text = f"{row.id} {row.title} {row.date} {row.summary} {row.indicators} {row.error}".lower()
        return all(word in text for word in self.words.lower().split())


ALL_ROWS = RowFilter()


def read_results(job: BatchJob) -> Results:
    """Return what a job has so far."""
    if not job.result.exists():
        return Results((), Overview())
    stat = job.result.stat()
    return _read(job.result, stat.st_size, stat.st_mtime_ns)


def read_record(job: BatchJob, row: Row) -> Record:
    """Return the report that a row stands for."""
    with job.result.open("rb") as stream:
        stream.seek(row.start)
        record: Record = json.loads(stream.readline())
        return record


def read_unsure(job: BatchJob) -> Iterator[Record]:
    """Yield the reports that name themes for a person to look at."""
    for _, record in _records(job.result):
        if record.get("review"):
            yield record


def save_results(job: BatchJob, format: str, scratch: Path, wanted: RowFilter = ALL_ROWS) -> Path:
    """Write a job's results as XLSX, CSV or JSON Lines to a folder of their own.

    Args:
        job: the job.
        format: one of `FORMATS`.
        scratch: where the folder is made.
        wanted: which articles; the name of a file that lacks some says so.

    Raises:
        InputError: the file cannot be written.
    """
    part = "" if wanted == ALL_ROWS else "-筛选"
    path = Path(mkdtemp(dir=scratch)) / f"医闻-{_stem(job.name)}{part}.{format}"
    with closing(open_writer(format, path, job.themes, date.today())) as writer:
        for start, record in _records(job.result):
            if wanted == ALL_ROWS or wanted.takes(_row(start, record)):
                writer.write(record)
    return path


@lru_cache(maxsize=4)
def _read(path: Path, _size: int, _mtime_ns: int) -> Results:
    rows: list[Row] = []

    def pass_on() -> Iterator[Record]:
        for start, record in _records(path):
            if len(rows) < MAX_ROWS:
                rows.append(_row(start, record))
            yield record

    overview = take_stock(pass_on())
    return Results(tuple(rows), overview)


def _records(path: Path) -> Iterator[tuple[int, Record]]:
    """Yield the lines that are written to their end, each with where it starts."""
    start = 0
    if not path.exists():
        return
    with path.open("rb") as stream:
        for line in stream:
            if line.endswith(b"\n"):
                yield start, json.loads(line)
            start += len(line)


def _name(record: Record) -> str:
    """Return the title, or how the text begins; empty for what could not be read."""
    text = " ".join((record.get("text") or "").split())
    start = text[:_BEGINNING_CHARS] + ("…" if len(text) > _BEGINNING_CHARS else "")
    return (record.get("title") or start)[:_TITLE_CHARS]


def _row(start: int, record: Record) -> Row:
    is_report = "error" not in record
    figures = table_figures(record["figures"]) if is_report else ()
    repeats = record.get("cluster", record["id"])
    return Row(
        start=start,
        id=str(record["id"]),
        title=_name(record),
        date=record.get("date") or "",
        themes=tuple(theme["theme"] for theme in record["themes"]) if is_report else (),
        review=tuple(record["review"]) if is_report else (),
        n_figures=len(figures),
        summary=record["summary"]["text"] if is_report else "",
        indicators=" ".join(islice((f["indicator"] for f in figures), 20)),
        repeats="" if repeats == record["id"] else str(repeats),
        error=record.get("error", ""),
    )


def _stem(name: str) -> str:
    return "".join(c for c in name if c.isalnum() or c in "-_ ")[:40].strip() or "结果"
