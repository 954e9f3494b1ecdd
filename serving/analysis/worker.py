"""What a worker process does: reads and analyses one text after another."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from data.readers.markup import read_article
from model import Analyzer, Article, Report, YiwenError
from model.encoder import EncodedArticle
from serving.analysis.submissions import Submission
from serving.archive.child_process import GONE, begin
from serving.codes import ANALYSIS_FAILED


@dataclass(frozen=True)
class Task:
    """A text to read, or an article that was read already, to analyse.

    `encoded` is what an earlier analysis by the model named `model` left of this article.
    Without `summary_chars` the summary is as long as `Analyzer.analyze` makes it by default. With
    `is_read_only` the answer is the article, with `as_json` the report alone, as JSON in UTF-8.
    """

    given: str | Article | Submission
    summary_chars: int | None = None
    encoded: EncodedArticle | None = None
    model: str = ""
    as_json: bool = False
    is_read_only: bool = False

    @property
    def n_chars(self) -> int:
        """How long the text is."""
        if isinstance(self.given, Article):
            return len(self.given.text)
        return len(self.given) if isinstance(self.given, str) else self.given.n_chars


@dataclass(frozen=True)
class Analysis:
    """An article's report; the encoded article serves other summary lengths too."""

    report: Report
    encoded: EncodedArticle


Answer = Analysis | Article | bytes | YiwenError


@dataclass(frozen=True)
class ModelLoader:
    """Loads a model in the process that it is sent to; `threads` are cores of one article."""

    folder: Path
    threads: int

    def __call__(self) -> Analyzer:
        """Load the model.

        Raises:
            ModelError: it is damaged or belongs to another release.
        """
        return Analyzer.load(self.folder, threads=self.threads)


def serve_tasks(
    connection: Connection, load: Callable[[], Analyzer], memory_mb: int | None = None
) -> None:
    """Answer tasks until whoever sends them is gone.

    Args:
        connection: the pipe.
        load: loads the model.
        memory_mb: what the process may hold, where the system can limit that.
    """
    if memory_mb is not None:
        _limit_memory(memory_mb)
    analyzer = begin(connection, load)
    try:
        while True:
            connection.send(_answer(connection.recv(), analyzer))
    except GONE:
        os._exit(0)


def _limit_memory(memory_mb: int) -> None:
    """Have an allocation beyond the limit fail in this process, before the machine runs out."""
    try:
        import resource
    except ImportError:  # Windows
        return
    n_bytes = memory_mb << 20
    resource.setrlimit(resource.RLIMIT_DATA, (n_bytes, n_bytes))


def _answer(task: Task, analyzer: Analyzer) -> Answer:
    try:
        article = _read(task.given)
        if task.is_read_only:
            return article
        is_same = task.encoded is not None and task.model == analyzer.manifest.version
        encoded = task.encoded if is_same and task.encoded else analyzer.encode(article)
        report = analyzer.analyze(article, summary_chars=task.summary_chars, encoded=encoded)
        if task.as_json:
            return json.dumps(report.to_dict(), ensure_ascii=False).encode()
        return Analysis(report, encoded)
    except YiwenError as error:
        return error
    except Exception as error:  # one article must not end the process that serves others
        message = f"这篇文章分析出错（{type(error).__name__}：{error}）"
        return YiwenError(message, code=ANALYSIS_FAILED)


def _read(given: str | Article | Submission) -> Article:
    if isinstance(given, Article):
        return given
    return read_article(given, id="page") if isinstance(given, str) else given.read()
