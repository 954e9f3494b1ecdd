"""Analyses beside the page: a text that hangs a worker is given up, and holds nobody else up."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from model import Analyzer, Article, InputError, Report, YiwenError
from model.analyzer import DEFAULT_MODEL
from model.encoder import EncodedArticle
from serving.analysis import analyses as module
from serving.analysis.analyses import MAX_OF_OWNER, Admission, Analyses, OwnAnalyses
from serving.analysis.submissions import SubmittedText
from serving.analysis.worker import Task
from tests.conftest import ARTICLE

HANGS, DIES = "没完没了。" * 30, "令人猝死。" * 30
LIMIT_S = 4.0  # a sound article takes over one second on a busy machine


class OddAnalyzer:
    """The shipped model, but for texts that hang it or end its process."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self.manifest = analyzer.manifest

    def encode(self, article: Article) -> EncodedArticle:
        while "没完没了" in article.text:
            time.sleep(1)
        if "令人猝死" in article.text:
            raise SystemExit(9)
        if "令人撑破" in article.text:
            bytearray(8 << 30)
        if "令人崩溃" in article.text:
            raise ZeroDivisionError
        return self._analyzer.encode(article)

    def analyze(self, article: Article, *, summary_chars: int, encoded: EncodedArticle) -> Report:
        return self._analyzer.analyze(article, summary_chars=summary_chars, encoded=encoded)


@dataclass(frozen=True)
class OddLoader:
    folder: Path
    threads: int

    def __call__(self) -> OddAnalyzer:
        return OddAnalyzer(Analyzer.load(self.folder, threads=self.threads))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Analyses]]:
    """Open analyses that are closed after the test."""
    monkeypatch.setattr(module, "ModelLoader", OddLoader)
    with ExitStack() as stack:

        def open_analyses(
            n_workers: int,
            find: Callable[[], Path] = lambda: DEFAULT_MODEL,
            admission: Admission | None = None,
        ) -> Analyses:
            analyses = Analyses(find, admission or Admission(n_workers), LIMIT_S)
            stack.callback(analyses.close)
            return analyses

        yield open_analyses


def test_a_report_is_that_of_the_analyzer(
    opened: Callable[..., Analyses], analyzer: Analyzer
) -> None:
    analyses = opened(1)
    done = analyses.analyze("lan", Task(ARTICLE, 100))
    article = Article.from_raw(ARTICLE, id="page")
    assert done.report == analyzer.analyze(article, summary_chars=100)
    again = Task(done.report.article, 60, done.encoded, done.report.model)
    assert analyses.analyze("lan", again).report == analyzer.analyze(article, summary_chars=60)
    assert analyses.read("lan", ARTICLE) == article
    assert OwnAnalyses(analyses, "lan").analyze(article) == analyzer.analyze(article)


def test_the_encoded_article_is_used_for_another_length(opened: Callable[..., Analyses]) -> None:
    analyses = opened(1)
    done = analyses.analyze("lan", Task(ARTICLE))
    hangs = analyses.read("lan", HANGS)  # to encode it would take for ever
    task = Task(hangs, 60, done.encoded, done.report.model)
    assert analyses.analyze("lan", task).report.article == hangs


@pytest.mark.parametrize(("text", "message"), [(HANGS, "还没完，已停止"), (DIES, "意外退出")])
def test_a_text_that_loses_its_worker_says_so_and_the_next_is_served(
    opened: Callable[..., Analyses], text: str, message: str
) -> None:
    analyses = opened(1)
    with pytest.raises(InputError, match=message):
        analyses.analyze("lan", Task(text))
    assert analyses.analyze("lan", Task(ARTICLE)).report.themes


@pytest.mark.parametrize(
    ("text", "message"), [("太短", "太短"), ("令人崩溃。" * 30, "ZeroDivision")]
)
def test_an_error_is_said_and_the_worker_goes_on(
    opened: Callable[..., Analyses], text: str, message: str
) -> None:
    analyses = opened(1)
    with pytest.raises(Exception, match=message):
        analyses.analyze("lan", Task(text))
    (worker,) = analyses._free
    assert worker.child is not None


def test_one_person_does_not_hold_the_others_up(opened: Callable[..., Analyses]) -> None:
    analyses = opened(2)
    analyses.analyze("ming", Task(ARTICLE))
    refused: list[str] = []

    def hold() -> None:
        try:
            analyses.analyze("lan", Task(HANGS))
        except InputError as error:
            refused.append(str(error))

    holders = [threading.Thread(target=hold) for _ in range(MAX_OF_OWNER + 2)]
    for holder in holders:
        holder.start()
    for _ in range(3):
        analyses.analyze("ming", Task(ARTICLE))
    assert sum("已停止" in message for message in refused) < MAX_OF_OWNER
    for holder in holders:
        holder.join()
    assert sum("您已有" in message for message in refused) == 2
    assert sum("已停止" in message for message in refused) == MAX_OF_OWNER


def test_an_article_that_would_fill_the_memory_fails_alone(
    opened: Callable[..., Analyses], analyzer: Analyzer
) -> None:
    analyses = opened(1, admission=Admission(1, memory_mb=4096))
    with pytest.raises(YiwenError, match="MemoryError"):
        analyses.analyze("lan", Task("令人撑破。" * 30))
    report = analyses.report_json("lan", Task(SubmittedText(ARTICLE, id="a"), 100, as_json=True))
    expected = analyzer.analyze(Article.from_raw(ARTICLE, id="a"), summary_chars=100)
    assert json.loads(report) == json.loads(json.dumps(expected.to_dict()))


def test_a_full_queue_is_said_at_once_and_a_long_wait_ends(opened: Callable[..., Analyses]) -> None:
    analyses = opened(1, admission=Admission(1, of_owner=9, waiting=1, wait_s=0.5))
    messages: list[str] = []

    def ask() -> None:
        with pytest.raises(InputError) as caught:
            analyses.analyze("lan", Task(HANGS))
        messages.append(str(caught.value))

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
        time.sleep(0.2)
    for thread in asking:
        thread.join()
    assert ["已满" in messages[0], "排队超时" in messages[1], "已停止" in messages[2]] == [True] * 3


def test_who_has_fewest_in_work_comes_first(opened: Callable[..., Analyses]) -> None:
    analyses = opened(2, admission=Admission(2, of_owner=9, is_shared=False))
    analyses._running["lan"] += 1
    first, second = ("lan", object()), ("ming", object())
    analyses._waiting.extend([first, second])
    assert analyses._is_turn_of(second)
    assert not analyses._is_turn_of(first)


def test_a_promoted_model_is_used_at_once(opened: Callable[..., Analyses], tmp_path: Path) -> None:
    folders = [DEFAULT_MODEL]
    analyses = opened(1, lambda: folders[-1])
    analyses.analyze("lan", Task(ARTICLE))
    other = tmp_path / "promoted"
    other.symlink_to(DEFAULT_MODEL)
    folders.append(other)
    analyses.analyze("lan", Task(ARTICLE))
    (worker,) = analyses._free
    assert worker.folder == other


def test_a_warm_worker_waits_for_the_first_task(opened: Callable[..., Analyses]) -> None:
    analyses = opened(1)
    analyses.warm()
    assert analyses.analyze("lan", Task(ARTICLE)).report.themes
