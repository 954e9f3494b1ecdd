"""Gradio's sessions: each belongs to whoever began it, and only what the page asks is answered."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeGuard

from starlette.datastructures import Headers, QueryParams
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.page.guard.login import OWNER

MAX_SESSIONS = 400  # one takes about 170 kB
MAX_SESSIONS_OF_OWNER = 40
_API = "/gradio_api"
_JOIN, _CANCEL = f"{_API}/queue/join", f"{_API}/cancel"
_DATA, _HEARTBEAT = f"{_API}/queue/data", f"{_API}/heartbeat/"
_SERVER_FUNCTION = f"{_API}/component_server"
_UPLOAD = f"{_API}/upload"
_OF_SESSION = re.compile(
    rf"(?:{_JOIN}|{_CANCEL}|{_SERVER_FUNCTION}|{_API}/run/[\w-]{{1,64}})", re.ASCII
)
_POSTED_ONLY = re.compile(rf"{_OF_SESSION.pattern}|{_UPLOAD}|{_API}/reset", re.ASCII)
# What the page's own script asks for; gradio offers more, such as run history and tokens.
_READ = re.compile(
    r"/|/(?:config|theme\.css|favicon\.ico|robots\.txt|manifest\.json|pwa_icon)"
    r"|/(?:assets|static|svelte|pwa_icon)/.*"
    r"|/gradio_api/(?:queue/data|heartbeat/[^/]*|upload_progress|startup-events|app_id|info"
    r"|user|login_check|theme\.css|file=.*)"
)
# An address behind either makes gradio fetch it.
_ADDRESS = re.compile(r"/gradio_api/file=\s*(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_SESSION = re.compile(r"[\w-]{1,64}", re.ASCII)
_MAX_NUMBER = 2**31
_NOT_SERVED = "Not served.\n"
_NO_JSON = "Expected JSON.\n"
_ODD = "The request is incomplete.\n"
_NOT_YOURS = "No such session.\n"


class SessionOwners:
    """Whose each session is; so many in all and so many of one owner.

    Args:
        forget: called with a session that gave way to another, to drop what is kept for it.
    """

    def __init__(self, forget: Callable[[str], None]) -> None:
        self._forget = forget
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._lock = Lock()

    def is_owner(self, session: str, owner: str, *, may_begin: bool) -> bool:
        """Say whether a session is the owner's; an unknown one becomes so where it may."""
        with self._lock:
            known = self._owners.get(session)
            if known is None:
                if not may_begin:
                    return False
                self._make_room(owner)
                self._owners[session] = owner
            elif known != owner:
                return False
            self._owners.move_to_end(session)
            return True

    def _make_room(self, owner: str) -> None:
        own = [session for session, known in self._owners.items() if known == owner]
        doomed = own[: max(0, len(own) + 1 - MAX_SESSIONS_OF_OWNER)]
        if not doomed and len(self._owners) >= MAX_SESSIONS:
            doomed = [next(iter(self._owners))]
        for session in doomed:
            del self._owners[session]
            self._forget(session)


@dataclass(frozen=True)
class _Refusal:
    status: int
    reason: str


@dataclass(frozen=True)
class PageSessions:
    """ASGI middleware: passes on what the page's script asks, in sessions of who asks.

    `has_component` says whether the page has a component of a number.
    """

    app: ASGIApp
    owners: SessionOwners
    has_component: Callable[[int], bool] = field(default=lambda _: True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse with 4xx what the page would not ask."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body: bytes | None = None
        refusal = self._refuse(scope)
        is_posted = scope["method"] == "POST"
        if refusal is None and is_posted and _OF_SESSION.fullmatch(_path(scope)):
            body = await _read_body(receive)
            refusal = self._refuse_body(scope, body)
        if refusal is not None:
            response = PlainTextResponse(refusal.reason, refusal.status)
            await response(scope, receive, send)
        else:
            await self.app(scope, receive if body is None else _replay(body, receive), send)

    def _refuse(self, scope: Scope) -> _Refusal | None:
        path, method = _path(scope), scope["method"]
        is_for_posts = _POSTED_ONLY.fullmatch(path) is not None
        if method == "POST":
            if not is_for_posts:
                return _Refusal(404, _NOT_SERVED)
            return None if path == _UPLOAD or _is_json(scope) else _Refusal(415, _NO_JSON)
        if method not in {"GET", "HEAD"} or is_for_posts:
            return _Refusal(405, _NOT_SERVED)
        if not _READ.fullmatch(path) or _ADDRESS.match(path):
            return _Refusal(404, _NOT_SERVED)
        return self._refuse_stream(scope, path)

    def _refuse_stream(self, scope: Scope, path: str) -> _Refusal | None:
        if path.startswith(_HEARTBEAT):
            return self._refuse_session(scope, path.removeprefix(_HEARTBEAT), may_begin=True)
        if path == _DATA:
            sessions = QueryParams(scope["query_string"]).getlist("session_hash")
            session = sessions[0] if len(sessions) == 1 else None
            return self._refuse_session(scope, session, may_begin=False)
        return None

    def _refuse_body(self, scope: Scope, body: bytes) -> _Refusal | None:
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return _Refusal(400, _NO_JSON)
        path = _path(scope)
        if not isinstance(asked, dict) or not self._is_sound(path, asked):
            return _Refusal(400, _ODD)
        may_begin = path != _CANCEL
        return self._refuse_session(scope, asked.get("session_hash"), may_begin=may_begin)

    def _is_sound(self, path: str, asked: dict[str, Any]) -> bool:
        """Whether a body's numbers can be those of a component or an event, its text is text."""
        if path == _SERVER_FUNCTION:
            number = asked.get("component_id")
            return _is_number(number) and self.has_component(number) and _is_text(asked)
        number = asked.get("fn_index")
        return number is None or _is_number(number)

    def _refuse_session(self, scope: Scope, session: object, *, may_begin: bool) -> _Refusal | None:
        if not isinstance(session, str) or not _SESSION.fullmatch(session):
            return _Refusal(400, _ODD)
        if not self.owners.is_owner(session, scope[OWNER], may_begin=may_begin):
            return _Refusal(404, _NOT_YOURS)
        return None


def _path(scope: Scope) -> str:
    """Return a request's path; gradio takes some of them with a slash behind."""
    path: str = scope["path"]
    return path.rstrip("/") or "/"


def _is_json(scope: Scope) -> bool:
    """Whether a body says to be JSON; a form of another site cannot say so."""
    kind = Headers(scope=scope).get("content-type", "")
    return kind.partition(";")[0].strip().lower() == "application/json"


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MAX_NUMBER


def _is_text(asked: dict[str, Any]) -> bool:
    """Whether a body holds no half of a surrogate pair, which no database takes."""
    try:
        json.dumps(asked, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


async def _read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read once more, then what comes behind it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
