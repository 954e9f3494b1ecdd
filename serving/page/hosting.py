"""Protection of a hosted page: addresses, rate limits, sizes of requests."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Engine
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model import InputError, YiwenError
from serving.codes import NO_USERS
from serving.gateway.addresses import is_this_machine
from serving.gateway.rate_limit import RateLimit
from serving.home.users import has_users

MAX_FILE_BYTES = 200_000_000
MAX_BODY_BYTES = 8_000_000
MAX_WAITING = 64
MAX_ANALYSES_A_MINUTE = 120
_API = "/gradio_api"
_ROOT_PATH = re.compile(r"(?:/[\w.~-]{1,64}){1,8}")
# Gradio endpoints that fetch outside addresses; the page needs none of them.
_FETCHING = tuple(
    f"{folder}/{asked}" for folder in (_API, "") for asked in ("file=http", "file/http", "proxy=")
)
_UPLOAD = f"{_API}/upload"
_TOO_LONG = "内容过长，请分次提交。Too long; send less at once."
_NOT_SERVED = "不提供。Not served."


class AnalysisLimit:
    """Limit of analyses per user and minute; a page without users has no limit."""

    def __init__(self) -> None:
        self._limit = RateLimit(MAX_ANALYSES_A_MINUTE, 60.0)

    def count(self, user: str | None) -> None:
        """Count one analysis.

        Raises:
            YiwenError: the user has had too many within a minute.
        """
        if user and not self._limit.take(user):
            raise YiwenError(
                f"一分钟内最多分析 {MAX_ANALYSES_A_MINUTE} 篇，请稍等再试；成批文章请用“批量”"
            )


def check_host(host: str, store: Engine, *, login: bool = True) -> None:
    """Refuse an address that others reach while nobody could log in, or nobody has to.

    Raises:
        InputError: there are no users; its code is `NO_USERS`.
    """
    if is_this_machine(host):
        return
    if not login:
        raise InputError(f"在 {host} 上打开页面，别的机器也能访问，不能用 --no-login")
    if not has_users(store):
        raise InputError(
            f"在 {host} 上打开页面，别的机器也能访问，需要先设用户", code=NO_USERS, host=host
        )


def check_root_path(path: str) -> str:
    """Return the path below which a proxy serves the page, with a slash before it and none behind.

    Raises:
        InputError: it is no path.
    """
    path = "/" + path.strip("/") if path.strip("/") else ""
    if path and not _ROOT_PATH.fullmatch(path):
        raise InputError(f"--root-path 应是网址里的路径，如 /yiwen，实为 {path}")
    return path


class ForwardedPrefix:
    """ASGI middleware: where a proxy names the path that it took off, addresses get it back."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the path behind the host by which gradio makes its addresses."""
        if scope["type"] == "http":
            scope = _restore_prefix(scope)
        await self._app(scope, receive, send)


def _restore_prefix(scope: Scope) -> Scope:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    prefix = headers.get(b"x-forwarded-prefix", b"").decode("latin-1").rstrip("/")
    if not _ROOT_PATH.fullmatch(prefix):
        return scope
    host = headers.get(b"x-forwarded-host") or headers.get(b"host", b"")
    headers[b"x-forwarded-host"] = host.split(b",")[0].strip() + prefix.encode("latin-1")
    return {**scope, "headers": list(headers.items())}


class RequestLimits:
    """ASGI middleware that limits the size of bodies and refuses to fetch outside addresses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests within the limits on; for uploads, Gradio has a limit of its own."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path.startswith(_FETCHING):
            await PlainTextResponse(_NOT_SERVED, 403)(scope, receive, send)
        elif path.startswith(_UPLOAD):
            await self._app(scope, receive, send)
        elif _content_length(scope) > MAX_BODY_BYTES:
            await PlainTextResponse(_TOO_LONG, 413)(scope, receive, send)
        else:
            await self._app(scope, _limit_body(receive), send)


def _content_length(scope: Scope) -> int:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    value = headers.get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def _limit_body(receive: Receive) -> Receive:
    """Disconnect when a body exceeds the limit, whatever its content-length."""
    n_bytes = 0

    async def count() -> Message:
        nonlocal n_bytes
        message: dict[str, Any] = dict(await receive())
        n_bytes += len(message.get("body", b""))
        return {"type": "http.disconnect"} if n_bytes > MAX_BODY_BYTES else message

    return count
