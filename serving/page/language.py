"""The page's language: Chinese, or English by the switch in the header; kept in a cookie.

Gradio takes the language from `navigator.language` and offers no setting. The middleware puts a
script first in the page's head that overrides `navigator.language`.
"""

from __future__ import annotations

from http.cookies import SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "yiwen_language"
_LOCALES = {"zh": "zh-CN", "en": "en"}
_HEAD = b"<head>"
# Hides the phrases of the other language before the page's own styles are there.
_STYLE = (
    b"<style>html:not([data-yiwen=en]) .yw-en, html[data-yiwen=en] .yw-zh {display: none}</style>"
)
_SCRIPT = (
    "<script>(() => {{ const is = (name, value) => Object.defineProperty(navigator, name,"
    " {{get: () => value}}); is('language', '{locale}'); is('languages', ['{locale}']);"
    " document.documentElement.lang = '{locale}';"
    " document.documentElement.dataset.yiwen = '{language}'; }})()</script>"
)


class LanguageSwitch:
    """ASGI middleware that sets the language of every HTML page by a cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests on; hold back the head of a page's response until the script is in."""
        if scope["type"] != "http" or scope["path"] != "/":
            await self._app(scope, receive, send)
            return
        script = _script(read_language(Headers(scope=scope)))
        start: list[Message] = []
        body = b""

        async def send_changed(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                start.append(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            body = body.replace(_HEAD, _HEAD + script, 1)
            MutableHeaders(scope=start[0])["content-length"] = str(len(body))
            await send(start[0])
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, send_changed)


def read_language(headers: Headers) -> str:
    """Return `zh` or `en`."""
    cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    return cookie.value if cookie is not None and cookie.value in _LOCALES else "zh"


def _script(language: str) -> bytes:
    return _SCRIPT.format(language=language, locale=_LOCALES[language]).encode() + _STYLE
