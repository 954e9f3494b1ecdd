from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from time import monotonic

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from model import InputError
from serving.gateway.server import BodyTimeout, TimedProtocol, open_socket

WAIT_S = 0.3


async def take(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(body)(scope, receive, send)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr("serving.gateway.server.HEAD_TIMEOUT_S", WAIT_S)
    monkeypatch.setattr("serving.gateway.server.BODY_TIMEOUT_S", WAIT_S)
    opened = open_socket("127.0.0.1", 0)
    config = uvicorn.Config(
        BodyTimeout(take), http=TimedProtocol, ws="none", lifespan="off", log_level="critical"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]})
    thread.start()
    yield opened.getsockname()
    server.should_exit = True
    thread.join()
    opened.close()


def time_until_closed(address: tuple[str, int], sent: bytes) -> float:
    with socket.create_connection(address, timeout=10) as client:
        start = monotonic()
        client.sendall(sent)
        while client.recv(4096):
            pass
        return monotonic() - start


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n",
    ],
)
def test_half_a_request_is_not_waited_for(address: tuple[str, int], sent: bytes) -> None:
    assert time_until_closed(address, sent) < 8


def test_a_whole_request_is_answered(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=10) as client:
        for _ in range(2):
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nwhole")
            answer = b""
            while not answer.endswith(b"whole"):
                answer += client.recv(4096)


@pytest.mark.parametrize("port", [-1, 99_999])
def test_a_port_that_cannot_be_had_is_said(port: int) -> None:
    with pytest.raises(InputError, match="--port"):
        open_socket("127.0.0.1", port)


def test_a_port_in_use_is_said() -> None:
    with open_socket("127.0.0.1", 0) as taken, pytest.raises(InputError, match="--port"):
        open_socket("127.0.0.1", taken.getsockname()[1])
