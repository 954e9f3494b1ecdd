from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from serving.gateway.origins import Origins

OWN = "http://127.0.0.1:7860"


async def show(_: Request) -> PlainTextResponse:
    return PlainTextResponse("article")


# Behind the guard, as in gradio, everybody is let in by CORS.
PAGE = Starlette(
    routes=[Route("/{path:path}", show, methods=["GET", "POST"])],
    middleware=[
        Middleware(CORSMiddleware, allow_origin_regex=".*", allow_credentials=True),
    ],
)


def client(
    host: str = "127.0.0.1:7860", *, login: bool = False, names: tuple[str, ...] = ()
) -> TestClient:
    return TestClient(Origins(PAGE, names, lambda: login), base_url=f"http://{host}")


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "localhost:9", "localhost", "[::1]:7860", "LOCALHOST:1"]
)
def test_names_of_this_machine_are_served(host: str) -> None:
    assert client().get("/", headers={"host": host}).text == "article"


@pytest.mark.parametrize(
    "host", ["evil.cn", "evil.cn:7860", "127.0.0.1.evil.cn", "localhost.evil.cn:80", "", "[::2]:1"]
)
def test_a_name_that_was_bound_to_this_machine_is_refused(host: str) -> None:
    answer = client().get("/", headers={"host": host})
    assert answer.status_code == 403
    assert "article" not in answer.text


def test_a_host_cannot_be_forwarded_to_a_page_without_login() -> None:
    forwarded = {"host": "evil.cn", "x-forwarded-host": "127.0.0.1"}
    assert client().get("/", headers=forwarded).status_code == 403


def test_a_name_that_was_given_and_any_name_behind_a_login_are_served() -> None:
    assert client("desk.cn", names=("desk.cn",)).get("/").status_code == 200
    assert client("any.cn", login=True).get("/").status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.cn", "null", "http://127.0.0.1:9999", "", "x"])
@pytest.mark.parametrize("login", [False, True])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "DELETE"])
def test_other_sites_are_refused(origin: str, login: bool, method: str) -> None:
    asking = {"origin": origin, "access-control-request-method": "POST"}
    answer = client(login=login).request(method, "/gradio_api/component_server", headers=asking)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("127.0.0.1:7860", {"origin": OWN}),
        ("desk.cn", {"origin": "https://desk.cn"}),
        ("desk.cn:443", {"origin": "https://desk.cn"}),
        ("127.0.0.1:7860", {"origin": "https://desk.cn", "x-forwarded-host": "desk.cn"}),
        ("127.0.0.1:7860", {}),
        ("127.0.0.1:7860", {"sec-fetch-site": "same-origin"}),
    ],
)
def test_the_page_itself_is_answered(host: str, headers: dict[str, str]) -> None:
    answer = client(login=True).post("/x", headers={"host": host, **headers})
    assert answer.status_code == 200


def test_another_site_can_link_to_the_page_and_no_more() -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    image = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert client().get("/", headers=link).status_code == 200
    assert client().post("/", headers=link).status_code == 403
    assert client().get("/logout", headers=image).status_code == 403


def test_no_response_can_be_framed() -> None:
    for answer in (client().get("/"), client("evil.cn").get("/")):
        assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
        assert answer.headers["x-frame-options"] == "DENY"


def test_websockets_are_closed() -> None:
    with pytest.raises(WebSocketDisconnect), client().websocket_connect("/"):
        pass
