"""Which host names and which web sites the page and the HTTP service answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_CORS = b"access-control-"
_HEADERS = {
    "content-security-policy": "frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
}
_OTHER_HOST = "Not served under this host name.\n"
_OTHER_SITE = "Requests of other web sites are refused.\n"


def refuse_plainly(reason: str) -> Response:
    """Return a refusal as plain text."""
    return PlainTextResponse(reason, 403)


class Origins:
    """ASGI middleware: refuses host names that are not the page's, and other web sites' requests.

    A page without users is protected by its host name alone (DNS rebinding), so only names of
    this machine and those given are served. With users, the login protects it under any name; the
    keys of the HTTP service do so too.

    Args:
        app: what answers the other requests.
        hosts: names served besides those of this machine.
        demands_login: whether who asks is known by a login or a key.
        refuse: makes a refusal, of its reason.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str],
        demands_login: Callable[[], bool],
        refuse: Callable[[str], Response] = refuse_plainly,
    ) -> None:
        self._app = app
        self._hosts = LOCAL_NAMES | {host.strip("[]").lower() for host in hosts}
        self._demands_login = demands_login
        self._refuse_with = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 to what is refused; every response says that no site may frame the page."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # the page uses no websockets
            await send({"type": "websocket.close", "code": 1008})
            return
        send = _protect(send)
        reason = self._refuse(scope)
        if reason:
            await self._refuse_with(reason)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refuse(self, scope: Scope) -> str:
        """Return why a request is refused, or nothing."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            return _OTHER_HOST
        if host_name(hosts[0]) not in self._hosts and not self._demands_login():
            return _OTHER_HOST
        return _OTHER_SITE if _is_of_another_site(scope["method"], headers) else ""


def _is_of_another_site(method: str, headers: Headers) -> bool:
    """Say whether a browser sent a request for a page of another origin.

    Following a link is the one request of another site that is answered.
    """
    origin = headers.get("origin")
    if origin is not None:
        own = (headers["host"], headers.get("x-forwarded-host", "").split(",")[0].strip())
        return not any(host and _is_origin(origin, host) for host in own)
    if headers.get("sec-fetch-site") not in {"cross-site", "same-site"}:
        return False
    return method not in _SAFE_METHODS or headers.get("sec-fetch-mode") != "navigate"


def host_name(host: str) -> str:
    """Return the name in a Host header, without port and brackets, in lower case."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_origin(origin: str, host: str) -> bool:
    scheme, separator, netloc = origin.lower().partition("://")
    if not separator or scheme not in {"http", "https"}:
        return False
    port = {"http": ":80", "https": ":443"}[scheme]
    return netloc.removesuffix(port) == host.lower().removesuffix(port)


def _protect(send: Send) -> Send:
    """Add the headers that keep other sites out, and drop those that let them in."""

    async def send_protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [
                (name, value)
                for name, value in message.get("headers", [])
                if not name.lower().startswith(_CORS)
            ]
            message = {**message, "headers": kept}
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
        await send(message)

    return send_protected
