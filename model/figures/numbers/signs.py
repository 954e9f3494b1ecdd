"""Signs: whether the minus before a number is its own, or a dash.

`结余为-3500万元` is below nothing, `县医院-12例` is not.
"""

from __future__ import annotations

import re

_CHARS = 8
_MINUS = ("-", "\u2212", "负")
_BALANCES = (
    "结余|余额|盈余|盈亏|损益|亏损|收支|收益|利润|净利|净额|差额|缺口|增速|增幅|增长|增长率|涨幅|降幅"
    "|同比|环比|变化|增减"
)
# What can fall below nothing, or a verb that gives a value.
_SIGNED = re.compile(rf"(?:[，、：；（(/~～]|为|由|从|至|到|达|是|在|于|约|近|{_BALANCES}) ?$")
_SPOKEN = re.compile(rf"(?:为|由|从|至|到|达|是|{_BALANCES})$")


# A cell or line that opens with the number: `增速|-4.5%`. Before a count in a line it is a bullet.
_OPENS_CELL = re.compile(r"[\t|｜] ?$")
_MAY_FALL_BELOW = ("share", "point", "money")


def find_sign(text: str, start: int, number: int, unit_class: str) -> tuple[int, bool]:
    """Return where a figure starts with its sign, and whether that is a minus.

    Args:
        text: the article's text.
        start: where the figure starts, its bound's word included.
        number: where its number starts; a sign stands right before it.
        unit_class: what kind of unit it has.
    """
    at = number - 1
    if start < number or at < 0 or text[at] not in _MINUS:
        return start, False
    before = text[max(0, at - _CHARS) : at]
    signed = _SPOKEN if text[at] == "负" else _SIGNED
    opens_line = (not before or before[-1] == "\n") and unit_class in _MAY_FALL_BELOW
    opens = opens_line or _OPENS_CELL.search(before)
    return (at, True) if opens or signed.search(before) else (start, False)
