"""How long a request's body may be, by its path."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from model import InputError
from serving.http.problems import respond_to

ARTICLE_BYTES = 30_000_000
BATCH_BYTES = 200_000_000
OTHER_BYTES = 8_000_000


class BodyTooLargeError(InputError):
    """A body that is longer than its path allows."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"一次最多 {max_bytes // 1_000_000} MB", code="too_large")


class BodyLimit:
    """ASGI middleware: 413 to a body that says it is too long; an error where it turns out so."""

    def __init__(self, app: ASGIApp, limits: Mapping[str, int]) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limit.

        Raises:
            BodyTooLargeError: to the application, where it reads on.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._limits.get(scope["path"], OTHER_BYTES)
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length) > most:
            await respond_to(BodyTooLargeError(most))(scope, receive, send)
            return
        n_bytes = 0

        async def receive_some() -> Message:
            nonlocal n_bytes
            message = await receive()
            n_bytes += len(message.get("body", b""))
            if n_bytes > most:
                raise BodyTooLargeError(most)
            return message

        await self._app(scope, receive_some, send)
