"""Several servers on one PostgreSQL: batches are done once, keys and replies hold everywhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from eval.bench.postgres import open_postgres
from model.analyzer import DEFAULT_MODEL
from serving.archive.request import ArchiveRequest, run_request
from serving.home.database import open_store
from serving.home.folder import UPLOADS
from serving.home.keys import add_key
from serving.http import batch_store
from serving.http.access import Access
from serving.http.app import guard_app
from serving.http.service import Service
from serving.http.shared_replies import SharedReplies
from serving.jobs import shared_worker
from serving.jobs.shared_batches import read_lines
from serving.library.articles import ArticleFilter, list_articles
from tests.conftest import ARTICLE

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).parents[3]
LINES_TYPE = {"content-type": "application/x-ndjson"}
WAIT_S = 300.0
Open = Callable[..., TestClient]


@pytest.fixture
def store_url(empty_postgres: str) -> str:
    return empty_postgres


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no process started; a test does the batches itself."""
    monkeypatch.setattr(batch_store, "start_worker", lambda *_: None)


@pytest.fixture
def elsewhere(service: Service, store: Engine) -> TestClient:
    """Another server of the same database, called without a key."""
    return TestClient(guard_app(other_server(service, store), ()), "http://127.0.0.1:7861")


def other_server(service: Service, store: Engine) -> Service:
    return replace(service, access=Access(store), replies=SharedReplies(store))


def make_lines(n: int) -> bytes:
    rows: list[dict[str, Any]] = [
        {"id": f"a{i}", "text": f"第{i}期\n{ARTICLE}" + "云岭县的医生上门看病。" * i}
        for i in range(n)
    ]
    rows.append({"id": "bad", "text": ""})
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def submit(client: TestClient, content: bytes, **headers: str) -> dict[str, Any]:
    answer = client.post("/v1/batches", content=content, headers={**LINES_TYPE, **headers})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def tag(content: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return what an archive run makes of the lines, as `yiwen tag` would."""
    (folder / UPLOADS).mkdir(parents=True)
    (folder / UPLOADS / "articles.jsonl").write_bytes(content)
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        run_request(ArchiveRequest((UPLOADS,), Path("out.jsonl"), DEFAULT_MODEL), lambda _: None)
    return (folder / "out.jsonl").read_bytes()


def test_a_batch_is_done_by_one_server_and_read_from_another(
    client: TestClient, elsewhere: TestClient, store: Engine, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    content = make_lines(3)
    batch = submit(client, content)
    assert (batch["state"], batch["n_articles"]) == ("queued", 4)
    shared_worker.work(store, DEFAULT_MODEL)
    done = elsewhere.get(f"/v1/batches/{batch['id']}").json()
    assert (done["state"], done["n_tagged"], done["n_failed"]) == ("done", 3, 1)
    assert done["model"] == client.get("/v1/models").json()["models"][0]["model"]
    results = elsewhere.get(batch["results"])
    assert results.content == tag(content, tmp_path / "alone", monkeypatch)
    rest = elsewhere.get(batch["results"], params={"offset": 3, "follow": True})
    assert rest.content == results.content.splitlines(keepends=True)[3]
    assert len(list_articles(store, ArticleFilter())) == 3
    assert list((tmp_path / "shared").glob("*/")) == []  # nothing is left beside the database
    assert elsewhere.delete(f"/v1/batches/{batch['id']}").status_code == 204
    assert client.get(f"/v1/batches/{batch['id']}").status_code == 404


def test_a_batch_sent_to_two_servers_with_its_key_is_one(
    client: TestClient, elsewhere: TestClient
) -> None:
    key = {"idempotency-key": "night"}
    first = submit(client, make_lines(1), **key)
    headers = {**LINES_TYPE, **key}
    again = elsewhere.post("/v1/batches", content=make_lines(1), headers=headers)
    assert (again.json()["id"], again.headers["idempotent-replayed"]) == (first["id"], "true")
    other = elsewhere.post("/v1/batches", content=make_lines(2), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_a_killed_worker_loses_and_doubles_nothing(
    client: TestClient, store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_lines(40)
    batch = submit(client, content)["id"]
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "serving.jobs.shared_worker", str(DEFAULT_MODEL)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True,
    )  # fmt: skip
    end = monotonic() + WAIT_S
    while not read_lines(store, batch, 0):
        assert worker.poll() is None
        assert monotonic() < end
        sleep(0.02)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    n_before = len(read_lines(store, batch, 0))
    assert client.get(f"/v1/batches/{batch}").json()["state"] == "running"
    with store.begin() as connection:  # its lease runs out
        connection.execute(text("UPDATE shared_batch SET lease_until = 0"))
    shared_worker.work(store, DEFAULT_MODEL)
    done = client.get(f"/v1/batches/{batch}").json()
    assert (done["state"], done["n_tagged"], done["n_failed"]) == ("done", 40, 1)
    results = client.get(f"/v1/batches/{batch}/results").content
    assert results == tag(content, tmp_path / "alone", monkeypatch)
    assert 0 < n_before <= 41


def test_a_worker_that_is_to_end_gives_its_batch_back(client: TestClient, store: Engine) -> None:
    batch = submit(client, make_lines(40))["id"]
    worker = subprocess.Popen(
        [sys.executable, "-P", "-m", "serving.jobs.shared_worker", str(DEFAULT_MODEL)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    end = monotonic() + WAIT_S
    while not read_lines(store, batch, 0):
        assert monotonic() < end
        sleep(0.02)
    worker.terminate()
    worker.wait(timeout=60)
    assert client.get(f"/v1/batches/{batch}").json()["state"] in {"queued", "done"}


def test_an_article_sent_to_two_servers_with_its_key_is_done_once(
    client: TestClient, elsewhere: TestClient, store: Engine
) -> None:
    headers = {"idempotency-key": "k"}
    first = client.post("/v1/articles", json={"text": ARTICLE}, headers=headers)
    assert first.status_code == 200, first.text
    again = elsewhere.post("/v1/articles", json={"text": ARTICLE}, headers=headers)
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    other = elsewhere.post("/v1/articles", json={"text": "x"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    refused = client.post("/v1/articles", json={"text": "x"}, headers={"idempotency-key": "l"})
    assert refused.status_code == 422  # and may be sent again
    with store.begin() as connection:
        connection.execute(text("UPDATE api_reply SET reply = NULL"))
    busy = elsewhere.post("/v1/articles", json={"text": ARTICLE}, headers=headers)
    assert (busy.status_code, busy.json()["code"]) == (409, "key_in_use")
    with store.begin() as connection:  # its server was lost
        connection.execute(text("UPDATE api_reply SET begun = begun - 1000"))
    assert elsewhere.post("/v1/articles", json={"text": ARTICLE}, headers=headers).is_success


def test_a_limit_counts_the_calls_of_all_servers(service: Service, store: Engine) -> None:
    headers = {"authorization": f"Bearer {add_key(store, 'slow', limit='3/min')}"}
    servers = [service, other_server(service, store)]
    clients = [TestClient(guard_app(s, ()), "http://127.0.0.1", headers=headers) for s in servers]
    answers = [client.get("/v1/models") for _ in range(2) for client in clients]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60


def test_without_its_database_the_service_says_so(service: Service) -> None:
    with open_postgres() as url:
        store = open_store(url)
    away = replace(service, store=store, access=Access(store))
    client = TestClient(guard_app(away, ()), "http://127.0.0.1", raise_server_exceptions=False)
    answer = client.get("/v1/batches")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_away")
    assert answer.headers["retry-after"]
    assert "127.0.0.1" not in answer.text
    store.dispose()


def test_times_are_kept_in_utc_and_texts_without_nul(store: Engine) -> None:
    add_key(store, "a\N{SNOWMAN}b")
    with store.connect() as connection:
        seconds = connection.execute(
            text("SELECT abs(extract(epoch FROM added_at - (now() AT TIME ZONE 'UTC'))) "
                 "FROM api_key WHERE name <> :name"), {"name": "\0"},
        ).scalar_one()  # fmt: skip
    assert seconds < 60


def test_servers_that_start_at_once_make_one_set_of_tables(empty_postgres: str) -> None:
    program = "from serving.home.database import open_store; open_store().dispose()"
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "YIWEN_DB": empty_postgres},
        )
        for _ in range(3)
    ]
    assert [process.wait() for process in starting] == [0, 0, 0]
