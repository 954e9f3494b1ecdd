"""Numerals: how a number is written and what it is worth; Arabic, Chinese and mixed."""

from __future__ import annotations

import re
from itertools import pairwise

ARABIC = r"(?:\d{1,3}(?:,\d{3})++(?:\.\d++)?|\d++(?:\.\d++)?)"
_MIXED = (
    rf"{ARABIC}(?:[万亿千]{ARABIC}){{0,2}}(?:[余多几来]?(?!百分)[十百千万亿]{{1,2}}+)?[余多来]?"
)
_CHINESE = r"[一二两三四五六七八九十百千万亿零〇]{1,12}+(?:[余多几来][百千万亿]{0,2})?"
# `数千`, `几十万`, `上百`: but `网上百余人`, `晚上十点`.
_VAGUE = r"(?:数|几|(?<![网线晚手身街马以路场会早地村镇县市世])上)[十百千万亿]{1,2}+[余多]?"
NUMBER = rf"(?:{_MIXED}|{_VAGUE}|{_CHINESE})"
# A number that ends in 万 or 亿 may go without a unit.
ROUND_NUMBER = (
    rf"(?:{ARABIC}[余多几来]?[万亿]{{1,2}}+[余多]?|{_VAGUE}(?<=[万亿])"
    r"|[一二两三四五六七八九][十百千]?[一二三四五六七八九]?[万亿])"
)

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1_000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
_PART = re.compile(r"(\d[\d.]*)([十百千万亿]*)")
_VAGUE_SIGNS = re.compile(r"[,，余多几数上来\s]")
MAX_DIGITS = 15  # beyond this a float is not the number that was written


def parse_number(text: str) -> float | None:
    """Return the value of `1,211.7万`, `1亿2000万`, `两百多`, `十二`; None if it has none.

    What is vague has the value it starts from: `数千` is 1000.
    """
    bare = _VAGUE_SIGNS.sub("", text)
    if not bare or sum(c.isdigit() for c in bare) > MAX_DIGITS:
        return None
    if not bare[0].isdigit():
        return _parse_chinese(bare)
    if _PART.sub("", bare):
        return None
    parts = [_parse_part(digits, scales) for digits, scales in _PART.findall(bare)]
    falling = all(a is not None and b is not None and a > b for a, b in pairwise(parts))
    if not falling or None in parts or (len(parts) > 1 and _is_clipped(bare)):
        return None
    # 271.1 * 1e8 must read 27110000000, not 27110000000.000004
    return float(f"{sum(part or 0 for part in parts):.{MAX_DIGITS}g}")


def parse_decimal(text: str) -> float | None:
    """Return the value of a number that may hold a spoken point: `十二点五`."""
    whole, point, fraction = text.partition("点")
    if not point:
        return parse_number(text)
    digits = "".join(str(int(parse_number(c) or 0)) for c in fraction)
    value = parse_number(whole)
    return None if value is None or not digits else value + float(f"0.{digits}")


def _parse_part(digits: str, scales: str) -> float | None:
    try:
        value = float(digits)
    except ValueError:
        return None
    for scale in scales:
        value *= _TENS.get(scale) or _MYRIADS[scale]
    return value


def _is_clipped(text: str) -> bool:
    """`3万5`: the last digit stands for thousands in speech, for itself in print."""
    return bool(re.search(r"[万亿]\d{1,2}$", text))


def _parse_chinese(text: str) -> float | None:
    total = section = 0.0
    digit: float | None = None
    for character in text:
        if character in _DIGITS:
            if digit:  # two digits side by side are no number
                return None
            digit = _DIGITS[character]
        elif character in _TENS:
            section += (1 if digit is None else digit) * _TENS[character]
            digit = None
        elif character == "万":
            total += (section + (digit or 0) or 1) * _MYRIADS[character]
            section, digit = 0.0, None
        elif character == "亿":
            total = (total + section + (digit or 0) or 1) * _MYRIADS[character]
            section, digit = 0.0, None
        else:
            return None
    return total + section + (digit or 0)
