"""Analysis in a process of its own: whose report is whose, and a process that does not start."""

from __future__ import annotations

from collections import deque
from itertools import product
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from model import Article, ModelError
from serving.archive import analysis_queue
from serving.archive.analysis_queue import AnalysisQueue, ArticleAnalyzer
from serving.archive.child_process import ChildLostError, ChildStartError

BAD = "坏"


class FakeWorker:
    """A process that a bad article kills when it arrives, after it answered those before."""

    def __init__(self, *_: object) -> None:
        self._answers: deque[dict[str, Any]] = deque()
        self._is_lost = False

    def send(self, article: Article) -> None:
        if self._is_lost:
            raise ChildLostError("进程没了")
        if BAD in article.text:
            self._is_lost = True
        else:
            self._answers.append({"id": article.id, "text": article.text})

    def receive(self, _: float) -> dict[str, Any]:
        if not self._answers:
            raise ChildLostError("进程没了")
        return self._answers.popleft()

    def stop(self) -> None:
        self._is_lost = True


def make_articles(kinds: tuple[str, ...]) -> list[Article]:
    """Articles of one id, as those of several files may be; they differ in their texts."""
    none = np.zeros(0, np.int32)
    return [Article("同", f"{i}{kind}", "", none, ()) for i, kind in enumerate(kinds)]


@pytest.mark.parametrize("n_ahead", [1, 2, 3, 7])
def test_whatever_articles_kill_the_process_each_other_one_has_its_own_report(
    monkeypatch: pytest.MonkeyPatch, n_ahead: int
) -> None:
    monkeypatch.setattr(analysis_queue, "ChildProcess", FakeWorker)
    for kinds in product("好" + BAD, repeat=7):
        articles = make_articles(kinds)
        analyst = AnalysisQueue(Mock(), 1.0)
        answers = []
        for n_given, article in enumerate(articles, start=1):
            analyst.submit(article)
            if n_given - len(answers) >= n_ahead:
                answers.append(analyst.collect())
        answers += [analyst.collect() for _ in articles[len(answers) :]]
        for article, answer in zip(articles, answers, strict=True):
            if BAD in article.text:
                assert answer == "分析时进程没了，文章已搁置；可用 --retry-failed 重试"
            else:
                assert answer == {"id": "同", "text": article.text}


def test_a_report_of_another_article_is_never_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Mock()
    worker.receive.return_value = {"id": "别的"}
    monkeypatch.setattr(analysis_queue, "ChildProcess", lambda *_: worker)
    analyst = AnalysisQueue(Mock(), 1.0)
    analyst.submit(make_articles(("好",))[0])
    assert "另一篇，文章已搁置" in str(analyst.collect())
    assert worker.stop.call_count == 2


def fail_to_load() -> ArticleAnalyzer:
    raise ModelError("模型文件夹 x 与清单不符")


def test_a_process_that_does_not_start_says_why(capfd: pytest.CaptureFixture[str]) -> None:
    analyst = AnalysisQueue(fail_to_load, 1.0)
    with pytest.raises(ChildStartError, match=r"^工作进程启动失败：模型文件夹 x 与清单不符$"):
        analyst.submit(make_articles(("好",))[0])
    assert capfd.readouterr().err == ""
