"""HTML: the article of a page, with its title and date."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.readers.document import Document, parsing
from data.readers.encoding import decode, widen
from data.readers.items import Item, make_article
from data.readers.pages.timed_process import run_timed
from data.readers.pages.web.text import extract, extract_all
from model import InputError

TIMEOUT_S = 20
# A tag with 80,000 attributes takes 7 seconds, and the time grows with the square.
MAX_BYTES_HERE = 256 << 10
_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w-]+)", re.IGNORECASE
)
_DECLARED_WITHIN_BYTES = 4096
# A declaration that can be read byte by byte is in one of these; Python knows more names, such as
# `idna` and `undefined`, that raise what they like.
_ENCODINGS = {"utf-8", "gb18030", "big5hkscs"}
# Old pages hold characters cut in half; where there are more, the encoding is another.
_MAX_WRONG_SHARE = 0.002


def read_html(document: Document) -> Iterator[Item]:
    """Read one article.

    Raises:
        InputError: the file is too large or no text, or no article is found on the page.
    """
    found = read_page(decode_page(document.read()))
    yield make_article(found, document.id, document.source)


def read_page(page: str) -> dict[str, str]:
    """Return `text`, `title`, `date`, `warning` and `notes` of a page; a large one is read apart.

    Raises:
        InputError: no article is found on it.
    """
    data = page.encode("utf-8", "replace")
    if len(data) > MAX_BYTES_HERE:
        found = run_timed("data.readers.pages.web.text:extract_encoded", data, "网页", TIMEOUT_S)
    else:
        with parsing("网页"):
            found = extract(page)
    if "error" in found:
        raise InputError("网页过于庞杂，不像一篇文章；请复制正文，存为 .txt 再试")
    if not found["text"].strip():
        raise InputError("网页里没有找到正文；请复制正文，存为 .txt 再试")
    return found


def read_fragment(source: str) -> dict[str, str]:
    """Return all the `text` of a piece of HTML, a block a line, and `notes` on its lines.

    Raises:
        InputError: it cannot be parsed.
    """
    with parsing("网页"):
        return extract_all(source)


def decode_page(data: bytes) -> str:
    """Decode a page by what it declares, unless that is no encoding of Chinese text.

    Raises:
        InputError: the bytes are no text.
    """
    match = _DECLARED.search(data[:_DECLARED_WITHIN_BYTES])
    declared = widen(match[1].decode("ascii", "replace")) if match else ""
    if declared not in _ENCODINGS:
        return decode(data)
    try:
        return decode(data, declared)
    except InputError:
        text = data.decode(declared, "replace")
    if text.count("\ufffd") > _MAX_WRONG_SHARE * len(text):
        raise InputError(f"编码有误：网页声明为 {declared}，但有许多无法解码的字节")
    return text
