"""Streams of answers: no answer goes into a stream that the page has just been told is closed.

Gradio sends the answers to a page's events through one stream and closes it when none is due. A
page that sends an event in that instant believes the stream to be open, so nobody fetches the
answer, and what was pressed seems to do nothing. So the response to an event names the stream that
the server closed last, and `page.js` holds it back until the page has seen that end.
"""

from __future__ import annotations

import re
from collections import OrderedDict

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STREAM, CLOSED = "x-stream", "x-closed-stream"
_JOIN, _DATA = "/gradio_api/queue/join", "/gradio_api/queue/data"
_SESSION = re.compile(rb'"session_hash":\s*"([\w-]{1,64})"')
_CLOSING = re.compile(rb'"msg":\s*"close_stream"')
_NUMBER = re.compile(r"\d{1,9}")
_MAX_SESSIONS = 1_000


class EventStreams:
    """ASGI middleware; a page numbers its streams in the header `x-stream`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._closed: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note which streams end, and name the last one with every event that is taken."""
        path = scope["path"].rstrip("/") if scope["type"] == "http" else ""
        if path == _DATA:
            await self._app(scope, receive, self._noting(scope, send))
        elif path == _JOIN:
            await self._join(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _noting(self, scope: Scope, send: Send) -> Send:
        session = QueryParams(scope["query_string"]).get("session_hash", "")
        number = Headers(scope=scope).get(STREAM, "")

        async def send_noting(message: Message) -> None:
            if _NUMBER.fullmatch(number) and _CLOSING.search(message.get("body", b"")):
                self._closed[session] = number
                self._closed.move_to_end(session)
                if len(self._closed) > _MAX_SESSIONS:
                    self._closed.popitem(last=False)
            await send(message)

        return send_noting

    async def _join(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = ""

        async def receive_noting() -> Message:
            nonlocal session
            message = await receive()
            if found := _SESSION.search(message.get("body", b"")):
                session = found[1].decode()
            return message

        async def send_naming(message: Message) -> None:
            if message["type"] == "http.response.start" and session in self._closed:
                MutableHeaders(scope=message)[CLOSED] = self._closed[session]
            await send(message)

        await self._app(scope, receive_noting, send_naming)
