"""`/v1/batches`: taken once, done in the background, read as a stream from any line on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from serving.home.keys import Scope, add_key
from serving.home.schema import State
from serving.http import batch_requests, batch_results
from serving.http.service import Service
from serving.http.tending import MAX_RESUMPTIONS, Tending
from serving.jobs import batch_jobs, batch_worker
from tests.conftest import ARTICLE

LINES_TYPE = {"content-type": "application/x-ndjson"}
WAIT_S = 300.0
Open = Callable[..., TestClient]


def make_lines(n: int, text: str = ARTICLE) -> bytes:
    rows = [{"id": f"a{i}", "text": f"第{i}期\n{text}"} for i in range(n)]
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """Batches of one server; those that several share are in test_shared."""
    return f"sqlite:///{tmp_path / 'yiwen.db'}"


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no process started; a test does the jobs itself."""
    monkeypatch.setattr(batch_jobs, "start_worker", lambda: None)


def submit(client: TestClient, content: bytes, **headers: str) -> dict[str, Any]:
    answer = client.post("/v1/batches", content=content, headers={**LINES_TYPE, **headers})
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/batches/{answer.json()['id']}"
    found: dict[str, Any] = answer.json()
    return found


def test_a_batch_is_done_in_the_background_and_followed(client: TestClient) -> None:
    batch = submit(client, make_lines(3) + b"\n" + b'{"id": "bad", "text": ""}')
    assert (batch["state"], batch["n_files"], batch["n_articles"]) == ("queued", 1, 4)
    followed = client.get(batch["results"], params={"follow": True})
    assert followed.headers["content-type"].startswith("application/x-ndjson")
    rows = [json.loads(line) for line in followed.text.splitlines()]
    assert [row["id"] for row in rows] == ["a0", "a1", "a2", "bad"]
    assert "error" in rows[3]
    assert rows[0]["figures"]
    end = monotonic() + WAIT_S
    while (batch := client.get(f"/v1/batches/{batch['id']}").json())["state"] != "done":
        assert monotonic() < end
        sleep(0.2)
    assert (batch["n_tagged"], batch["n_failed"]) == (3, 1)
    rest = client.get(batch["results"], params={"offset": 2}).text.splitlines()
    assert rest == followed.text.splitlines()[2:]
    assert client.get(batch["results"], params={"offset": 9}).text == ""
    assert client.delete(f"/v1/batches/{batch['id']}").status_code == 204
    gone = client.get(f"/v1/batches/{batch['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, "no_such_batch")


@pytest.mark.usefixtures("idle")
def test_files_are_taken_too_and_no_path_is_shown(client: TestClient, tmp_path: Path) -> None:
    files = [("files", ("a.txt", ARTICLE.encode())), ("files", ("../a.txt", b"x"))]
    answer = client.post("/v1/batches", files=files, params={"name": "晨报"})
    assert (answer.json()["name"], answer.json()["n_files"]) == ("晨报", 2)
    assert str(tmp_path) not in answer.text
    assert client.get("/v1/batches").json()["batches"] == [answer.json()]


@pytest.mark.usefixtures("idle")
def test_a_batch_sent_again_with_its_key_is_one_batch(client: TestClient) -> None:
    key = {"idempotency-key": "night 1"}
    first = submit(client, make_lines(2), **key)
    again = client.post("/v1/batches", content=make_lines(2), headers={**LINES_TYPE, **key})
    assert (again.json()["id"], again.headers["idempotent-replayed"]) == (first["id"], "true")
    other = client.post("/v1/batches", content=make_lines(3), headers={**LINES_TYPE, **key})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert len(client.get("/v1/batches").json()["batches"]) == 1
    client.delete(f"/v1/batches/{first['id']}")
    assert submit(client, make_lines(3), **key)["id"] != first["id"]


@pytest.mark.usefixtures("idle")
def test_a_key_whose_request_was_cut_can_be_used_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = {"idempotency-key": "k"}
    with monkeypatch.context() as patch:
        patch.setattr(batch_requests, "_add", cut)
        patch.setattr(batch_requests, "_forget", lambda *_: None)  # as if the process had ended
        headers = {**LINES_TYPE, **key}
        assert client.post("/v1/batches", content=make_lines(1), headers=headers).status_code == 500
    busy = client.post("/v1/batches", content=make_lines(1), headers=headers)
    assert (busy.status_code, busy.json()["code"]) == (409, "key_in_use")
    monkeypatch.setattr(batch_requests, "_UNDER_WAY", batch_requests.timedelta(0))
    submit(client, make_lines(1), **key)


def cut(*_: object) -> None:
    raise ZeroDivisionError


@pytest.mark.usefixtures("idle")
def test_a_refused_batch_may_be_mended_under_its_key(client: TestClient) -> None:
    key = {"idempotency-key": "k"}
    bad = client.post("/v1/batches", files={"files": ("a.exe", b"x")}, headers=key)
    assert (bad.status_code, bad.json()["code"]) == (422, "unusable_input")
    submit(client, make_lines(1), **key)


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"content": b"x"}, 415, "unsupported_media_type"),
        ({"data": {"x": "y"}, "files": {"other": b"x"}}, 400, "bad_form"),
        (
            {"content": b"x", "headers": LINES_TYPE, "params": {"name": "x" * 61}},
            422,
            "invalid_request",
        ),
    ],
)
def test_what_is_no_batch_is_refused(
    client: TestClient, sent: dict[str, Any], status: int, code: str
) -> None:
    answer = client.post("/v1/batches", **sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.usefixtures("idle")
def test_a_batch_belongs_to_its_key(store: Engine, open_client: Open) -> None:
    lan, ming = (open_client(add_key(store, name)) for name in ("lan", "ming"))
    batch = submit(lan, make_lines(1))
    for path in ("", "/results", "/cancel", "/resume"):
        method = "GET" if path in {"", "/results"} else "POST"
        assert ming.request(method, f"/v1/batches/{batch['id']}{path}").status_code == 404
    assert ming.delete(f"/v1/batches/{batch['id']}").status_code == 404
    assert ming.get("/v1/batches").json() == {"batches": []}
    reader = open_client(add_key(store, "reader", {Scope.READ}))
    assert reader.delete(f"/v1/batches/{batch['id']}").status_code == 403


@pytest.mark.usefixtures("idle")
def test_a_batch_is_stopped_and_goes_on(client: TestClient, store: Engine) -> None:
    batch = submit(client, make_lines(1))
    assert client.post(f"/v1/batches/{batch['id']}/cancel").json()["state"] == "cancelled"
    assert client.post(f"/v1/batches/{batch['id']}/resume").json()["state"] == "queued"
    batch_worker.work(store)
    assert client.get(f"/v1/batches/{batch['id']}").json()["state"] == "done"


@pytest.mark.usefixtures("idle")
def test_a_batch_that_was_killed_goes_on_but_not_for_ever(
    store: Engine, service: Service, open_client: Open
) -> None:
    lan = open_client(add_key(store, "lan"))
    own, stopped = (submit(lan, make_lines(1))["id"] for _ in range(2))
    lan.post(f"/v1/batches/{stopped}/cancel")
    tending = Tending(store, service.model)
    for _ in range(MAX_RESUMPTIONS):
        batch_jobs.LIFE.begin(store, own, {State.QUEUED})  # and its process is lost
        tending.tend()
        assert batch_jobs.LIFE.state_of(store, own) == State.QUEUED
    batch_jobs.LIFE.begin(store, own, {State.QUEUED})
    tending.tend()
    assert batch_jobs.LIFE.state_of(store, own) == State.INTERRUPTED
    assert batch_jobs.LIFE.state_of(store, stopped) == State.CANCELLED


def test_lines_are_read_whole_however_long(tmp_path: Path) -> None:
    path, position, blocks = tmp_path / "r.jsonl", 0, []
    lines = [b"x" * n + b"\n" for n in (10, batch_results._BLOCK_BYTES * 2, 1, 0)]
    path.write_bytes(b"".join(lines) + b"half")
    while block := batch_results.read_lines(path, position):
        assert block.endswith(b"\n")
        position += len(block)
        blocks.append(block)
    assert b"".join(blocks) == b"".join(lines)
    assert batch_results.read_lines(tmp_path / "none", 0) == b""
