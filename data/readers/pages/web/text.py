"""HTML to the text of its article, by trafilatura, which fetches nothing here.

It runs in the reader's own process or, for a large page, in one that can be stopped.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from data.readers.hints import write_notes
from data.readers.pages.web.blocks import (
    container_lines,
    drop_buttons,
    find_container,
    find_holders,
    make_paragraphs,
)
from data.readers.pages.web.dates import SPACED_DATE, find_date
from data.readers.pages.web.notes import note_lines
from data.readers.pages.web.signs import drop_unseen, write_signs
from data.readers.pages.web.tables import flatten_tables
from model.cleaning.characters import count_han

# A news page has a few thousand; extraction takes time that grows faster than their number.
MAX_ELEMENTS = 20_000
_SITE_ENDS = r"(?:网|报|报社|在线|频道|新闻|网站|委员会|政府|客户端)"
_TITLE_PARTS = re.compile(rf"--+|[_|]|\s-\s|-(?=[^-]{{0,15}}{_SITE_ENDS}$)")
_SITE = re.compile(rf".{{0,8}}{_SITE_ENDS}")
_BLOCKS = {"p", "head", "item", "row", "lb", "quote", "code", "div", "table", "list"}
# Below this trafilatura takes the page's whole text; its own 250 is meant for Latin letters.
_MIN_CHARS = 80
_MIN_LINKS = 3
_LINKED_SHARE = 0.6
# Of the Chinese characters that the article's part of the page holds, so many are to be kept.
_MIN_KEPT_SHARE = 0.7


def extract(page: str) -> dict[str, str]:
    """Return `text`, `title`, `date`, `warning` and `notes`, or `error`; some may be empty."""
    import trafilatura
    from trafilatura.settings import Document, Extractor

    for name in ("trafilatura", "htmldate"):  # what is wrong with a page is said by the reader
        logging.getLogger(name).setLevel(logging.CRITICAL)
    tree = trafilatura.load_html(SPACED_DATE.sub(r"\1年\2月\3日", page))
    if tree is None:
        return {"text": "", "title": "", "date": "", "warning": "", "notes": ""}
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        return {"error": "too many elements"}
    _drop_link_lists(tree)
    date = find_date(tree)
    lines, notes = _prepare(tree)
    options = Extractor(with_metadata=True, comments=False, fast=True)
    options.min_extracted_size = _MIN_CHARS
    found = trafilatura.bare_extraction(tree, options=options)
    text = title = ""
    if isinstance(found, Document):
        text, title = "".join(_pieces(found.body)), _cut_title(found.title or "")
    return {"title": title, "date": date, "notes": notes, **_check_kept(text, lines)}


def extract_encoded(page: bytes) -> dict[str, str]:
    """Return what `extract` does of a page in UTF-8; called in a process apart."""
    return extract(page.decode("utf-8"))


def extract_all(source: str) -> dict[str, str]:
    """Return all the `text` of a piece of HTML, a block a line, and `notes` on its lines.

    Nothing is taken for furniture.
    """
    from lxml import etree
    from lxml.html import document_fromstring

    body = document_fromstring(f"<html><body><div>{source}</div></body></html>").find("body")
    drop_unseen(body)
    write_signs(body)
    flatten_tables(body)
    etree.strip_tags(body, "a")
    holders = find_holders(body)
    notes = write_notes(note_lines(body, holders))
    make_paragraphs(body, holders)
    return {"text": "\n".join(container_lines(body)), "notes": notes}


def _prepare(tree: Any) -> tuple[list[str], str]:
    """Make paragraphs of the part that holds the article; return its lines and notes on them."""
    body = tree.find("body")
    if body is None:
        return [], ""
    drop_unseen(body)
    write_signs(body)
    flatten_tables(body)
    holders = find_holders(body)
    drop_buttons(body, holders)
    notes = write_notes(note_lines(body, holders))
    container = find_container(body, holders)
    if container is None:
        return [], notes
    make_paragraphs(container, holders)
    return container_lines(container), notes


def _check_kept(text: str, lines: list[str]) -> dict[str, str]:
    """Take the lines of the article's part where the extractor left out too much of them."""
    n_kept, n_there = count_han(text), sum(map(count_han, lines))
    if n_kept >= _MIN_KEPT_SHARE * n_there:
        return {"text": text, "warning": ""}
    warning = (
        f"网页正文区约有 {n_there} 个汉字，自动辨认的正文只有 {n_kept} 个；"
        "已按整个正文区读出，可能混有无关文字，请对照原页"
    )
    return {"text": "\n".join(lines), "warning": warning}


def _drop_link_lists(tree: Any) -> None:
    """Lists of headlines lead away from the article: most of their text but dates is links."""
    for found in tree.xpath("//nav|//dl|//*[li]"):
        links = found.xpath(".//a")
        n_linked = sum(_count_letters(link) for link in links)
        if len(links) >= _MIN_LINKS and n_linked >= _LINKED_SHARE * _count_letters(found):
            found.clear(keep_tail=True)


def _count_letters(element: Any) -> int:
    return sum(c.isalpha() for c in element.text_content())


def _cut_title(title: str) -> str:
    """Cut off the names of site and channel; nothing is left where the title is only these."""
    longest = max(map(str.strip, _TITLE_PARTS.split(title.strip())), key=len)
    return "" if _SITE.fullmatch(longest) else longest


def _pieces(body: Any) -> Iterator[str]:
    """Walk trafilatura's tree; its own plain form puts a layout table on one line."""
    from lxml.etree import iterwalk

    for event, element in iterwalk(body, events=("start", "end")):
        yield "\n" if element.tag in _BLOCKS else " " if element.tag == "cell" else ""
        yield (element.text if event == "start" else element.tail) or ""
