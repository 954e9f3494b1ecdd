"""`GET /v1/facts`: facts of the library with their receipts; what is in doubt only on demand."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from serving.library.articles import keep_records
from tests.serving.atlas.reports import RATE, make_rate


@pytest.fixture
def library(store: Engine) -> None:
    doubtful = make_rate(2022, "80%", cells={"body": None})
    keep_records(store, [make_rate(2023, "90.6%"), make_rate(2021, "82.3%"), doubtful])


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, ["82.3%", "90.6%"]),
        ({"place": "5101", "indicator": "就诊率", "since": 2022}, ["90.6%"]),
        ({"place": "浙江"}, []),
        ({"kind": "target"}, []),
        ({"limit": 1, "offset": 1}, ["90.6%"]),
        ({"doubtful": True}, ["80%"]),
    ],
)
def test_facts_are_listed(client: TestClient, asked: dict[str, object], shown: list[str]) -> None:
    answer = client.get("/v1/facts", params=asked)
    assert answer.status_code == 200, answer.text
    facts = answer.json()["facts"]
    assert [fact["receipts"][0]["text"] for fact in facts] == shown
    for fact in facts:
        assert fact["place"]["code"] == "510121"
        assert (fact["indicator"], fact["official"], fact["unit"]) == (RATE, True, "%")
        assert bool(fact["doubts"]) == bool(asked.get("doubtful"))


def test_a_year_that_is_none_is_refused(client: TestClient) -> None:
    assert client.get("/v1/facts", params={"since": "去年"}).status_code == 422
