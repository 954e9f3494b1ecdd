"""Analysis in a process of its own: an article that hangs or breaks it is set aside alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Protocol

from model import Article, Report
from serving.worker import GONE, READY, Worker, WorkerLost

# What a long article gets on top of the time limit: once more for so many characters.
_CHARS_PER_LIMIT = 10_000
Record = dict[str, Any]


class Analyses(Protocol):
    """What an `Analyzer` is here."""

    def analyze(self, article: Article) -> Report:
        """Analyse one article."""


class Analyst:
    """Analyses articles one after another in a process that is started when it is needed."""

    def __init__(self, load: Callable[[], Analyses], limit_s: float) -> None:
        self._load = load
        self._limit_s = limit_s
        self._worker: Worker | None = None

    def analyse(self, article: Article) -> Record | str:
        """Return the report as it is in JSON, or why there is none."""
        self._worker = self._worker or Worker(_analyse_all, self._load)
        limit_s = self._limit_s * (1 + len(article.text) / _CHARS_PER_LIMIT)
        try:
            self._worker.send(article)
            answer: Record | str = self._worker.receive(limit_s)
        except WorkerLost as error:
            self.close()
            return f"分析时{error}，文章已搁置；可用 --retry-failed 重试"
        return answer

    def close(self) -> None:
        """Stop the process."""
        if self._worker:
            self._worker.stop()
            self._worker = None


def _analyse_all(connection: Connection, load: Callable[[], Analyses]) -> None:
    analyzer = load()
    with suppress(*GONE):
        connection.send(READY)
        while True:
            connection.send(_analyse(connection.recv(), analyzer))


def _analyse(article: Article, analyzer: Analyses) -> Record | str:
    """Analyse an article; whatever it raises becomes the reason why it is set aside."""
    try:
        return analyzer.analyze(article).to_dict()
    except Exception as error:  # one article must not stop a run
        return f"分析出错，文章已搁置（{type(error).__name__}：{error}）；可用 --retry-failed 重试"
