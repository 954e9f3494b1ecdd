"""The library: kept once, read later, listed by day, theme, place and source, forgotten."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from model import InputError
from serving.cli.main import app
from serving.home.database import open_store
from serving.library.articles import (
    ArticleFilter,
    forget,
    forget_all,
    forget_older,
    keep_record,
    keep_records,
    list_articles,
    load_articles,
    load_between,
    mark_read,
    read_past,
)
from serving.library.search import SearchQuery, search
from serving.library.search_index import index_path
from tests.serving.library.reports import make_report

YUNLING = "云岭县医共体。县域内就诊率由82.3%提高到90.6%。"
PLACE = {"code": "330421", "name": "云岭县", "level": "county", "path": ["浙江省", "云岭县"]}


@pytest.fixture
def store(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    opened = open_store(store_url)
    yield opened
    opened.dispose()


def test_an_article_is_kept_once_and_every_report_of_it_stays(store: Engine) -> None:
    first = make_report(YUNLING, theme="alliance", date="2024-05-16", source="云岭网")
    number = keep_record(store, first)
    assert keep_record(store, first) == number
    assert len(read_past(store, number)) == 1
    second = {**first, "themes": [], "primary": None, "model": "m2"}
    assert keep_record(store, second) == number
    past = read_past(store, number)
    assert [(p.model, len(p.record["themes"])) for p in past] == [("m1", 1), ("m2", 0)]
    assert load_articles(store, [number])[0].record == second
    assert list_articles(store, ArticleFilter(theme="alliance")) == []


def test_the_same_text_of_another_source_is_another_article(store: Engine) -> None:
    assert keep_records(store, [make_report(YUNLING, source=s) for s in ("甲报", "乙报")]) == 2


def test_lists_by_day_theme_place_source_and_reading(store: Engine) -> None:
    keep_record(
        store,
        make_report(YUNLING, theme="alliance", date="2024-05-16", source="云岭网", place=PLACE),
    )
    other = keep_record(store, make_report("人才引进。", theme="talent", date="2024-05-17"))
    for wanted, days in (
        (ArticleFilter(), ["2024-05-17", "2024-05-16"]),
        (ArticleFilter(until="2024-05-16"), ["2024-05-16"]),
        (ArticleFilter(theme="talent"), ["2024-05-17"]),
        (ArticleFilter(place="云岭"), ["2024-05-16"]),
        (ArticleFilter(place="3304"), ["2024-05-16"]),
        (ArticleFilter(place="11"), []),
        (ArticleFilter(source="云岭"), ["2024-05-16"]),
    ):
        assert [found.day for found in list_articles(store, wanted)] == days, wanted
    mark_read(store, other, "王")
    mark_read(store, other, "王")
    assert [a.day for a in list_articles(store, ArticleFilter(unread_by="王"))] == ["2024-05-16"]
    assert len(list_articles(store, ArticleFilter(unread_by="李"))) == 2
    assert [a.is_read for a in list_articles(store, ArticleFilter(), by="王")] == [True, False]


def test_a_line_that_failed_is_passed_over_and_no_report_is_refused(store: Engine) -> None:
    assert keep_records(store, [{"id": "x", "error": "读不出"}]) == 0
    with pytest.raises(InputError, match="不是医闻的报告"):
        keep_records(store, [{"text": "没有别的"}])


def test_forgotten_articles_leave_the_store_and_the_index(store: Engine) -> None:
    number = keep_record(store, make_report(YUNLING))
    kept = keep_record(store, make_report("人才引进。"))
    assert search(store, SearchQuery("就诊率")).n_found == 1
    forget(store, [number])
    assert [a.number for a in list_articles(store, ArticleFilter())] == [kept]
    with sqlite3.connect(index_path(store)) as index:
        pairs = "SELECT count(*) FROM words WHERE words MATCH '就诊'"
        assert index.execute(pairs).fetchone() == (0,)
    assert search(store, SearchQuery("人才")).n_found == 1
    forget_all(store)
    assert search(store, SearchQuery("人才")).n_found == 0


def test_old_articles_leave_after_the_days_that_are_set(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_record(store, make_report(YUNLING))
    long_ago = datetime.now(UTC) - timedelta(days=40)
    with store.begin() as connection:
        connection.execute(text("UPDATE library_articles SET added_at = :at"), {"at": long_ago})
    assert forget_older(store, 60) == 0
    monkeypatch.setenv("YIWEN_KEEP_DAYS", "30")
    keep_record(store, make_report("人才引进。"))
    assert len(list_articles(store, ArticleFilter())) == 1
    monkeypatch.setenv("YIWEN_KEEP_DAYS", "一个月")
    with pytest.raises(InputError, match="YIWEN_KEEP_DAYS"):
        keep_record(store, make_report(YUNLING))


def test_articles_of_some_days_come_in_order_of_arrival(store: Engine) -> None:
    days = ["2024-05-16", "2024-05-18", "2024-05-17"]
    keep_records(store, [make_report(f"{day}的稿子。", date=day) for day in days])
    found = load_between(store, "2024-05-17", "2024-05-18")
    assert [article.day for article in found] == days[1:]


def test_tag_keep_puts_reports_into_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    article = {"id": "a1", "text": YUNLING, "date": "2024-05-16", "source": "云岭网"}
    (tmp_path / "in.jsonl").write_text(json.dumps(article, ensure_ascii=False), encoding="utf-8")
    run = CliRunner().invoke
    out = str(tmp_path / "out.xlsx")
    assert run(app, ["tag", str(tmp_path / "in.jsonl"), "-o", out, "--keep"]).exit_code == 0
    assert [a.source for a in list_articles(open_store(), ArticleFilter())] == ["云岭网"]
    found = run(app, ["search", "医共体", "--json"])
    assert [json.loads(line)["day"] for line in found.stdout.splitlines()] == ["2024-05-16"]
    assert run(app, ["library", "clear", "--yes"]).exit_code == 0
    assert list_articles(open_store(), ArticleFilter()) == []
