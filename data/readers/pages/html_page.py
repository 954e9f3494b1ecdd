"""HTML: the article of a page, with its title and date."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.readers.document import Document, parsing
from data.readers.encoding import decode, widen
from data.readers.items import Item, with_warning
from data.readers.pages.apart import run_apart
from data.readers.pages.html_text import extract
from model import Article, InputError

TIMEOUT_S = 20
# A tag with 80,000 attributes takes 7 seconds, and the time grows with the square.
MAX_BYTES_HERE = 256 << 10
_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w-]+)", re.IGNORECASE
)
_DECLARED_WITHIN_BYTES = 4096
# Old pages hold characters cut in half; where there are more, the encoding is another.
_MAX_WRONG_SHARE = 0.002


def read_html(document: Document) -> Iterator[Item]:
    """Read one article.

    Raises:
        InputError: the file is too large or no text, or no article is found on the page.
    """
    data = document.read()
    page = _decode(data)
    if len(data) > MAX_BYTES_HERE:
        found = run_apart("data.readers.pages.html_text", page.encode(), "网页", TIMEOUT_S)
    else:
        with parsing("网页"):
            found = extract(page)
    if "error" in found:
        raise InputError("网页过于庞杂，不像一篇文章；请复制正文，存为 .txt 再试")
    if not found["text"].strip():
        raise InputError("网页里没有找到正文；请复制正文，存为 .txt 再试")
    article = Article.from_raw(
        found["text"],
        id=document.id,
        title=found["title"],
        date=found["date"],
        source=document.source,
    )
    yield with_warning(article, found["warning"])


def _decode(data: bytes) -> str:
    match = _DECLARED.search(data[:_DECLARED_WITHIN_BYTES])
    declared = widen(match[1].decode("ascii", "replace")) if match else ""
    try:
        return decode(data, declared)
    except InputError:
        if not declared:
            raise
    try:
        text = data.decode(declared, "replace")
    except LookupError:
        raise InputError(f"网页声明的编码 {declared} 无法识别") from None
    if text.count("\ufffd") > _MAX_WRONG_SHARE * len(text):
        raise InputError(f"编码有误：网页声明为 {declared}，但有许多无法解码的字节")
    return text
