"""Logging in and out; everybody who asks for the page gets a name, an owner of sessions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.page.guard.login_attempts import LoginAttempts, TooManyAttemptsError
from serving.page.guard.user_sessions import UserSessions, make_device_mark
from serving.page.language import read_language
from serving.page.templates import render

USER, OWNER = "yiwen.user", "yiwen.owner"  # keys of a request's scope
SESSION_COOKIE, DEVICE_COOKIE, VISITOR_COOKIE = "yiwen_session", "yiwen_device", "yiwen_visitor"
MAX_FORM_BYTES = 4_096
_DEVICE_S, _VISITOR_S = 365 * 24 * 3600, 30 * 24 * 3600
_SECRET = re.compile(r"[\w.-]{20,200}", re.ASCII)
# Asks for the same address again: its request is then one of the page's own site.
_AGAIN = (
    "<!doctype html><meta charset='utf-8'><meta http-equiv='refresh' content='0'>"
    "<title>Yiwen</title>"
)
_DEMANDED = "Log in first.\n"
_BY_POST = "Log out from the page.\n"


@dataclass(frozen=True)
class Login:
    """ASGI middleware: where there are users, one must log in; where not, each browser is one.

    Below it a request's scope has `USER`, empty where nobody must log in, and `OWNER`, whom the
    sessions of the page belong to.
    """

    app: ASGIApp
    sessions: UserSessions
    attempts: LoginAttempts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what a user or, where there are none, any visitor asks."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif _is_link_of_another_site(scope):
            await HTMLResponse(_AGAIN)(scope, receive, send)
        elif not self.sessions.demands_login():
            await self._serve_visitor(scope, receive, send)
        else:
            await self._serve_user(scope, receive, send)

    async def _serve_visitor(self, scope: Scope, receive: Receive, send: Send) -> None:
        visitor = _read_cookie(scope, VISITOR_COOKIE)
        if not visitor:
            visitor = token_urlsafe(24)
            cookie = _cookie(scope, VISITOR_COOKIE, visitor, _VISITOR_S)
            send = _setting(send, cookie)
        owned = {**scope, USER: "", OWNER: f"visitor {visitor}"}
        await self.app(owned, receive, send)

    async def _serve_user(self, scope: Scope, receive: Receive, send: Send) -> None:
        secret = _read_cookie(scope, SESSION_COOKIE)
        user = self.sessions.find_user(secret) if secret else None
        path, is_post = scope["path"], scope["method"] == "POST"
        if path == "/logout":
            await self._log_out(secret, is_post=is_post)(scope, receive, send)
        elif path in {"/", "/login"} and is_post:
            response = await self._log_in(Request(scope, receive))
            await response(scope, receive, send)
        elif user is not None:
            await self.app({**scope, USER: user, OWNER: f"user {user}"}, receive, send)
        elif path in {"/", "/login"}:
            await _show_form(scope, 200)(scope, receive, send)
        else:
            await PlainTextResponse(_DEMANDED, 401)(scope, receive, send)

    async def _log_in(self, request: Request) -> Response:
        form = await _read_form(request)
        if form is None:
            return _show_form(request.scope, 400, "login.unread")
        name, password = form
        mark = _read_cookie(request.scope, DEVICE_COOKIE)
        address = request.client.host if request.client else ""
        try:
            if not await self.attempts.verify(name, password, address, mark):
                return _show_form(request.scope, 401, "login.wrong")
        except TooManyAttemptsError:
            return _show_form(request.scope, 429, "login.too_many")
        user = name.strip()
        response = HTMLResponse(_AGAIN, headers={"cache-control": "no-store"})
        secret = self.sessions.begin(user)
        mark = make_device_mark(self.sessions.store, user)
        scope = request.scope
        response.headers.append("set-cookie", _cookie(scope, SESSION_COOKIE, secret, None))
        response.headers.append("set-cookie", _cookie(scope, DEVICE_COOKIE, mark, _DEVICE_S))
        return response

    def _log_out(self, secret: str, *, is_post: bool) -> Response:
        """End a session; a link or an image of another site cannot."""
        if not is_post:
            return PlainTextResponse(_BY_POST, 405, headers={"allow": "POST"})
        if secret:
            self.sessions.end(secret)
        response = PlainTextResponse("Logged out.\n")
        response.delete_cookie(SESSION_COOKIE)
        return response


def _is_link_of_another_site(scope: Scope) -> bool:
    """Say whether a browser followed a link from elsewhere, and so kept its cookies back."""
    headers = Headers(scope=scope)
    is_navigation = headers.get("sec-fetch-mode") == "navigate" and scope["method"] == "GET"
    return is_navigation and headers.get("sec-fetch-site") in {"cross-site", "same-site"}


def owner_of(request: Any) -> str:
    """Return whose sessions and analyses a request of gradio's is one of."""
    return str(request.request.scope[OWNER])


async def _read_form(request: Request) -> tuple[str, str] | None:
    """Return name and password; None where the body is no form or too long."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_FORM_BYTES:
                return None
        form = parse_qs(body.decode(), max_num_fields=10)
        return form["username"][0], form["password"][0]
    except (ClientDisconnect, ValueError, KeyError):
        return None


def _show_form(scope: Scope, status: int, message: str = "") -> Response:
    """Return the login page with a phrase that says what went wrong."""
    language = read_language(Headers(scope=scope))
    html = render("guard/login.html.j2", language=language, message=message)
    return HTMLResponse(html, status, headers={"cache-control": "no-store"})


def _read_cookie(scope: Scope, name: str) -> str:
    """Return a cookie of the page's making; empty where there is none."""
    value = Request(scope).cookies.get(name, "")
    return value if _SECRET.fullmatch(value) else ""


def _cookie(scope: Scope, name: str, value: str, max_age_s: int | None) -> str:
    """Return a Set-Cookie header; `scope["scheme"]` is the proxy's where it is trusted."""
    age = "" if max_age_s is None else f"; Max-Age={max_age_s}"
    secure = "; Secure" if scope["scheme"] == "https" else ""
    return f"{name}={value}; Path=/; HttpOnly; SameSite=Strict{age}{secure}"


def _setting(send: Send, cookie: str) -> Send:
    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            message.setdefault("headers", [])
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return send_with_cookie
