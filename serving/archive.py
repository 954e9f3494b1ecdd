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
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import model
from data.readers import Item, Problem
from model import Analyzer, Article, Report
from model.manifest import Manifest
from model.summary import DEFAULT_CHARS
from serving.analysing import Analyses, Analyst
from serving.ledger import Counts, Entry, Ledger, Record, compose, hold
from serving.outputs import Output, open_output
from serving.reading import (
    FileEnd,
    Reader,
    Reading,
    Source,
    Taken,
    count_articles,
    find_sources,
    read_source,
)
from serving.reposts import Signature, compare_figures, find_head, sign
from serving.rewriting import Rewriting, identify, open_rewriter
from serving.stats import Overview, take_stock
from serving.worker import STOP_SIGNALS, TIME_LIMIT_S
from serving.writers import to_record

COMMIT_EVERY_S = 2.0
COMMIT_EVERY = 200


@dataclass(frozen=True)
class Job:
    """What a run is asked to do.

    `engine` names all that an analysis depends on besides the article: model and code. `names`
    are the themes' Chinese names by key. An article has `limit_s` seconds to be read, and as
    long, or longer by its length, to be analysed.
    """

    inputs: tuple[str, ...]
    out: Path
    format: str
    engine: str
    names: dict[str, str]
    load: Callable[[], Analyses]
    limit_s: float = TIME_LIMIT_S
    retry_failed: bool = False
    read: Reader = read_source
    commit_every_s: float = COMMIT_EVERY_S


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


@dataclass(frozen=True)
class _Budgeted:
    """An analyzer whose summaries have a budget."""

    analyzer: Analyzer
    summary_chars: int

    def analyze(self, article: Article) -> Report:
        return self.analyzer.analyze(article, summary_chars=self.summary_chars)


def load_analyses(folder: Path, summary_chars: int, rewriter: Path | None = None) -> Analyses:
    """Load a model for summaries of a budget, rewritten by another model if one is given.

    Raises:
        ModelError: the folder is no model.
        InputError: the rewriter's folder is none.
    """
    analyses = _Budgeted(Analyzer.load(folder), summary_chars)
    if rewriter is None:
        return analyses
    return Rewriting(analyses, open_rewriter(rewriter), summary_chars)


def make_job(
    inputs: tuple[str, ...],
    out: Path,
    format: str,
    folder: Path,
    summary_chars: int = DEFAULT_CHARS,
    rewriter: Path | None = None,
    **settings: Any,
) -> Job:
    """Make a job with a model folder, and with a rewriter's if summaries are to be rewritten.

    Raises:
        ModelError: the folder is no model.
        InputError: the rewriter's folder is none.
    """
    manifest = Manifest.load(folder)
    names = {theme.key: theme.name for theme in manifest.themes}
    engine = f"{manifest.version} {hash_code()} {summary_chars}"
    if rewriter:
        open_rewriter(rewriter)
        engine += f" {identify(rewriter)}"
    load = partial(load_analyses, folder, summary_chars, rewriter)
    return Job(inputs, out, format, engine, names, load, **settings)


def hash_code() -> str:
    """Return the hash of the code that reads an article."""
    digest = hashlib.sha256()
    folder = Path(model.__file__).parent
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".py", ".tsv"}):
        digest.update(path.read_bytes())
    return digest.hexdigest()


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
    if source.path not in given_up:
        return source
    size, mtime_ns, n_before, message = given_up[source.path]
    mark = source.mark()
    is_same = (mark.size, mark.mtime_ns) == (size, mtime_ns)
    return replace(source, given_up=(n_before, message)) if is_same else source


class _Run:
    """The state of a run: it follows the ledger as long as the input is what it was."""

    def __init__(self, job: Job, ledger: Ledger, output: Output, analyst: Analyst) -> None:
        self._job = job
        self._ledger = ledger
        self._output = output
        self._analyst = analyst
        self._position = 0
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
        file_start = self._position
        reading = Reading(sources, self._job.limit_s, self._job.read)
        with closing(reading.read(first, self._n_known - self._position)) as events:
            for event in events:
                if isinstance(event, FileEnd):
                    self._end_file(event, self._position - file_start)
                    file_start = self._position
                else:
                    self._take(event)
                    show(Progress(self._position, self._n_failed, n_expected))
                self._commit_now_and_then()
                if stop():
                    self._commit()
                    return False
        self._part_from(self._position)
        self._commit()
        return True

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

    def _take(self, taken: Taken) -> None:
        mark = _tell_apart(taken.item)
        if self._position < self._n_known:
            if self._ledger.print_at(self._position) == mark:
                self._position += 1
                return
            self._part_from(self._position)
        if isinstance(taken.item, Problem):
            entry = _enter_problem(taken.item, mark)
            self._n_failed += 1
            report: Record | str | None = None
        else:
            signature = taken.signature or sign(taken.item.text)
            entry, report = self._enter_article(taken.item, signature, mark)
        end = self._output.write(compose(entry.item, report))
        self._ledger.add(self._position, entry, end)
        self._position += 1

    def _enter_article(
        self, article: Article, signature: Signature, mark: bytes
    ) -> tuple[Entry, Record | str]:
        key = _hash(self._job.engine, article.text, article.title, article.date, article.warnings)
        head = find_head(signature, self._ledger)
        first = self._ledger.report(head.report) if head else None
        assert not isinstance(first, str)  # noqa: S101 # what failed is never the head of a story
        report = self._ledger.report(key)
        if report is None:
            report = self._analyse(article, key)
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

    def _analyse(self, article: Article, key: bytes) -> Record | str:
        report = self._analyst.analyse(article)
        if not isinstance(report, str):
            del report["id"], report["source"]
        self._ledger.keep_report(key, report)
        self.n_new += 1
        return report

    def _end_file(self, end: FileEnd, n_items: int) -> None:
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
    """Take Ctrl-C as a wish to stop after the article in hand; a second one stops at once."""
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


def _enter_problem(problem: Problem, mark: bytes) -> Entry:
    return Entry(mark, to_record(problem), None)


def _hash(*values: object) -> bytes:
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).digest()
