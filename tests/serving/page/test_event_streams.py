"""An event's response names the stream of its session that the server closed last."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from serving.page.event_streams import CLOSED, STREAM, EventStreams

JOIN, DATA = "/gradio_api/queue/join", "/gradio_api/queue/data"


async def join(request: Request) -> JSONResponse:
    return JSONResponse({"event_id": (await request.json())["session_hash"]})


def data(request: Request) -> StreamingResponse:
    messages = [b'data: {"msg":"process_completed"}\n\n']
    if "keep" not in request.query_params:
        messages.append(b'data: {"msg":"close_stream","event_id":null}\n\n')
    return StreamingResponse(iter(messages), media_type="text/event-stream")


def test_a_closed_stream_is_named_to_its_own_session_alone() -> None:
    routes = [Route(JOIN, join, methods=["POST"]), Route(DATA, data)]
    client = TestClient(Starlette(routes=routes, middleware=[Middleware(EventStreams)]))

    def closed(session: str) -> str | None:
        said = {"data": ['"session_hash":"mine"'], "session_hash": session}
        response = client.post(JOIN, json=said)
        assert response.json() == {"event_id": session}
        return response.headers.get(CLOSED)

    assert closed("mine") is None
    client.get(DATA, params={"session_hash": "mine", "keep": "1"}, headers={STREAM: "1"})
    assert closed("mine") is None
    client.get(DATA, params={"session_hash": "mine"}, headers={STREAM: "2"})
    assert closed("mine") == "2"
    assert closed("other") is None
    client.get(DATA, params={"session_hash": "mine"}, headers={STREAM: "x\x07"})
    assert closed("mine") == "2"
