"""`/v1/briefs`: made of the library, with the place of every sentence and figure; as files too."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from docx import Document
from sqlalchemy import Engine
from starlette.testclient import TestClient

from serving.home.keys import Scope, add_key
from serving.library.articles import keep_records
from tests.serving.library.reports import make_report

TEXT = "云岭县组建医共体。县域内就诊率90.6%。"
DAY = "2024-05-16"


@pytest.fixture
def library(store: Engine) -> None:
    report = make_report(
        TEXT, theme="alliance", picks=("县域内就诊率90.6%。",), date=DAY, title="医共体见效"
    )
    keep_records(store, [report])


@pytest.mark.usefixtures("library")
def test_a_brief_is_made_with_the_place_of_all_it_says(client: TestClient) -> None:
    made = client.post("/v1/briefs", json={"date": DAY})
    assert made.status_code == 201, made.text
    brief = made.json()
    (entry,) = brief["entries"]
    assert (brief["kind"], brief["days"], entry["theme"]) == ("daily", 1, "alliance")
    places = [place for line in entry["lines"] for place in line["places"]]
    places += [row["place"] for row in entry["rows"]]
    texts = [line["text"] for line in entry["lines"]] + [row["text"] for row in entry["rows"]]
    assert texts == [TEXT[place["start"] : place["end"]] for place in places]
    assert entry["sources"][0]["article"] == places[0]["article"]
    assert client.get(made.headers["location"]).json() == brief
    (listed,) = client.get("/v1/briefs").json()["briefs"]
    assert (listed["id"], listed["title"]) == (brief["id"], brief["title"])


@pytest.mark.usefixtures("library")
def test_a_brief_comes_as_a_file(client: TestClient) -> None:
    place = client.post("/v1/briefs", json={"date": DAY, "title": "晨报"}).headers["location"]
    word = client.get(place, params={"format": "docx"})
    assert ".docx" in word.headers["content-disposition"]
    paragraphs = [p.text for p in Document(io.BytesIO(word.content)).paragraphs]
    assert paragraphs[0] == "晨报"
    assert any("县域内就诊率90.6%" in text for text in paragraphs)
    markdown = client.get(place, params={"format": "md"})
    assert markdown.text.startswith("# 晨报")
    assert markdown.headers["content-type"].startswith("text/markdown")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"date": "gestern"}, "unusable_input"),
        ({"days": 0}, "invalid_request"),
        ({"kind": "hourly"}, "invalid_request"),
        ({"date": "0001-01-01", "days": 9}, "unusable_input"),
    ],
)
def test_what_is_no_brief_is_refused(
    client: TestClient, asked: dict[str, object], code: str
) -> None:
    answer = client.post("/v1/briefs", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_brief_that_is_not_there(client: TestClient) -> None:
    gone = client.get("/v1/briefs/7")
    assert (gone.status_code, gone.json()["code"]) == (404, "no_such_brief")
    assert client.get("/v1/briefs/x").status_code == 422


def test_a_key_that_reads_makes_none(store: Engine, open_client: Callable[..., TestClient]) -> None:
    reader = open_client(add_key(store, "reader", {Scope.READ}))
    assert reader.post("/v1/briefs", json={"date": DAY}).status_code == 403
    assert reader.get("/v1/briefs").json() == {"briefs": []}
