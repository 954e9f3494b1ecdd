"""The article at hand: what may be edited above it, what is kept of it, which request is last."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from model import Analyzer, Article, InputError
from serving.analysis.worker import Analysis
from serving.page.single.last import KEEP_S, MAX_CHARS, LastArticle, LastArticles
from serving.page.single.reading import Headline, LatestRequests, Reading
from tests.conftest import ARTICLE

LAST = LastArticle(ARTICLE, "题", "2024-05-16", "县报", "云岭县", 150)


@pytest.fixture
def reading(analyzer: Analyzer) -> Reading:
    article = Article.from_raw(ARTICLE, source="县报")
    encoded = analyzer.encode(article)
    return Reading(Analysis(analyzer.analyze(article, encoded=encoded), encoded), ARTICLE)


def test_an_edited_headline_is_the_reports(reading: Reading) -> None:
    edited = reading.edit(Headline("新题", "2024年5月17日", "市报", "云岭县"))
    assert edited.headline == Headline("新题", "2024-05-17", "市报", "云岭县")
    assert edited.report.article.title == "新题"
    assert edited.report.figures == reading.report.figures
    assert reading.edit(reading.headline) is reading


def test_a_date_that_cannot_be_read_is_refused(reading: Reading) -> None:
    with pytest.raises(InputError, match="前天"):
        reading.edit(Headline("题", "前天"))
    assert reading.edit(Headline("题", "")).headline.date == ""


def test_each_person_gets_the_own_article_back(tmp_path: Path) -> None:
    lasts = LastArticles(tmp_path)
    lasts.keep("user 兰", LAST)
    assert LastArticles(tmp_path).find("user 兰") == LAST
    assert lasts.find("user 明") is None
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o077 == 0
    lasts.forget("user 兰")
    assert lasts.find("user 兰") is None


def test_a_damaged_or_a_very_long_article_is_none(tmp_path: Path) -> None:
    lasts = LastArticles(tmp_path)
    lasts.keep("a", LAST)
    next(tmp_path.iterdir()).write_text('{"text": 3}')
    assert lasts.find("a") is None
    lasts.keep("a", LastArticle("字" * (MAX_CHARS + 1), "", "", "", "", 150))
    assert list(tmp_path.iterdir()) == []


def test_articles_of_long_ago_are_removed(tmp_path: Path) -> None:
    lasts = LastArticles(tmp_path)
    lasts.keep("a", LAST)
    (old,) = tmp_path.iterdir()
    os.utime(old, (0, old.stat().st_mtime - KEEP_S - 1))
    lasts.keep("b", LAST)
    assert lasts.find("a") is None
    assert lasts.find("b") == LAST


def test_only_the_last_request_of_a_session_is_answered() -> None:
    order = LatestRequests()
    first, other = order.begin("s"), order.begin("t")
    second = order.begin("s")
    assert not order.is_latest("s", first)
    assert order.is_latest("s", second)
    assert order.is_latest("t", other)
