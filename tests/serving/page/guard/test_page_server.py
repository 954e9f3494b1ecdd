"""The page as it is served: gradio behind the guard, with the tests' small model."""

from __future__ import annotations

import json
from collections.abc import Iterator

import anyio
import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from gradio_app import build_page
from model import Analyzer, Article
from serving.home.database import open_store
from serving.home.users import add_user
from serving.page.correct.tab import send_to_correct
from serving.page.guard.page_server import guard_page
from serving.page.guard.user_sessions import UserSessions
from serving.page.workplace import Workplace
from serving.registry.in_use import ModelInUse
from serving.registry.versions import Registry
from tests.conftest import ARTICLE

API = "/gradio_api"
PASSWORD = "一个够长的密码 1"
EVIL = {"origin": "http://evil.cn"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    folder = tmp_path_factory.mktemp("page")
    store = open_store(f"sqlite:///{folder / 'yiwen.db'}")
    yield Workplace(ModelInUse(Registry.at_home()), store, folder)
    store.dispose()


@pytest.fixture(scope="module")
def served(place: Workplace) -> ASGIApp:
    async def build() -> ASGIApp:  # gradio begins a loop of its own where none runs
        return guard_page(build_page(place), UserSessions(place.store), ("127.0.0.1",))

    return anyio.run(build)


@pytest.fixture
def client(served: ASGIApp) -> Iterator[TestClient]:
    with TestClient(served, "http://127.0.0.1:7860", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def document(place: Workplace, analyzer: Analyzer) -> int:
    return send_to_correct(place, analyzer.analyze(Article.from_raw(ARTICLE)), "")


def component_of(client: TestClient) -> int:
    config = client.get("/config").json()
    named = (c for c in config["components"] if c["props"].get("elem_id") == "correct")
    return int(next(named)["id"])


def answer(client: TestClient, data: object, session: str = "s1", **kept: object) -> object:
    body = {
        "data": data,
        "component_id": component_of(client),
        "fn_name": "correct_article",
        "session_hash": session,
        **kept,
    }
    headers = {"content-type": "application/json"}
    return client.post(f"{API}/component_server", content=json.dumps(body), headers=headers)


def test_the_page_is_served_without_history_and_analytics(client: TestClient) -> None:
    config = client.get("/config").json()
    assert config["run_history"] is False
    assert config["analytics_enabled"] is False
    assert config["footer_links"] == []
    assert "article" in client.get("/").text
    assert client.get(f"{API}/runs").status_code == 404


def test_a_label_is_changed_from_the_page_alone(
    client: TestClient, place: Workplace, document: int
) -> None:
    change = {"what": "theme", "theme": list(place.names)[-1], "answer": "edge"}
    asked = {"do": "change", "document": document, "seen": 0, "change": change}
    body = {"data": asked, "component_id": component_of(client), "fn_name": "correct_article"}
    for headers in ({}, EVIL):
        answered = client.post(
            f"{API}/component_server",
            content=json.dumps({**body, "session_hash": "s"}),
            headers={"content-type": "text/plain", **headers},
        )
        assert answered.status_code in {403, 415}
    assert answer(client, {"do": "open", "document": document}).json()["state"]["number"] == 0
    assert answer(client, asked).json()["state"]["number"] == 1


def test_a_bound_name_reads_no_article(client: TestClient, document: int) -> None:
    asked = {"do": "open", "document": document}
    client.headers["host"] = "evil.cn"
    assert client.post(f"{API}/component_server", json=asked).status_code == 403


@pytest.mark.parametrize(
    "odd",
    [
        {"do": "open", "document": 2**63},
        {"do": "export", "since": "昨天"},
        {"do": "add_selected", "document": 1, "start": 10**30, "end": 10**31},
        {"do": "add_typed", "document": 1, "typed": "\ud800"},
        {"do": "open", "document": 1.5},
        [],
        None,
        "text",
    ],
)
def test_odd_requests_are_no_fault_of_the_server(
    client: TestClient, document: int, odd: object
) -> None:
    assert document
    assert answer(client, odd).status_code < 500


@pytest.mark.parametrize(
    "odd", [{"fn_name": "no"}, {"fn_name": None}, {"component_id": 10**6}, {"session_hash": None}]
)
def test_odd_calls_are_no_fault_of_the_server(client: TestClient, odd: dict[str, object]) -> None:
    assert 400 <= answer(client, {}, **odd).status_code < 500


@pytest.mark.parametrize("event", [10**6, -1, "x", 2**63, None, 1.5])
def test_odd_events_are_no_fault_of_the_server(client: TestClient, event: object) -> None:
    body = {"data": [], "fn_index": event, "session_hash": "s1"}
    for path in ("queue/join", "run/analyze", "run/none", "cancel"):
        assert client.post(f"{API}/{path}", json=body).status_code < 500


def test_users_see_only_their_own_sessions(place: Workplace, served: ASGIApp) -> None:
    for name in ("lan", "ming"):
        add_user(place.store, name, PASSWORD)
    lan, ming = (TestClient(served, "http://desk.cn") for _ in range(2))
    assert lan.get("/config").status_code == 401
    assert lan.get(f"{API}/token", headers=EVIL).status_code == 403
    for client, name in ((lan, "lan"), (ming, "ming")):
        client.post("/login", data={"username": name, "password": PASSWORD})
        assert client.get(f"{API}/user").json() == name
    assert answer(lan, {"do": "open"}, "of-lan").json()["themes"]
    assert answer(ming, {"do": "open"}, "of-lan").status_code == 404
    assert lan.get(f"{API}/token").status_code == 404
