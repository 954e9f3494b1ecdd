"""Slips: stretches whose GBK bytes were read one byte late, put right where that is certain.

Two lead bytes meet and one gets lost: `！”朱大爺說` (A3A1 A1B1 D6EC B4F3 A094 D566) becomes
`!敝齑鬆斦f` (21 B1D6 ECB4 F3A0 94D5 66), up to a trail byte below 0x80, which stands alone as an
ASCII sign and sets the reading straight again. A damaged stretch has as many characters as what
it hides, so each repaired character maps to one of the damaged.
"""

from __future__ import annotations

import re

from model.cleaning.characters import HAN, is_common
from model.cleaning.mapped import MappedText

# Behind a sign of punctuation, Chinese characters that run into one ASCII sign of 0x40 to 0x7E.
_DAMAGED = re.compile(rf"(?<=[!?,;:！？，；：。、…])[{HAN}]{{2,40}}[@-~](?![A-Za-z])")
_LOST_BYTES = (b"\xa1", b"\xa3")  # the rows of GBK that hold punctuation
_FIRST = "”“’‘》《、。，！？：；（）"
_QUOTE_MAX_CHARS = 500


def repair_slips(mapped: MappedText) -> MappedText:
    """Restore what was read one byte late, where the restored text is plausible beyond doubt."""

    def repair(match: re.Match[str]) -> str:
        repaired = _shift_back(match[0])
        closes_nothing = repaired[:1] == "”" and not _in_quote(match.string, match.start())
        return match[0] if closes_nothing else repaired or match[0]

    return mapped.replace_text(_DAMAGED.sub(repair, mapped.text))


def _shift_back(damaged: str) -> str:
    """Return the text of the same length that was damaged, or an empty string."""
    if all(map(_is_common, damaged[:-1])):
        return ""
    for lost in _LOST_BYTES:
        try:
            text = (lost + damaged.encode("gbk")).decode("gbk")
        except UnicodeError:
            continue
        if text[0] in _FIRST and len(text) == len(damaged) and all(map(_is_common, text[1:])):
            return text
    return ""


def _is_common(character: str) -> bool:
    return character in _FIRST or is_common(character)


def _in_quote(text: str, at: int) -> bool:
    before = text[max(0, at - _QUOTE_MAX_CHARS) : at].rpartition("\n")[2]
    return before.rfind("“") > before.rfind("”")
