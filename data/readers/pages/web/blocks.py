"""HTML blocks: what stands outside <p> made paragraphs, within the part that holds the article.

Extractors count on <p>; pages of WeChat and of old offices have <section>, <span>, <td> and <br>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from model.cleaning.characters import count_han

_PROSE = re.compile(r"[，。；：！？、]")
_MIN_PROSE_HAN = 12
# The part that holds the article holds this share of the page's prose.
_CONTAINER_SHARE = 0.8
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5",
    "h6", "header", "hr", "iframe", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_SUBHEADINGS = {"h2", "h3", "h4", "h5", "h6"}
_LINES = {*_SUBHEADINGS, "h1", "p", "pre"}
# Text directly in these is left to the extractor.
_KEPT = {*_LINES, "a", "table", "tbody", "thead", "tfoot", "tr", "hr", "html"}
# Extractors drop or glue these.
_RENAMED = {"blockquote", "center", "dd", "dl", "dt", "form", "li", "ol", "ul"}
# Neither prose nor made prose.
_ASIDE = {
    "aside", "button", "figure", "footer", "head", "iframe", "nav", "noscript", "option", "script",
    "select", "style", "svg", "template", "textarea", "title",
}  # fmt: skip
_REMARKS = re.compile(
    r"(?:^|[\s_-])(?:comments?|related|recommend|sidebar)(?:$|[\s_-])", re.IGNORECASE
)
_REMARK = "related"
# Summaries of other articles, below links to them, hold less than this share of the prose.
_TEASER_SHARE = 0.8
_MIN_TEASERS = 3
_MIN_HEADLINE_HAN = 5
_HEADED = {"div", "section", "article", "li", "dd", "dl", "td", "p", "dt", *_SUBHEADINGS}
_MIN_LINKS = 2
_LINKED_SHARE = 0.6
_BUTTON = (
    r"(?:打印|关闭|收藏|分享|返回|推荐|复制|下载|加入|设为)(?:本页|本文|此页|页面|窗口|首页|收藏|列表"
    r"|顶部|上一?页|链接|到|给好友){0,3}+"
)
_BUTTONS = re.compile(rf"(?:{_BUTTON}[\s|｜/·】\[\]【]{{0,9}}+)++")
_AROUND_BUTTONS = " \t\r\n\u3000\xa0|｜/·【["
_BUTTONS_MAX_CHARS = 60


@dataclass
class Run:
    """Text between two blocks or breaks: the element before it or around it, and its elements."""

    parent: Any
    before: Any | None
    parts: list[Any] = field(default_factory=list)

    @property
    def lead(self) -> str:
        """The text before the first element."""
        return (self.parent.text if self.before is None else self.before.tail) or ""

    @property
    def text(self) -> str:
        """All of its text."""
        pieces = ("".join(part.itertext()) + (part.tail or "") for part in self.parts)
        return self.lead + "".join(pieces)

    def links(self) -> list[str]:
        """Return the text of every link in it."""
        return ["".join(a.itertext()) for part in self.parts for a in part.iter("a")]

    def set_lead(self, text: str | None) -> None:
        """Replace the text before the first element."""
        if self.before is None:
            self.parent.text = text
        else:
            self.before.tail = text


def find_holders(body: Any) -> set[Any]:
    """Return the elements with a block or a break in them."""
    holders: set[Any] = set()
    for element in reversed(list(body.iter())):
        if element.tag in _BLOCKS or element.tag == "br" or element in holders:
            holders.add(element.getparent())
    return holders


def drop_buttons(body: Any, holders: set[Any]) -> None:
    """Drop rows of links and of what a page offers to do: 首页|政务|服务, 打印本页 关闭窗口."""
    for element in list(body.iter()):
        if element.tag in _LINES or not is_block(element, holders):
            continue
        for run in list(find_runs(element, holders)):
            if _is_row_of_links(run) or _is_buttons(run.text):
                run.set_lead(None)
                for part in run.parts:
                    element.remove(part)


def find_container(body: Any, holders: set[Any]) -> Any | None:
    """Return the smallest element that holds most of the page's prose, or None."""
    n_prose = _count_prose(body, holders)
    teasers = [e for e in _find_teasers(body) if n_prose.get(e, 0) < _TEASER_SHARE * n_prose[body]]
    for element in teasers:
        element.set("class", _REMARK)
    if teasers:
        n_prose = _count_prose(body, holders)
    if not n_prose[body]:
        return None
    needed = _CONTAINER_SHARE * n_prose[body]
    found = body
    while (deeper := next((e for e in found if n_prose.get(e, 0) >= needed), None)) is not None:
        found = deeper
    return found if found.tag not in _KEPT else found.getparent()


def _count_prose(body: Any, holders: set[Any]) -> dict[Any, int]:
    """Return for every element but asides how many Chinese characters of prose it holds."""
    elements = list(_walk(body))
    n_prose = {
        element: sum(count_han(run.text) for run in _prose_runs(element, holders))
        for element in elements
    }
    for element in reversed(elements[1:]):
        n_prose[element.getparent()] += n_prose[element]
    return n_prose


def _prose_runs(element: Any, holders: set[Any]) -> Iterator[Run]:
    if element.tag in _BLOCKS or element in holders:
        yield from filter(_is_prose, find_runs(element, holders))


def _find_teasers(body: Any) -> list[Any]:
    """Return lists of other articles: most of their parts have a headline that is a link."""
    headed: set[Any] = set()
    for link in body.iter("a"):
        parent = link.getparent()
        text = "".join(link.itertext()).strip()
        if count_han(text) < _MIN_HEADLINE_HAN or "".join(parent.itertext()).strip() != text:
            continue
        while parent is not None and parent.tag not in _HEADED:
            parent = parent.getparent()
        headed |= set() if parent is None else {parent, *islice(parent.iterancestors(), 2)}
    lists = {element.getparent() for element in headed} - {None}
    return [
        element
        for element in lists
        if (n_headed := sum(child in headed for child in element)) >= _MIN_TEASERS
        and n_headed >= _LINKED_SHARE * len(element)
    ]


def make_paragraphs(container: Any, holders: set[Any]) -> None:
    """Wrap every run of text in a part in <p>; what holds blocks becomes <div>."""
    for element in (container, *container.iterancestors()):
        if element.tag in _RENAMED:
            element.tag = "div"
    for element in list(_walk(container)):
        if element.tag in _RENAMED or _is_mixed(element, holders):
            element.tag = "div"
        elif element.tag in _SUBHEADINGS:
            element.tag = "p"
        if element.tag in _BLOCKS - _KEPT:
            for run in list(find_runs(element, holders)):
                _wrap(run)


def _wrap(run: Run) -> None:
    from lxml.html import Element

    if not run.text.strip():
        return
    paragraph = Element("p")
    paragraph.text = run.lead
    run.set_lead(None)
    at = 0 if run.before is None else run.parent.index(run.before) + 1
    paragraph.extend(run.parts)
    run.parent.insert(at, paragraph)


def container_lines(container: Any) -> list[str]:
    """Return the lines of text in a part whose runs are paragraphs, in order."""
    lines = (
        " ".join("".join(element.itertext()).split())
        for element in _walk(container)
        if element.tag in _LINES
    )
    return [line for line in lines if line]


def is_block(element: Any, holders: set[Any]) -> bool:
    """Say whether an element is no part of a line."""
    return element.tag in _BLOCKS or element in holders


def _is_mixed(element: Any, holders: set[Any]) -> bool:
    """An inline element or a paragraph with blocks inside."""
    is_inline = element.tag not in _BLOCKS and element.tag != "a"
    return element in holders and (element.tag == "p" or is_inline)


def find_runs(element: Any, holders: set[Any]) -> Iterator[Run]:
    """Yield the runs of text directly in an element."""
    run = Run(element, None)
    for child in element:
        if child.tag in _BLOCKS or child.tag == "br" or child in holders:
            yield run
            run = Run(element, child)
        else:
            run.parts.append(child)
    yield run


def _is_prose(run: Run) -> bool:
    text = run.text
    n_han = count_han(text)
    is_long = n_han >= _MIN_PROSE_HAN and bool(_PROSE.search(text))
    return is_long and sum(map(count_han, run.links())) < _LINKED_SHARE * n_han


def _is_row_of_links(run: Run) -> bool:
    links = run.links()
    if len(links) < _MIN_LINKS or "。" in run.text:
        return False
    return sum(map(count_han, links)) >= _LINKED_SHARE * max(count_han(run.text), 1)


def _is_buttons(text: str) -> bool:
    return len(text) <= _BUTTONS_MAX_CHARS and bool(_BUTTONS.fullmatch(text.strip(_AROUND_BUTTONS)))


def _walk(element: Any) -> Iterator[Any]:
    """Yield an element and what is below it but asides and remarks."""
    stack = [element]
    while stack:
        top = stack.pop()
        yield top
        stack += [child for child in reversed(top) if not _is_aside(child)]


def _is_aside(element: Any) -> bool:
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return element.tag in _ASIDE or bool(_REMARKS.search(names))
