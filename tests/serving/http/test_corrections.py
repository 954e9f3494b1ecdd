"""`POST /v1/corrections`: kept under the caller's name, all or none, and seen by the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from model import Analyzer, Article
from serving.corrections.store import read_corrections, read_history
from serving.home.keys import Scope, add_key
from tests.conftest import ARTICLE

PATH = "/v1/corrections"


@pytest.fixture(scope="module")
def report(analyzer: Analyzer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        json.dumps(analyzer.analyze(Article.from_raw(ARTICLE, id="a1")).to_dict())
    )
    return found


def theme(answer: str = "yes", key: str = "talent") -> dict[str, str]:
    return {"what": "theme", "theme": key, "answer": answer}


def test_changes_are_kept_under_the_callers_name(
    store: Engine, open_client: Callable[..., TestClient], report: dict[str, Any]
) -> None:
    client = open_client(add_key(store, "办公系统", {Scope.CORRECT}))
    primary = {"what": "primary", "theme": "talent"}
    drop = {
        "what": "drop",
        "start": report["figures"][0]["start"],
        "end": report["figures"][0]["end"],
    }
    asked = {"report": report, "changes": [theme(), primary, drop], "accept": True}
    done = client.post(PATH, json=asked).json()
    assert (done["accepted"], done["number"], done["notices"]) == (True, 4, [])
    labels = json.loads(done["labels"])
    assert (set(labels["themes"]), labels["primary"]) == ({"alliance", "talent"}, "talent")
    assert len(labels["figures"]) == len(report["figures"]) - 1
    assert {event.by for event in read_history(store, done["article"])} == {"办公系统"}
    (kept,) = read_corrections(store)
    assert kept.labelled.primary == "talent"


def test_a_change_of_what_another_changed_is_a_conflict(
    client: TestClient, report: dict[str, Any]
) -> None:
    first = client.post(PATH, json={"report": report, "changes": [theme()]}).json()
    stale = {"article": first["article"], "seen": 0, "changes": [theme("edge")]}
    answer = client.post(PATH, json=stale)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    fresh = {**stale, "seen": first["number"]}
    assert json.loads(client.post(PATH, json=fresh).json()["labels"])["borderline"] == ["talent"]


def test_either_all_changes_are_made_or_none(
    client: TestClient, store: Engine, report: dict[str, Any]
) -> None:
    cannot = {"what": "key", "sentence": 99_999, "key": True}
    answer = client.post(PATH, json={"report": report, "changes": [theme(), cannot]})
    assert (answer.status_code, answer.json()["code"]) == (422, "unusable_input")
    assert read_corrections(store, unaccepted=True) == []


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "invalid_request"),
        ({"article": 1, "report": {}}, 422, "invalid_request"),
        ({"article": 77}, 404, "no_such_article"),
        ({"article": 1 << 70}, 422, "invalid_request"),
        ({"report": {"text": "x"}}, 422, "unusable_input"),
        ({"article": 1, "changes": [{"what": "nothing"}]}, 422, "invalid_request"),
        ({"article": 1, "changes": [theme(key="无此主题")]}, 422, "unusable_input"),
    ],
)
def test_what_is_no_correction_is_refused(
    client: TestClient, asked: dict[str, Any], status: int, code: str
) -> None:
    answer = client.post(PATH, json=asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
