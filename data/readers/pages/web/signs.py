"""HTML signs: what is not to be read goes, exponents become characters, notes' marks go."""

from __future__ import annotations

import re
from typing import Any

from data.readers.pages.raised import read_subscript, read_superscript

_HIDDEN = re.compile(r"display\s*:\s*none|font-size\s*:\s*0(?:px|pt|em)?\s*(?:;|$)", re.IGNORECASE)
_INLINE = ("span", "font", "i", "em", "b", "strong", "a", "small", "u")


def drop_unseen(body: Any) -> None:
    """Drop comments, scripts, readings above characters and hidden spans."""
    from lxml import etree

    unseen = (etree.Comment, etree.PI, "script", "style", "rt", "rp")
    etree.strip_elements(body, *unseen, with_tail=False)
    for element in list(body.iter(*_INLINE)):
        if _HIDDEN.search(element.get("style", "")) or element.get("hidden") is not None:
            element.drop_tree()


def write_signs(body: Any) -> None:
    """Write exponents as `²`, indices as `₂`; drop the marks of footnotes."""
    for element in list(body.iter("sup", "sub")):
        text = "".join(element.itertext()).strip()
        before = _text_before(element)
        read = read_superscript if element.tag == "sup" else read_subscript
        for child in list(element):
            element.remove(child)
        element.text = read(text, before)
        element.drop_tag()


def _text_before(element: Any) -> str:
    """Return what stands right before an element, also where it is the first in its parents."""
    while element is not None:
        previous = element.getprevious()
        if previous is not None:
            return str(previous.tail or "".join(previous.itertext())).rstrip()
        element = element.getparent()
        if element is not None and (element.text or "").strip():
            return str(element.text).rstrip()
    return ""
