"""Bounds: words on either side of a number that say it is a floor, a ceiling or about right."""

from __future__ import annotations

import re

from model.figures.lexicon import bound_words

_WINDOW = 8
# `至少派驻3名医生`, `约为人民币3亿元`: words between the bound and its number.
_APART = re.compile(r"至少[\u4e00-\u9fff]{1,4}$")
_ABOUT = re.compile(r"(?<![签预解特节制公条合])(?:大约|约)(?:为|有|占|达|在|需|合)?(?:人民币)?$")
_OVER = re.compile(r"(?:超过|突破|超出)了$")


def read_bound(text: str, start: int, *, before: str, own: str, after: str) -> str:
    """Return `≥`, `≤`, `~` or nothing.

    Args:
        text: the article's text.
        start: where the figure starts, the words of its bound included.
        before: the bound's word before the number, if any.
        own: the bound that lies in the numeral itself (`300多`).
        after: the bound's word after the unit, if any.
    """
    if after:
        return bound_words("after")[after]
    sign = bound_words("before").get(before, "")
    if sign in ("≥", "≤"):
        return sign
    return own or sign or _bound_apart(text[max(0, start - _WINDOW) : start])


def _bound_apart(before: str) -> str:
    if _APART.search(before) or _OVER.search(before):
        return "≥"
    return "~" if _ABOUT.search(before) else ""
