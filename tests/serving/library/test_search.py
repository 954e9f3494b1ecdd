"""Search: two-character words, phrases, filters, lit passages, saved searches, a lost index."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from model import InputError
from serving.home.database import open_store
from serving.library.articles import ArticleFilter, keep_record, keep_records
from serving.library.saved_searches import drop_search, list_searches, mark_seen, save_search
from serving.library.search import SearchQuery, find_passage, search
from serving.library.search_index import index_path, open_index
from serving.library.words import find_places, parse_words, to_tokens
from tests.serving.library.reports import make_report

TEXTS = (
    "云岭县引进人才83名，县域内就诊率达90.6%。",
    "5G智慧医院上线，人们不再排队。",
    "医共体总院下派医师。ＣＴ检查互认。",
)


@pytest.fixture
def store(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    store = open_store(store_url)
    keep_records(store, [make_report(text, date=f"2024-05-1{i}") for i, text in enumerate(TEXTS)])
    yield store
    store.dispose()


def found(store: Engine, words: str, **filters: str) -> list[int]:
    return [hit.number for hit in search(store, SearchQuery(words, **filters)).hits]


def test_every_pair_of_characters_is_found_where_it_stands(store: Engine) -> None:
    pairs = {text[i : i + 2] for text in TEXTS for i in range(len(text) - 1)}
    words = [pair for pair in pairs if pair.isalpha() and not pair.isascii()]
    for word in words:
        expected = [i for i, text in enumerate(TEXTS, 1) if word in text]
        if "Ｃ" not in word and "Ｔ" not in word and "G" not in word:
            assert sorted(found(store, word)) == expected, word


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("人才", [1]), ("人", [1, 2]), ("院", [2, 3]), ("ct", [3]), ("５g智慧", [2]),
        ("90.6", [1]), ("90.6%", [1]), ("90", []), ("医院 排队", [2]), ("医院 人才", []),
        ("人 -排队", [1]), ('"县域内就诊率"', [1]), ("就诊县域", []), ("共体", [3]),
    ],
)  # fmt: skip
def test_words_phrases_and_what_is_not_wanted(
    store: Engine, words: str, expected: list[int]
) -> None:
    assert sorted(found(store, words)) == expected


def test_what_cannot_be_searched_for_is_refused(store: Engine) -> None:
    for typed in ("，。", "-", '""'):
        with pytest.raises(InputError):
            search(store, SearchQuery(typed))


def test_a_query_is_no_program(store: Engine) -> None:
    # Each sign or operator is a word to look for, or nothing: never a command of FTS5 or of SQL.
    for typed, expected in {
        "人才 OR 医院": [], "人才 AND 就诊率": [], "NEAR(人才": [], "title:人才": [], "人才*": [],
        'x" OR "y': [], "'; DROP TABLE words": [], "人才": [1],
    }.items():  # fmt: skip
        assert found(store, typed) == expected, typed


def test_filters(store: Engine) -> None:
    keep_record(
        store,
        make_report("平湖市人才。门诊量增长7%。", theme="talent", date="2024-06-01",
                    source="平湖报", indicator="门诊量增幅",
                    place={"code": "330482", "name": "平湖市", "path": "浙江/平湖"}),
    )  # fmt: skip
    assert sorted(found(store, "人才")) == [1, 4]
    for filters in (
        {"theme": "talent"}, {"since": "2024-06-01"}, {"source": "平湖"}, {"place": "3304"},
        {"place": "平湖"},
    ):  # fmt: skip
        query = SearchQuery("人才", wanted=ArticleFilter(**filters))
        assert [hit.number for hit in search(store, query).hits] == [4], filters
    assert found(store, "", indicator="门诊量") == [4]
    assert found(store, "人才", indicator="就诊率") == [1]
    assert found(store, "", indicator="就诊")[0] == 1


def test_a_title_weighs_more_than_the_body(store: Engine) -> None:
    keep_records(
        store,
        [make_report("首诊" + "很长的正文。" * 20, title="别的"),
         make_report("甲" + "很长的正文。" * 20, title="基层首诊")],
    )  # fmt: skip
    assert found(store, "首诊") == [5, 4]


def test_the_passage_is_lit_where_most_words_stand() -> None:
    text = "医院。" + "别的话，" * 40 + "人才与医院在这里。完"
    passage = find_passage(text, ["医院", "人才"])
    assert [passage.text[a:b] for a, b in passage.lit] == ["人才", "医院"]
    assert find_passage("没有。", ["人才"]).lit == ()
    assert find_places("ＣＴ和ct", ["ct"]) == [(0, 2), (3, 5)]


def test_tokens_keep_decimals_whole() -> None:
    assert to_tokens("升至82.3%，ICU") == "升至 至 82p3 q icu"
    assert parse_words("82.3 智慧医").match == '"82p3" AND "智慧" AND "慧医"'


def test_an_article_analysed_again_is_found_by_its_new_indicators(store: Engine) -> None:
    assert found(store, "", indicator="就诊率") == [1]
    keep_record(store, make_report(TEXTS[0], date="2024-05-10", indicator="引才数", model="m2"))
    assert found(store, "", indicator="就诊率") == []
    assert found(store, "", indicator="引才") == [1]


def test_a_lost_damaged_or_foreign_index_is_made_again(store: Engine) -> None:
    path = index_path(store)
    for content in (None, b"", b"no database" * 1000):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_bytes(content)
        assert found(store, "人才") == [1]
    with open_index(store) as index:
        index.execute("UPDATE state SET digest = 'of another store'")
        index.execute("DELETE FROM facts")
    assert found(store, "人才") == [1]


def test_a_kill_between_store_and_index_is_noticed(store: Engine) -> None:
    assert found(store, "人才") == [1]
    with store.begin() as connection:  # as `forget`, killed before it reached the index
        connection.exec_driver_sql("DELETE FROM library_reports WHERE article = 1")
        connection.exec_driver_sql("DELETE FROM library_articles WHERE id = 1")
    assert search(store, SearchQuery("人才")).n_found == 0


def test_a_saved_search_shows_what_is_new(store: Engine) -> None:
    save_search(store, "王", "人才", SearchQuery("人才"))
    assert [s.new for s in list_searches(store, "王")] == [()]
    number = keep_record(store, make_report("又有人才政策。"))
    keep_record(store, make_report("无关。"))
    assert [(s.name, s.new) for s in list_searches(store, "王")] == [("人才", (number,))]
    assert list_searches(store, "李") == []
    mark_seen(store, "王", "人才")
    assert [s.new for s in list_searches(store, "王")] == [()]
    drop_search(store, "王", "人才")
    assert list_searches(store, "王") == []


def test_hits_come_in_parts(store: Engine) -> None:
    keep_records(store, [make_report(f"第{i}篇讲分级诊疗。") for i in range(7)])
    query = SearchQuery("分级诊疗")
    parts = [search(store, query, limit=3, offset=offset) for offset in (0, 3, 6)]
    numbers = list(itertools.chain(*([hit.number for hit in part.hits] for part in parts)))
    assert (len(set(numbers)), {part.n_found for part in parts}) == (7, {7})
