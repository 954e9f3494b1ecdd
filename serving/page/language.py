"""The page's language: Chinese, or English where a reader chose it; kept in a cookie.

Gradio takes the language from the browser and offers no way to set it. So the page's HTML gets a
script before all others that answers for the browser.
"""

from __future__ import annotations

from http.cookies import SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "yiwen_language"
_LOCALES = {"zh": "zh-CN", "en": "en"}
_HEAD = b"<head>"
_SCRIPT = (
    "<script>(() => {{ const is = (name, value) => Object.defineProperty(navigator, name,"
    " {{get: () => value}}); is('language', '{locale}'); is('languages', ['{locale}']);"
    " document.documentElement.lang = '{locale}';"
    " document.documentElement.dataset.yiwen = '{language}'; }})()</script>"
)


class LanguageSwitch:
    """ASGI middleware that sets the language of every HTML page by the reader's cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; the start of a page's answer waits until its script is in."""
        if scope["type"] != "http" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        script = _script(read_language(Headers(scope=scope)))
        held: list[Message] = []
        body = b""

        async def send_changed(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                held.append(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            body = body.replace(_HEAD, _HEAD + script, 1)
            MutableHeaders(scope=held[0])["content-length"] = str(len(body))
            await send(held[0])
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, send_changed)


def read_language(headers: Headers) -> str:
    """Return `zh` or `en`."""
    cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    return cookie.value if cookie is not None and cookie.value in _LOCALES else "zh"


def _script(language: str) -> bytes:
    return _SCRIPT.format(language=language, locale=_LOCALES[language]).encode()
