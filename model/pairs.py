"""Pairs: which bracket or quotation mark closes which."""

from __future__ import annotations

import re
from collections import Counter

OPENERS = "“‘（(《〈【〔[「『"
CLOSERS = "”’）)》〉】〕]」』"
_OPENER_OF = dict(zip(CLOSERS, OPENERS, strict=True))
_MARK = re.compile(rf"[{re.escape(OPENERS + CLOSERS)}\n]")
_OPENS = frozenset(OPENERS)
# What a writer opens and never closes holds no more than this.
MAX_PAIR_CHARS = 120


def find_pairs(text: str) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the places of each opening mark and its closing one, and of marks without the other.

    A mark pairs within its line. Where two kinds cross, the inner one that stays open is left
    alone: `（a“b）`.
    """
    pairs: list[tuple[int, int]] = []
    alone: list[int] = []
    open_at: list[int] = []
    n_open: Counter[str] = Counter()
    for mark in _MARK.finditer(text):
        at, character = mark.start(), mark[0]
        if character == "\n":
            alone += open_at
            open_at, n_open = [], Counter()
        elif character in _OPENS:
            open_at.append(at)
            n_open[character] += 1
        else:
            if not n_open[_OPENER_OF[character]]:
                alone.append(at)
                continue
            while text[start := open_at.pop()] != _OPENER_OF[character]:
                alone.append(start)
                n_open[text[start]] -= 1
            n_open[text[start]] -= 1
            pairs.append((start, at))
    return sorted(pairs), sorted(alone + open_at)
