"""The process of analysis that a shared worker keeps from batch to batch."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from model import Article
from serving.jobs.shared_worker import Queues
from tests.conftest import ARTICLE
from tests.serving.archive.quick import quick_task


def test_the_next_run_gets_the_queue_unless_articles_were_left(tmp_path: Path) -> None:
    task = quick_task(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    article = Article.from_raw(ARTICLE, id="a1")
    with closing(Queues()) as queues:
        with queues.lend(task) as first:
            first.submit(article)
            assert isinstance(first.collect(), dict)
        with queues.lend(task) as second:
            assert second is first
            second.submit(article)  # and the run is stopped
        with queues.lend(task) as third:
            assert third is not first
            assert third.is_idle
