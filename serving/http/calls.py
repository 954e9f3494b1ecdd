"""What is noted of each call: metrics for Prometheus, and the audit log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.analysis.analyses import Analyses
from serving.home.audit import AuditLog
from serving.home.schema import AuditRow

_CALL = "yiwen.call"  # key of a request's scope
_AUDITED = "/v1/"
_OTHER = "other"
_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass
class Call:
    """What a route learns of a call while it answers it."""

    name: str = ""
    key_id: str = ""
    subject: str = ""


def call_of(scope: Scope | dict[str, Any]) -> Call:
    """Return what is noted of the call that a request is."""
    call: Call = scope.setdefault(_CALL, Call())
    return call


class Metrics:
    """Counts and times of calls, and how much waits."""

    def __init__(self, analyses: Analyses) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._n_calls = Counter(
            "yiwen_http_requests", "Calls by method, route and status.", labels,
            registry=self.registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "yiwen_http_request_seconds", "Time until the answer is whole.", ("route",),
            buckets=_BUCKETS_S, registry=self.registry,
        )  # fmt: skip
        gauges: dict[str, tuple[str, Callable[[], float]]] = {
            "yiwen_analyses_waiting": ("Articles that wait.", lambda: analyses.n_waiting),
            "yiwen_analyses_running": ("Articles in work.", lambda: analyses.n_running),
        }
        for name, (what, value) in gauges.items():
            Gauge(name, what, registry=self.registry).set_function(value)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a call."""
        self._n_calls.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class Observation:
    """ASGI middleware that counts every call, and enters those of `/v1/` in the audit log."""

    def __init__(self, app: ASGIApp, metrics: Metrics, audit: AuditLog) -> None:
        self._app = app
        self._metrics = metrics
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and note how it ended; a call that was cut is one with status 499."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = call_of(scope)
        start, status, n_bytes = monotonic(), 499, 0

        async def receive_and_measure() -> Message:
            nonlocal n_bytes
            message = await receive()
            n_bytes += len(message.get("body", b""))
            return message

        async def send_and_look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive_and_measure, send_and_look)
        finally:
            seconds = monotonic() - start
            route = str(getattr(scope.get("route"), "path", _OTHER))
            self._metrics.count(_method(scope), route, status, seconds)
            if scope["path"].startswith(_AUDITED):
                self._audit.add(_line(scope, call, route, status, n_bytes, seconds))


def _method(scope: Scope) -> str:
    known = {"GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"}
    return scope["method"] if scope["method"] in known else _OTHER


def _line(
    scope: Scope, call: Call, route: str, status: int, n_bytes: int, seconds: float
) -> AuditRow:
    client = scope.get("client")
    return AuditRow(
        at=datetime.now(UTC), name=call.name, key_id=call.key_id,
        address=client[0] if client else "", action=f"{_method(scope)} {route}", status=status,
        n_bytes=n_bytes, took_ms=round(seconds * 1e3), subject=call.subject,
    )  # fmt: skip
