"""The HTTP server: half-open requests end, and so does the program when asked."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import anyio
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from model import InputError

HEAD_TIMEOUT_S = 10.0
BODY_TIMEOUT_S = 20.0  # between two parts of a body
MAX_CONNECTIONS = 800  # below the 1,024 open files that most systems allow
MAX_HEAD_BYTES = 64 * 1024
STOP_TIMEOUT_S = 3
_BACKLOG = 256
_MAX_PORT = 65_535


class TimedProtocol(H11Protocol):
    """HTTP/1.1 that hangs up where the head of a request takes too long."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Go on waiting unless a request is under way."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_timer()
        elif self._head_timer is None:
            self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_timer()
        super().connection_lost(exc)

    def _start_timer(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self._hang_up)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _hang_up(self) -> None:
        self._head_timer = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


class BodyTimeout:
    """ASGI middleware: a body of which no more comes is over, as if the client had hung up."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; only until a body is whole does it have to go on coming."""
        is_whole = False

        async def receive_in_time() -> Message:
            nonlocal is_whole
            if is_whole:
                return await receive()
            with anyio.move_on_after(BODY_TIMEOUT_S):
                message = await receive()
                is_whole = not message.get("more_body")
                return message
            return {"type": "http.disconnect"}

        timed = receive_in_time if scope["type"] == "http" else receive
        await self._app(scope, timed, send)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, when_open: Callable[[], object]) -> None:
        super().__init__(config)
        self._when_open = when_open

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._when_open()


def open_socket(host: str, port: int) -> socket.socket:
    """Take the port.

    Raises:
        InputError: it is in use, or the address is none of this machine.
    """
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        if not 0 <= port <= _MAX_PORT:
            raise OSError(errno.EINVAL, "no port")
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError:
        raise InputError(f"{host} 的端口 {port} 不能用，请用 --port 换一个") from None


def serve(
    app: ASGIApp,
    opened: socket.socket,
    when_open: Callable[[], object],
    stop_timeout_s: int = STOP_TIMEOUT_S,
) -> None:
    """Serve until the program is interrupted or asked to end; requests under way have some time.

    A proxy on this machine, or one that `FORWARDED_ALLOW_IPS` names, is believed what it says of
    the client's address and of HTTPS.
    """
    config = uvicorn.Config(
        BodyTimeout(app),
        http=TimedProtocol,
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        timeout_graceful_shutdown=stop_timeout_s,
    )
    signal.signal(signal.SIGTERM, _exit)  # what is registered to run at the end does then run
    try:
        _Server(config, when_open).run(sockets=[opened])
    except KeyboardInterrupt:
        pass
    finally:
        opened.close()


def _exit(number: int, _: Any) -> None:
    sys.exit(128 + number)
