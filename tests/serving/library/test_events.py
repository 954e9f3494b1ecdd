"""The event of an article of the library: who was first, who copied, what changed, what is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from serving.home.database import open_store
from serving.library.articles import forget, keep_record
from serving.library.events import find_event
from serving.library.search import SearchQuery
from serving.page.desk.view import show_articles
from tests.data.events.test_events import FIRST, OTHER, RETOLD
from tests.serving.library.reports import make_report

COPY = FIRST.replace("90.6%", "96.0%")


@pytest.fixture
def store(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    store = open_store(store_url)
    yield store
    store.dispose()


def keep(store: Engine, text: str, day: str, title: str) -> int:
    return keep_record(store, make_report(text, date=day, title=title, source=f"{title}报"))


def test_reports_of_an_event_say_who_was_first_and_what_is_new(store: Engine) -> None:
    copy = keep(store, COPY, "2024-05-17", "转载")
    first = keep(store, FIRST, "2024-05-16", "首发")
    retold = keep(store, RETOLD, "2024-05-17", "又报")
    alone = keep(store, OTHER, "2024-05-16", "别县")
    keep(store, FIRST, "2024-07-16", "两月以后")
    reports = find_event(store, retold)
    assert [report.number for report in reports] == [first, copy, retold]
    assert [report.copies for report in reports] == [None, first, None]
    assert ("90.6%", "96.0%") in reports[1].changes
    assert reports[0].new == ()
    new = [RETOLD[a:b] for a, b in reports[2].new]
    assert "村民还能在家门口做胃镜。" in new
    assert find_event(store, copy) == find_event(store, first) == reports
    assert find_event(store, alone) == ()
    forget(store, [retold])
    assert find_event(store, retold) == ()


def test_the_page_shows_the_event_of_the_open_article(store: Engine) -> None:
    first = keep(store, FIRST, "2024-05-16", "首发")
    copy = keep(store, COPY, "2024-05-17", "<b>转载")
    retold = keep(store, RETOLD, "2024-05-18", "又报")
    html = show_articles(store, SearchQuery("胃镜"), "", {}, retold)
    assert "<mark>村民还能在家门口做胃镜。</mark>" in html
    assert f"data-act='open' data-key='{first}'" in html
    assert "90.6% → 96.0%" in html
    assert "<b>转载" not in html
    linked = show_articles(
        store, SearchQuery("胃镜"), "", {}, copy
    )  # opened by a link of the event
    assert f"data-key='{copy}' aria-expanded='true'" in linked
