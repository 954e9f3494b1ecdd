"""Money whose currency stands before the number, `人民币3.2亿`, `HK$120`, and sums in full form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from model.figures.numbers.numerals import FORMAL, NUMBER, parse_number
from model.figures.numbers.rule import Reading, Rule, vague_bound

_CURRENCIES = {
    "人民币": "元", "￥": "元", "¥": "元", "RMB": "元", "CNY": "元", "US$": "美元", "USD": "美元",
    "美金": "美元", "美元": "美元", "$": "美元", "HK$": "港元", "HKD": "港元", "港币": "港元",
    "港元": "港元", "新台币": "新台币", "€": "欧元", "EUR": "欧元", "欧元": "欧元", "£": "英镑",
    "GBP": "英镑", "英镑": "英镑", "JPY": "日元", "日元": "日元",
}  # fmt: skip
_SIGN = "|".join(map(re.escape, sorted(_CURRENCIES, key=len, reverse=True)))
_CENTS = 100
_DIGITS = "零壹贰叁肆伍陆柒捌玖"


def _read_money(match: re.Match[str]) -> Iterator[Reading]:
    sign, number = match["money_sign"], match["money_number"]
    value = parse_number(number)
    if value is not None:
        unit, own = match["money_unit"], _CURRENCIES[sign]
        # `人民币` is no part of the figure, what makes another sum of it is
        start = match.start("money_number" if sign == "人民币" else "money")
        yield Reading(
            start,
            match.end("money"),
            (value,),
            own if unit is None or unit[0] == "元" else unit,
            vague_bound(number),
        )


def _read_formal(match: re.Match[str]) -> Iterator[Reading]:
    """`壹万贰仟元伍角整`: ten 角 are one 元, ten 分 one 角."""
    value = parse_number(match["formal_number"])
    if value is not None:
        tenths, hundredths = (
            _DIGITS.index(match[part] or "零") for part in ("formal_tenths", "formal_hundredths")
        )
        cents = tenths * 10 + hundredths
        start = match.start("formal_number")
        yield Reading(start, match.end("formal"), (value + cents / _CENTS,), "元")


MONEY = Rule(
    "money",
    rf"(?P<money_sign>{_SIGN}) ?(?P<money_number>{NUMBER})"
    r"(?P<money_unit>元[整正]?|美元|港元|欧元|英镑)?(?![\d年月日%名家个倍])",
    _read_money,
)
FORMAL_MONEY = Rule(
    "formal",
    rf"(?:人民币)?(?P<formal_number>{FORMAL})[元圆](?:(?P<formal_tenths>[{_DIGITS}])角)?"
    rf"(?:零?(?P<formal_hundredths>[{_DIGITS}])分)?[整正]?",
    _read_formal,
)
