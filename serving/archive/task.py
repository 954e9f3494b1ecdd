"""`ArchiveTask`: what an archive run does, and the analyzer that it does it with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import model
from model import Analyzer, Article, Report
from model.manifest import Manifest
from model.network import count_streams
from model.summary import PAGE_CHARS
from serving.archive.analysis_queue import AnalysisQueue, ArticleAnalyzer
from serving.archive.feed.events import ArticleFeed
from serving.archive.feed.file_reader import FileReader, read_source
from serving.archive.feed.local import LocalFeed
from serving.archive.feed.sources import Source
from serving.archive.options import TIME_LIMIT_S
from serving.archive.rewriting import RewritingAnalyzer, identify, open_rewriter

COMMIT_EVERY_S = 2.0


def _open_local_feed(task: ArchiveTask, sources: Sequence[Source]) -> ArticleFeed:
    return LocalFeed(sources, task.limit_s, task.read)


def _open_queue(task: ArchiveTask) -> AbstractContextManager[AnalysisQueue]:
    return closing(AnalysisQueue(task.load, task.limit_s))


@dataclass(frozen=True)
class ArchiveTask:
    """What a run does.

    `fingerprint` names all that an analysis depends on besides the article: model and code.
    `names` are the themes' Chinese names by key. An article has `limit_s` seconds to be read, and
    as long, or longer by its length, to be analysed. `open_feed` makes what reads the files, and
    `open_queue` what analyses. With `appends` the lines of earlier runs stay, also of files that
    are gone; others go behind them.
    """

    inputs: tuple[str, ...]
    out: Path
    format: str
    fingerprint: str
    names: dict[str, str]
    load: Callable[[], ArticleAnalyzer]
    limit_s: float = TIME_LIMIT_S
    retry_failed: bool = False
    appends: bool = False
    read: FileReader = read_source
    commit_every_s: float = COMMIT_EVERY_S
    open_feed: Callable[[ArchiveTask, Sequence[Source]], ArticleFeed] = _open_local_feed
    open_queue: Callable[[ArchiveTask], AbstractContextManager[AnalysisQueue]] = _open_queue


@dataclass(frozen=True)
class _BudgetedAnalyzer:
    """An analyzer whose summaries have a budget."""

    analyzer: Analyzer
    summary_chars: int | None

    def analyze(self, article: Article) -> Report:
        return self.analyzer.analyze(article, summary_chars=self.summary_chars)


def load_analyzer(
    folder: Path,
    summary_chars: int | None,
    rewriter: Path | None = None,
    *,
    threads: int = 0,
    streams: int = 1,
) -> ArticleAnalyzer:
    """Load a model for summaries of a budget, rewritten by the model in `rewriter` if not None.

    `threads` and `streams` are as for `Analyzer.load`.

    Raises:
        ModelError: the folder is no model.
        InputError: the rewriter's folder is none.
    """
    loaded = Analyzer.load(folder, threads=threads, streams=streams)
    analyzer = _BudgetedAnalyzer(loaded, summary_chars)
    if rewriter is None:
        return analyzer
    return RewritingAnalyzer(analyzer, open_rewriter(rewriter), summary_chars or PAGE_CHARS)


def make_task(
    inputs: tuple[str, ...],
    out: Path,
    format: str,
    folder: Path,
    summary_chars: int | None = None,
    rewriter: Path | None = None,
    streams: int = 0,
    **settings: Any,
) -> ArchiveTask:
    """Make a task with a model folder, and with a rewriter's if summaries are to be rewritten.

    Each process analyses `streams` articles at a time; 0 is `count_streams`.

    Raises:
        ModelError: the folder is no model.
        InputError: the rewriter's folder is none.
    """
    manifest = Manifest.load(folder)
    names = manifest.theme_names
    fingerprint = f"{manifest.version} {hash_code()} {summary_chars}"
    if rewriter:
        open_rewriter(rewriter)
        fingerprint += f" {identify(rewriter)}"
    load = partial(
        load_analyzer,
        folder.resolve(),
        summary_chars,
        rewriter,
        threads=1,
        streams=streams or count_streams(),
    )
    return ArchiveTask(inputs, out, format, fingerprint, names, load, **settings)


def hash_code() -> str:
    """Return the hash of the code that reads an article."""
    digest = hashlib.sha256()
    folder = Path(model.__file__).parent
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".py", ".tsv"}):
        digest.update(path.read_bytes())
    return digest.hexdigest()
