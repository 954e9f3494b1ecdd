from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from serving.page.guard.login import OWNER
from serving.page.guard.page_sessions import (
    MAX_SESSIONS,
    MAX_SESSIONS_OF_OWNER,
    PageSessions,
    SessionOwners,
)

API = "/gradio_api"
KNOWN_COMPONENT = 7


async def take(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(body)(scope, receive, send)


class Page:
    """Gradio's place, for two people who share one guard."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []
        self.owners = SessionOwners(self.forgotten.append)
        self.sessions = PageSessions(take, self.owners, KNOWN_COMPONENT.__eq__)

    def of(self, owner: str) -> TestClient:
        async def named(scope: Scope, receive: Receive, send: Send) -> None:
            await self.sessions({**scope, OWNER: owner}, receive, send)

        return TestClient(named)


@pytest.fixture
def page() -> Page:
    return Page()


def join(client: TestClient, session: str = "s1") -> int:
    body = {"data": ["文"], "fn_index": 3, "session_hash": session}
    return client.post(f"{API}/queue/join", json=body).status_code


def test_a_session_is_of_who_began_it(page: Page) -> None:
    lan, ming = page.of("lan"), page.of("ming")
    assert join(lan) == 200
    data = f"{API}/queue/data?session_hash=s1"
    run = {"data": ["文"], "fn_index": 3, "session_hash": "s1"}
    server = {"session_hash": "s1", "component_id": KNOWN_COMPONENT, "fn_name": "f", "data": {}}
    assert lan.get(data).status_code == 200
    assert lan.post(f"{API}/component_server", json=server).json() == server
    assert join(ming) == 404
    assert lan.post(f"{API}/run/lambda_1", json=run).status_code == 200
    assert ming.post(f"{API}/run/lambda_1", json=run).status_code == 404
    assert ming.get(data).status_code == 404
    assert ming.get(f"{API}/heartbeat/s1").status_code == 404
    assert ming.post(f"{API}/component_server", json=server).status_code == 404
    assert ming.post(f"{API}/cancel", json={"session_hash": "s1", "fn_index": 3}).status_code == 404


def test_the_first_of_two_sessions_in_an_address_is_no_way_round(page: Page) -> None:
    assert join(page.of("lan")) == join(page.of("ming"), "s2") == 200
    asked = f"{API}/queue/data?session_hash=s2&session_hash=s1"
    assert page.of("ming").get(asked).status_code == 400


def test_data_of_an_unknown_session_is_not_waited_for(page: Page) -> None:
    assert page.of("lan").get(f"{API}/queue/data?session_hash=invented").status_code == 404


def test_invented_sessions_are_bounded(page: Page) -> None:
    lan = page.of("lan")
    for number in range(MAX_SESSIONS_OF_OWNER + 1):
        assert lan.get(f"{API}/heartbeat/n{number}").status_code == 200
    assert page.forgotten == ["n0"]  # one more than an owner may have
    for number in range(MAX_SESSIONS):
        assert page.owners.is_owner(f"m{number}", f"stranger {number}", may_begin=True)
    assert len(page.owners._owners) == MAX_SESSIONS


def test_json_as_text_is_refused(page: Page) -> None:
    body = '{"session_hash": "s", "component_id": 7, "fn_name": "f", "data": {}}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = page.of("lan").post(
            f"{API}/component_server", content=body, headers={"content-type": kind}
        )
        assert answer.status_code == 415


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"session_hash": None, "component_id": 7},
        {"session_hash": "s", "component_id": 2**63},
        {"session_hash": "s", "component_id": 8},
        {"session_hash": "s", "component_id": "7"},
        {"session_hash": "s" * 65, "component_id": 7},
        {"session_hash": ["s"], "component_id": 7},
    ],
)
def test_an_odd_request_is_a_400(page: Page, body: Any) -> None:
    assert page.of("lan").post(f"{API}/component_server", json=body).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_a_400(page: Page, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = page.of("lan").post(f"{API}/queue/join", content=body, headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/token", "/gradio_api/token/", "/gradio_api/runs",
        "/gradio_api/run-history/records", "/gradio_api/deep_link?session_hash=s",
        "/gradio_api/stream/s/1/2/playlist.m3u8", "/monitoring", "/logout",
        "/gradio_api/proxy=https://example.org/x", "/gradio_api/file/https://example.org/x",
        "/gradio_api/file=https://example.org/x", "/gradio_api/file=ftp://example.org/x",
        "/gradio_api/file=//example.org/x", "/gradio_api/file=HTTP://example.org/x",
        "/gradio_api/call/analyze/1", "/openapi.json",
    ],
)  # fmt: skip
def test_what_the_page_does_not_ask_is_not_served(page: Page, path: str) -> None:
    assert page.of("lan").get(path).status_code == 404


@pytest.mark.parametrize("path", ["/gradio_api/api/analyze", "/gradio_api/call/analyze", "/login"])
def test_other_posts_are_not_served(page: Page, path: str) -> None:
    assert page.of("lan").post(path, json={}).status_code == 404


def test_the_methods_are_those_of_the_page(page: Page) -> None:
    assert page.of("lan").get(f"{API}/component_server").status_code == 405
    assert page.of("lan").delete("/").status_code == 405
