"""A person's bare name stands only behind a sentence that says who that is."""

from __future__ import annotations

import pytest

from model import Article
from model.summary.persons import Persons, find_names

TEXT = (
    "磐安县人民医院急诊科主任周明昨天坐诊。市民黄先生带着父亲来看病，等了很久才等到。"
    "周明给老人做了检查。黄先生很满意，一再道谢。大家都说看病方便多了。"
)


def persons_of(text: str) -> Persons:
    article = Article.from_raw(text)
    return Persons(article, [sentence.of(article.text) for sentence in article.sentences])


def test_names_are_those_told_more_than_once() -> None:
    assert find_names(TEXT) == {"周明": True, "黄先生": False}
    assert find_names("院长周明昨天坐诊，看了许多病人。") == {}


def test_two_characters_or_three_are_told_by_what_always_follows() -> None:
    assert list(find_names("院长周明表示高兴。医生周明说好。")) == ["周明"]
    assert list(find_names("院长周明远说好。周明远又去了乡下。")) == ["周明远"]


@pytest.mark.parametrize(
    ("row", "words", "unknown"),
    [
        (0, "磐安县人民医院急诊科主任周明昨天坐诊。", []),
        (2, "周明给老人做了检查。", ["周明"]),
        (2, "医生周明给老人做了检查。", []),
        (3, "黄先生很满意，一再道谢。", ["黄先生"]),
        (4, "大家都说看病方便多了。", []),
    ],
)
def test_a_bare_name_is_unknown_until_it_is_introduced(
    row: int, words: str, unknown: list[str]
) -> None:
    assert persons_of(TEXT).find_unknown(row, words) == unknown


def test_the_sentence_that_introduces_a_person_is_found() -> None:
    persons = persons_of(TEXT)
    assert persons.find_introductions("周明", 2) == {0}
    assert persons.find_introductions("黄先生", 3) == {1}
