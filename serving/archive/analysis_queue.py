"""Analysis in a process of its own: an article that hangs or breaks it is set aside alone.

As many articles are analysed at a time as there are cores, each by itself, on one core.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, Protocol

from model import Article, Report
from model.network import count_streams
from serving.archive.child_process import GONE, ChildLostError, ChildProcess, begin
from serving.archive.set_aside import describe_failed_analysis, describe_lost_analysis

# What a long article gets on top of the time limit: once more for so many characters.
_CHARS_PER_LIMIT = 10_000
Record = dict[str, Any]


class ArticleAnalyzer(Protocol):
    """What `Analyzer` is to an archive run; called by several threads at a time."""

    def analyze(self, article: Article) -> Report:
        """Analyse one article."""


class AnalysisQueue:
    """Analyses articles in a process, and returns their reports in the order in which they came.

    Where the process hangs or ends, every article that it had is tried again alone, so that
    only the one to blame is set aside.
    """

    def __init__(self, load: Callable[[], ArticleAnalyzer], limit_s: float) -> None:
        self._load = load
        self._limit_s = limit_s
        self._child: ChildProcess | None = None
        self._waiting: deque[Article] = deque()  # not answered yet, oldest first
        self._n_suspects = 0  # how many of the oldest are to be tried alone

    @property
    def n_chars(self) -> int:
        """How long the articles are that wait behind the oldest one, together."""
        return sum(len(article.text) for article in self._waiting) - len(self._waiting[0].text)

    @property
    def is_idle(self) -> bool:
        """Whether every article was answered."""
        return not self._waiting

    def submit(self, article: Article) -> None:
        """Take an article, and begin with it when it is its turn."""
        self._waiting.append(article)
        if not self._n_suspects:
            self._send(article)

    def has_answer(self) -> bool:
        """Whether `collect` would not wait."""
        return not self._n_suspects and bool(self._child and self._child.has_message())

    def collect(self) -> Record | str:
        """Return the oldest article's report as it is in JSON, or why there is none."""
        if not self._n_suspects:
            try:
                answer = self._receive(self._waiting[0])
            except ChildLostError:
                self._suspect_all()
            else:
                self._waiting.popleft()
                return answer
        answer = self._analyse_alone(self._waiting.popleft())
        self._n_suspects -= 1
        if not self._n_suspects:
            self._resend()
        return answer

    def close(self) -> None:
        """Stop the process."""
        if self._child:
            self._child.stop()
            self._child = None

    def _analyse_alone(self, article: Article) -> Record | str:
        try:
            self._start().send(article)
            return self._receive(article)
        except ChildLostError as error:
            self.close()
            return describe_lost_analysis(error)

    def _send(self, article: Article) -> None:
        try:
            self._start().send(article)
        except ChildLostError:
            self._suspect_all()

    def _resend(self) -> None:
        """Send all that wait, up to one that finds the process lost again."""
        for article in self._waiting:
            self._send(article)
            if self._n_suspects:
                return

    def _receive(self, article: Article) -> Record | str:
        answer: Record | str = self._start().receive(limit_of(article, self._limit_s))
        if not isinstance(answer, str) and answer["id"] != article.id:
            raise ChildLostError("进程答的是另一篇")
        return answer

    def _suspect_all(self) -> None:
        self.close()
        self._n_suspects = len(self._waiting)

    def _start(self) -> ChildProcess:
        self._child = self._child or ChildProcess(_analyse_all, self._load)
        return self._child


def limit_of(article: Article, limit_s: float) -> float:
    """Return the seconds that an article's analysis may take: more for a long one."""
    return limit_s * (1 + len(article.text) / _CHARS_PER_LIMIT)


def _analyse_all(connection: Connection, load: Callable[[], ArticleAnalyzer]) -> None:
    analyzer = begin(connection, load)
    pool = ThreadPoolExecutor(count_streams())
    answering = ThreadPoolExecutor(1)

    def answer(report: Future[Record | str]) -> None:
        connection.send(report.result())

    try:
        while True:
            answering.submit(answer, pool.submit(analyse, connection.recv(), analyzer))
    except GONE:
        os._exit(0)  # a thread that hangs would keep the process although nobody waits for it


def analyse(article: Article, analyzer: ArticleAnalyzer) -> Record | str:
    """Analyse an article; whatever it raises becomes the reason why it is set aside."""
    try:
        return analyzer.analyze(article).to_dict()
    except Exception as error:  # one article must not stop a run
        return describe_failed_analysis(error)
