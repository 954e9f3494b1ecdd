from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import pytest
from gradio.route_utils import get_root_url
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message
from typer.testing import CliRunner

from model import InputError, YiwenError
from serving.cli.advice import explain
from serving.cli.main import app
from serving.home.database import open_store
from serving.home.users import add_user, is_password_of, list_users, remove_user
from serving.page.hosting import (
    MAX_ANALYSES_A_MINUTE,
    MAX_BODY_BYTES,
    AnalysisLimit,
    ForwardedPrefix,
    RequestLimits,
    check_host,
    check_root_path,
)
from serving.page.language import LanguageSwitch

PASSWORD = "一个够长的密码 1"


@pytest.fixture
def store(tmp_path: Path) -> Engine:
    return open_store(f"sqlite:///{tmp_path / 'store.db'}")


def test_a_user_is_added_checked_and_removed(store: Engine, tmp_path: Path) -> None:
    assert add_user(store, "李明", PASSWORD)
    assert is_password_of(store, "李明", PASSWORD)
    assert not is_password_of(store, "李明", PASSWORD + "x")
    assert not is_password_of(store, "王芳", PASSWORD)
    assert PASSWORD.encode() not in (tmp_path / "store.db").read_bytes()
    assert not add_user(store, "李明", "换过的密码 22")
    assert not is_password_of(store, "李明", PASSWORD)
    remove_user(store, "李明")
    assert list_users(store) == []
    with pytest.raises(InputError, match="没有用户"):
        remove_user(store, "李明")


def test_a_short_password_is_refused(store: Engine) -> None:
    with pytest.raises(InputError, match="密码应有"):
        add_user(store, "李明", "short")


def test_users_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path))
    run = CliRunner()
    assert run.invoke(app, ["users", "add", "lan"], input=f"{PASSWORD}\n").exit_code == 0
    assert run.invoke(app, ["users", "list"]).stdout.startswith("lan\t")
    assert run.invoke(app, ["users", "remove", "lan"]).exit_code == 0
    assert run.invoke(app, ["users", "list"]).stdout == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.8", "::", "yiwen.local"])
def test_another_address_demands_users(store: Engine, host: str) -> None:
    check_host("127.0.0.1", store)
    check_host("localhost", store)
    with pytest.raises(InputError, match="需要先设用户") as caught:
        check_host(host, store)
    assert "yiwen users add" in explain(caught.value)
    add_user(store, "lan", PASSWORD)
    check_host(host, store)
    with pytest.raises(InputError, match="--no-login"):
        check_host(host, store, login=False)


def test_one_user_has_so_many_analyses_a_minute() -> None:
    analyses = AnalysisLimit()
    for _ in range(MAX_ANALYSES_A_MINUTE):
        analyses.count("lan")
        analyses.count(None)
    analyses.count(None)
    analyses.count("ming")
    with pytest.raises(YiwenError, match="一分钟"):
        analyses.count("lan")


async def show_page(_: Request) -> HTMLResponse:
    return HTMLResponse("<html><head><title>医闻</title></head></html>")


async def take(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


SERVED = Starlette(
    routes=[Route("/", show_page), Route("/{path:path}", take, methods=["GET", "POST"])],
    middleware=[Middleware(RequestLimits), Middleware(LanguageSwitch)],
)


def ask(path: str, headers: dict[str, str] | None = None, chunks: tuple[bytes, ...] = ()) -> Any:
    """Return status and body of an answer; the body is sent in the chunks given."""
    sent: list[Message] = []
    left = [*chunks, b""]
    named = [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST" if chunks else "GET",
        "path": path, "raw_path": path.encode(), "query_string": b"", "headers": named,
        "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(SERVED, scope, receive, send)
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:]).decode()


@pytest.mark.parametrize(
    ("cookie", "language"), [("", "zh"), ("yiwen_language=en", "en"), ("yiwen_language=x'x", "zh")]
)
def test_the_page_is_in_the_language_of_the_cookie(cookie: str, language: str) -> None:
    status, html = ask("/", {"cookie": cookie})
    assert status == 200
    assert f"dataset.yiwen = '{language}'" in html.split("<title>")[0]
    assert "x'x" not in html


def test_a_body_has_a_size() -> None:
    assert ask("/x", chunks=(b"abc",)) == (200, "3")
    assert ask("/x", {"content-length": str(MAX_BODY_BYTES + 1)}, (b"a",))[0] == 413


def test_a_body_that_is_longer_than_it_says_is_not_read() -> None:
    half = b"x" * (MAX_BODY_BYTES // 2 + 1)
    with pytest.raises(ClientDisconnect):
        ask("/x", chunks=(half, half))


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=https://example.org/x",
        "/gradio_api/file/https://example.org/x",
        "/gradio_api/proxy=x",
    ],
)
def test_nothing_is_fetched_for_others(path: str) -> None:
    assert ask(path)[0] == 403


@pytest.mark.parametrize(
    ("headers", "url"),
    [
        ({}, "http://testserver"),
        ({"x-forwarded-prefix": "/yiwen"}, "http://testserver/yiwen"),
        ({"x-forwarded-prefix": "/a/yiwen/", "x-forwarded-host": "h.cn"}, "http://h.cn/a/yiwen"),
        ({"x-forwarded-prefix": "/y", "x-forwarded-proto": "https"}, "https://testserver/y"),
        ({"x-forwarded-prefix": "//evil.cn"}, "http://testserver"),
        ({"x-forwarded-prefix": "/a?b"}, "http://testserver"),
    ],
)
def test_addresses_have_the_path_that_a_proxy_took_off(headers: dict[str, str], url: str) -> None:
    def show(request: Request) -> PlainTextResponse:
        return PlainTextResponse(get_root_url(request, "/", None))

    page = Starlette(routes=[Route("/", show)], middleware=[Middleware(ForwardedPrefix)])
    assert TestClient(page).get("/", headers=headers).text == url


def test_a_root_path_is_a_path() -> None:
    assert [check_root_path(p) for p in ("", "/", "yiwen", "/a/yiwen/")] == [
        "", "", "/yiwen", "/a/yiwen",
    ]  # fmt: skip
    with pytest.raises(InputError, match="--root-path"):
        check_root_path("http://x.cn/yiwen")
