"""HTML signs: what is not to be read goes, exponents become characters, notes' marks go."""

from __future__ import annotations

import re
from typing import Any

_HIDDEN = re.compile(r"display\s*:\s*none|font-size\s*:\s*0(?:px|pt|em)?\s*(?:;|$)", re.IGNORECASE)
_INLINE = ("span", "font", "i", "em", "b", "strong", "a", "small", "u")
_TO_SUPERSCRIPT = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_TO_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_EXPONENT = re.compile(r"[+\-−]?\d{1,2}|[+\-−]")
_NOTE = re.compile(
    r"[\[（(〔【［]?\s?(?:\d{1,3}|[①-⑳*†‡]|注\d{0,2})(?:\s?[,，、\-—–]\s?\d{1,3}){0,9}\s?[\]）)〕】］]?"
)


def drop_unseen(body: Any) -> None:
    """Drop comments, scripts, readings above characters and hidden spans."""
    from lxml import etree

    etree.strip_elements(
        body, etree.Comment, etree.PI, "script", "style", "rt", "rp", with_tail=False
    )
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


def read_superscript(text: str, before: str) -> str:
    """Return an exponent as characters, nothing for the mark of a note, else the text."""
    last = before[-1:]
    if _EXPONENT.fullmatch(text) and last.isascii() and (last.isalnum() or last == ")"):
        return text.translate(_TO_SUPERSCRIPT)
    return "" if _NOTE.fullmatch(text) else text


def read_subscript(text: str, before: str) -> str:
    """Return an index as characters, any other text as it is."""
    is_index = text.isascii() and text.isdigit() and before[-1:].isalnum()
    return text.translate(_TO_SUBSCRIPT) if is_index else text


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
