"""Doubt: numerals that were recognised with little confidence, marked so that layout keeps them.

Layout joins and reorders stretches of text and knows nothing of confidence. A doubtful numeral
passes through it as another character that stands for it: a digit as its full-width form, a
Chinese numeral as a character for private use. Afterwards both are turned back, and their places
are known.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_DIGITS, _HAN = "0123456789", "〇零一二两三四五六七八九十百千万亿"
_PRIVATE = 0xF0000
_ENCODED = {d: chr(ord(d) - ord("0") + 0xFF10) for d in _DIGITS} | {
    h: chr(_PRIVATE + ord(h)) for h in _HAN
}
_TO_PLAIN = str.maketrans({code: numeral for numeral, code in _ENCODED.items()})
# Signs that only a doubtful numeral may have.
_RESERVED = str.maketrans({_ENCODED[d]: d for d in _DIGITS} | {_ENCODED[h]: "" for h in _HAN})
_NUMBER = re.compile(rf"[{_DIGITS}{_HAN}]+(?:[.,．，:：][{_DIGITS}{_HAN}]+)*[%％‰]?")
_STRETCH = re.compile(rf"[{''.join(_ENCODED.values())}]+")


def reserve_signs(text: str) -> str:
    """Return a text of the same length without signs that only doubtful numerals may have."""
    return "".join(c.translate(_RESERVED) or "\ufffd" for c in text)


def encode(text: str, is_doubtful: Sequence[bool]) -> str:
    """Return a text in which every number that holds a doubtful character is marked.

    Args:
        text: without reserved signs.
        is_doubtful: for each of its characters.
    """

    def mark(match: re.Match[str]) -> str:
        start, end = match.span()
        # A lost decimal point leaves a gap, which makes the signs beside it doubtful.
        is_sure = not any(is_doubtful[max(0, start - 1) : end + 1])
        return match[0] if is_sure else "".join(_ENCODED.get(c, c) for c in match[0])

    return _NUMBER.sub(mark, text)


def decode(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the text as it reads, and where its doubtful numerals stand."""
    return text.translate(_TO_PLAIN), [match.span() for match in _STRETCH.finditer(text)]
