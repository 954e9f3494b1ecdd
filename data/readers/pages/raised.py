"""Raised and lowered signs: exponents and indices as characters, the marks of notes left out."""

from __future__ import annotations

import re

_TO_SUPERSCRIPT = str.maketrans("0123456789+-\u2212", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_TO_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_EXPONENT = re.compile("[+\u2212-]?\\d{1,2}|[+\u2212-]")
_NOTE = re.compile(
    r"[\[（(〔【\uff3b]?\s?(?:\d{1,3}|[①-⑳*†‡]|注\d{0,2})(?:\s?[,，、\-—–]\s?\d{1,3}){0,9}"
    r"\s?[\]）)〕】\uff3d]?"
)


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
