"""HTML to the text of its article, by trafilatura, which fetches nothing here.

It runs in the reader's own process or, for a large page, in one that can be stopped:
python -m data.readers.pages.html_text < PAGE.html > ARTICLE.json
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

# A news page has a few thousand; extraction takes time that grows faster than their number.
MAX_ELEMENTS = 20_000
_SPACED_DATE = re.compile(r"(\d{4})\s?年\s?(\d{1,2})\s?月\s?(\d{1,2})\s?日")
# A line that is a date, a label before it and who or when behind it: 发布时间：2024-03-05 08:17.
_DATELINE = re.compile(
    r"[^\d，。]{0,12}((?:19|20)\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})(?:日?(?!\d)[^，。]*)?"
)
_SITE_ENDS = r"(?:网|报|报社|在线|频道|新闻|网站|委员会|政府|客户端)"
_TITLE_PARTS = re.compile(rf"\s*(?:--+|[_|])\s*|\s+-\s+|-(?=[^-]{{0,15}}{_SITE_ENDS}$)")
_SITE = re.compile(rf".{{0,8}}{_SITE_ENDS}")
_BLOCKS = {"p", "head", "item", "row", "lb", "quote", "code", "div", "table", "list"}
_PROSE_CHARS = 40
# Below this trafilatura takes the page's whole text; its own 250 is meant for Latin letters.
_MIN_CHARS = 80
_MIN_LINKS = 3
_LINKED_SHARE = 0.6


def extract(page: str) -> dict[str, str]:
    """Return `text`, `title` and `date`, each empty where there is none, or `error`."""
    import trafilatura
    from trafilatura.settings import Document, Extractor

    for name in ("trafilatura", "htmldate"):  # what is wrong with a page is said by the reader
        logging.getLogger(name).setLevel(logging.CRITICAL)
    tree = trafilatura.load_html(_SPACED_DATE.sub(r"\1年\2月\3日", page))
    if tree is None:
        return {"text": "", "title": "", "date": ""}
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        return {"error": "too many elements"}
    _drop_link_lists(tree)
    date = _find_date(tree)
    options = Extractor(with_metadata=True, comments=False, fast=True)
    options.min_extracted_size = _MIN_CHARS
    found = trafilatura.bare_extraction(tree, options=options)
    if not isinstance(found, Document):
        return {"text": "", "title": "", "date": ""}
    text = "".join(_pieces(found.body))
    return {"text": text, "title": _cut_title(found.title or ""), "date": date}


def _drop_link_lists(tree: Any) -> None:
    """Lists of headlines lead away from the article: most of their text but dates is links."""
    for found in tree.xpath("//nav|//dl|//*[li]"):
        links = found.xpath(".//a")
        n_linked = sum(_count_letters(link) for link in links)
        if len(links) >= _MIN_LINKS and n_linked >= _LINKED_SHARE * _count_letters(found):
            found.clear(keep_tail=True)


def _count_letters(element: Any) -> int:
    return sum(c.isalpha() for c in element.text_content())


def _find_date(tree: Any) -> str:
    """Return the date that the page gives of itself; one in the article's prose is no such."""
    from htmldate import find_date

    bare = deepcopy(tree)
    for element in bare.iter("p", "div", "span", "td", "font", "section", "br", "li"):
        for part in ("text", "tail"):
            if len(getattr(element, part) or "") >= _PROSE_CHARS:
                setattr(element, part, None)
    found = find_date(bare, extensive_search=False, original_date=True)
    return found or _find_dateline(bare)


def _find_dateline(tree: Any) -> str:
    body = tree.find("body")
    lines = map(str.strip, (tree if body is None else body).itertext("div", "p", "span", "td"))
    matches = (_DATELINE.fullmatch(line) for line in lines)
    return next(("{}-{:0>2}-{:0>2}".format(*match.groups()) for match in matches if match), "")


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


if __name__ == "__main__":
    sys.stdout.write(json.dumps(extract(sys.stdin.buffer.read().decode("utf-8"))))
