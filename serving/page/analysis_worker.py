"""What a worker process of the page does: reads and analyses one text after another."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from data.readers.markup import read_article
from model import Analyzer, Article, Report, YiwenError
from model.encoder import EncodedArticle
from model.summary import DEFAULT_CHARS
from serving.archive.child_process import GONE, begin


@dataclass(frozen=True)
class Task:
    """A text to read, or an article that was read already, to analyse.

    `encoded` is what an earlier analysis by the model named `model` left of this article.
    `summary_chars` is None where the text is only to be read.
    """

    given: str | Article
    summary_chars: int | None = DEFAULT_CHARS
    encoded: EncodedArticle | None = None
    model: str = ""

    @property
    def n_chars(self) -> int:
        """How long the text is."""
        return len(self.given if isinstance(self.given, str) else self.given.text)


@dataclass(frozen=True)
class Analysis:
    """An article's report; the encoded article serves other summary lengths too."""

    report: Report
    encoded: EncodedArticle


Answer = Analysis | Article | YiwenError


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


def serve_tasks(connection: Connection, load: Callable[[], Analyzer]) -> None:
    """Answer tasks until the page is gone."""
    analyzer = begin(connection, load)
    try:
        while True:
            connection.send(_answer(connection.recv(), analyzer))
    except GONE:
        os._exit(0)


def _answer(task: Task, analyzer: Analyzer) -> Answer:
    try:
        article = task.given
        if isinstance(article, str):
            article = read_article(article, id="page")
        if task.summary_chars is None:
            return article
        is_same = task.encoded is not None and task.model == analyzer.manifest.version
        encoded = task.encoded if is_same and task.encoded else analyzer.encode(article)
        report = analyzer.analyze(article, summary_chars=task.summary_chars, encoded=encoded)
        return Analysis(report, encoded)
    except YiwenError as error:
        return error
    except Exception as error:  # one article must not end the process that serves others
        return YiwenError(f"这篇文章分析出错（{type(error).__name__}：{error}）")
