"""What an archive run is asked to do, and with what it analyses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import model
from model import Analyzer, Article, Report
from model.manifest import Manifest
from model.network import count_streams
from model.summary import DEFAULT_CHARS
from serving.archive.analysing import Analyses
from serving.archive.reading import Reader, Reading, Readings, Source, read_source
from serving.archive.rewriting import Rewriting, identify, open_rewriter
from serving.archive.worker import TIME_LIMIT_S

COMMIT_EVERY_S = 2.0


def _open_reading(job: Job, sources: Sequence[Source]) -> Readings:
    return Reading(sources, job.limit_s, job.read)


@dataclass(frozen=True)
class Job:
    """What a run is asked to do.

    `engine` names all that an analysis depends on besides the article: model and code. `names`
    are the themes' Chinese names by key. An article has `limit_s` seconds to be read, and as
    long, or longer by its length, to be analysed. `open_reading` says where it is read.
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
    open_reading: Callable[[Job, Sequence[Source]], Readings] = _open_reading


@dataclass(frozen=True)
class _Budgeted:
    """An analyzer whose summaries have a budget."""

    analyzer: Analyzer
    summary_chars: int

    def analyze(self, article: Article) -> Report:
        return self.analyzer.analyze(article, summary_chars=self.summary_chars)


def load_analyses(
    folder: Path,
    summary_chars: int,
    rewriter: Path | None = None,
    *,
    threads: int = 0,
    streams: int = 1,
) -> Analyses:
    """Load a model for summaries of a budget, rewritten by another model if one is given.

    `threads` and `streams` are as for `Analyzer.load`.

    Raises:
        ModelError: the folder is no model.
        InputError: the rewriter's folder is none.
    """
    analyses = _Budgeted(Analyzer.load(folder, threads=threads, streams=streams), summary_chars)
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
    streams: int = 0,
    **settings: Any,
) -> Job:
    """Make a job with a model folder, and with a rewriter's if summaries are to be rewritten.

    Each process analyses `streams` articles at a time; 0 is `count_streams`.

    Raises:
        ModelError: the folder is no model.
        InputError: the rewriter's folder is none.
    """
    manifest = Manifest.load(folder)
    names = manifest.theme_names
    engine = f"{manifest.version} {hash_code()} {summary_chars}"
    if rewriter:
        open_rewriter(rewriter)
        engine += f" {identify(rewriter)}"
    load = partial(
        load_analyses,
        folder.resolve(),
        summary_chars,
        rewriter,
        threads=1,
        streams=streams or count_streams(),
    )
    return Job(inputs, out, format, engine, names, load, **settings)


def hash_code() -> str:
    """Return the hash of the code that reads an article."""
    digest = hashlib.sha256()
    folder = Path(model.__file__).parent
    for path in sorted(p for p in folder.rglob("*") if p.suffix in {".py", ".tsv"}):
        digest.update(path.read_bytes())
    return digest.hexdigest()
