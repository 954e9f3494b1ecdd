"""`Rule`: one way of writing a figure, as a pattern and what a match of it is worth."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """One figure that a match holds; `start` and `end` are offsets into the text.

    `value` has two entries for a range; `bound` is what the number itself says (`300多` is ≥).
    """

    start: int
    end: int
    value: tuple[float, ...]
    unit: str
    bound: str = ""


@dataclass(frozen=True)
class Rule:
    """A named part of the figure grammar.

    `pattern` has no capturing group but named ones that start with `name`; `read` gives the
    figures of a match, none where the numbers make no sense together.
    """

    name: str
    pattern: str
    read: Callable[[re.Match[str]], Iterable[Reading]]


def vague_bound(number: str) -> str:
    """Return the bound that lies in a numeral.

    `300多` and `300+` are at least that, `20来` about that.
    """
    if re.search(r"[余多几数上+]", number):
        return "≥"
    return "~" if "来" in number else ""
