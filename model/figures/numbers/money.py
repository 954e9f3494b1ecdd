"""Money whose currency stands before the number: `人民币3.2亿`, `¥500`, `HK$120`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from model.figures.numbers.numerals import NUMBER, parse_number
from model.figures.numbers.rule import Reading, Rule, vague_bound

_CURRENCIES = {
    "人民币": "元", "￥": "元", "¥": "元", "RMB": "元", "US$": "美元", "美金": "美元",
    "HK$": "港元", "新台币": "新台币", "港币": "港元", "$": "美元", "€": "欧元", "£": "英镑",
}  # fmt: skip
_SIGN = "|".join(map(re.escape, sorted(_CURRENCIES, key=len, reverse=True)))
_LETTERED = ("RMB", "US$", "HK$")


def _read_money(match: re.Match[str]) -> Iterator[Reading]:
    sign, number = match["money_sign"], match["money_number"]
    value = parse_number(number)
    if value is not None:
        unit = match["money_unit"] or _CURRENCIES[sign]
        # the words of a currency are not part of the figure, its signs are
        start = match.start("money_number") if len(sign) > 1 and sign not in _LETTERED else None
        yield Reading(
            match.start("money") if start is None else start,
            match.end("money"),
            (value,),
            unit,
            vague_bound(number),
        )


MONEY = Rule(
    "money",
    rf"(?P<money_sign>{_SIGN})(?P<money_number>{NUMBER})(?P<money_unit>元|美元|港元|欧元|英镑)?",
    _read_money,
)
