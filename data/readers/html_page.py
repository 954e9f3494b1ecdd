"""HTML: the article of a page, with its title and date, by trafilatura; nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from data.readers.document import Document, parsing
from data.readers.encoding import decode, widen
from data.readers.items import Item
from model import Article, InputError

_DECLARED = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?([\w-]+)", re.IGNORECASE
)
_DECLARED_WITHIN_BYTES = 4096
# Old pages hold characters cut in half; where there are more, the encoding is another.
_MAX_WRONG_SHARE = 0.002
_SPACED_DATE = re.compile(r"(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日")
_SITE_ENDS = r"(?:网|报|报社|在线|频道|新闻|网站|委员会|政府|客户端)"
_TITLE_PARTS = re.compile(rf"\s*(?:--+|[_|])\s*|\s+-\s+|-(?=[^-]{{0,15}}{_SITE_ENDS}$)")
_SITE = re.compile(rf".{{0,8}}{_SITE_ENDS}")
_BLOCKS = {"p", "head", "item", "row", "lb", "quote", "code", "div", "table", "list"}
_PROSE_CHARS = 40
_MIN_LINKS = 3
_LINKED_SHARE = 0.6


def read_html(document: Document) -> Iterator[Item]:
    """Read one article.

    Raises:
        InputError: the file is too large or no text, or no article is found on the page.
    """
    page = _decode(document.read())
    with parsing("网页"):
        text, title, date = _extract(page)
    if not text.strip():
        raise InputError("网页里没有找到正文；请复制正文，存为 .txt 再试")
    yield Article.from_raw(text, id=document.id, title=title, date=date, source=document.source)


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


def _extract(page: str) -> tuple[str, str, str]:
    """Return text, title and date, each empty where there is none."""
    import trafilatura

    tree = trafilatura.load_html(_SPACED_DATE.sub(r"\1年\2月\3日", page))
    if tree is None:
        return "", "", ""
    date = _find_date(tree)
    _drop_link_lists(tree)
    found = trafilatura.bare_extraction(tree, with_metadata=True, include_comments=False)
    if not isinstance(found, trafilatura.settings.Document):
        return "", "", ""
    return "".join(_pieces(found.body)), _cut_title(found.title or ""), date


def _drop_link_lists(tree: Any) -> None:
    """Lists of headlines lead away from the article: most of their text is links."""
    for found in tree.xpath("//ul|//ol|//dl"):
        links = found.xpath(".//a")
        n_linked = sum(len(link.text_content().strip()) for link in links)
        if len(links) >= _MIN_LINKS and n_linked >= _LINKED_SHARE * len(found.text_content()):
            found.clear(keep_tail=True)


def _find_date(tree: Any) -> str:
    """Return the date that the page gives of itself; one in the article's prose is no such."""
    from htmldate import find_date

    bare = deepcopy(tree)
    for element in bare.iter("p", "div", "span", "td", "font", "section", "br", "li"):
        for part in ("text", "tail"):
            if len(getattr(element, part) or "") >= _PROSE_CHARS:
                setattr(element, part, None)
    return find_date(bare, extensive_search=False, original_date=True) or ""


def _cut_title(title: str) -> str:
    """Cut off the names of site and channel; nothing is left where the title is only these."""
    longest = max(_TITLE_PARTS.split(title), key=len).strip()
    return "" if _SITE.fullmatch(longest) else longest


def _pieces(body: Any) -> Iterator[str]:
    """Walk trafilatura's tree; its own plain form puts a layout table on one line."""
    from lxml.etree import iterwalk

    for event, element in iterwalk(body, events=("start", "end")):
        yield "\n" if element.tag in _BLOCKS else " " if element.tag == "cell" else ""
        yield (element.text if event == "start" else element.tail) or ""
