"""`GET /v1/search`: what the library has, with the passage; strange words are no server error."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from model import Analyzer, Article
from serving.library.articles import keep_records
from tests.conftest import ARTICLE


@pytest.fixture
def library(store: Engine, analyzer: Analyzer) -> None:
    keep_records(store, [analyzer.analyze(Article.from_raw(ARTICLE, id="a1")).to_dict()])


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("asked", "n_found"),
    [
        ({"q": "医共体"}, 1),
        ({"q": "云岭 -医共体"}, 0),
        ({"indicator": "就诊率", "theme": "alliance", "since": "2024-05-16"}, 1),
        ({"until": "2024-05-15"}, 0),
        ({}, 1),
        ({"offset": 1}, 1),
    ],
)
def test_articles_are_found(client: TestClient, asked: dict[str, str], n_found: int) -> None:
    answer = client.get("/v1/search", params=asked)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["n_found"], found["is_more"]) == (n_found, False)
    assert len(found["hits"]) == (0 if "offset" in asked else n_found)
    for hit in found["hits"]:
        assert (hit["day"], hit["themes"]) == ("2024-05-16", ["alliance"])
        lit = [hit["passage"][start:end] for start, end in hit["lit"]]
        assert all(word in {"医共体"} for word in lit)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    "words", ["-", '"', '"""', "*", "AND", "a OR (", "\0", "'; --", "-不", "\ud7ff"]
)
def test_strange_words_are_no_server_error(client: TestClient, words: str) -> None:
    assert client.get("/v1/search", params={"q": words}).status_code in {200, 422}


@pytest.mark.parametrize(
    "asked", [{"since": "gestern"}, {"limit": 0}, {"offset": -1}, {"q": "x" * 501}]
)
def test_what_cannot_be_asked_is_refused(client: TestClient, asked: dict[str, str]) -> None:
    answer = client.get("/v1/search", params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
