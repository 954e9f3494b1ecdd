"""Numerals: what a matched number is worth; Arabic, Chinese and mixed."""

from __future__ import annotations

import re

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "半": 0.5}
_TENS = {"十": 10, "百": 100, "千": 1_000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
_LEAD = re.compile(r"[\d.]+")
MAX_DIGITS = 15  # beyond this a float is not the number that was written


def parse_number(text: str) -> float | None:
    """Return the value of `1,211.7万`, `两百多`, `40余万`, `千余`, `十二`; None if it has none."""
    bare = re.sub(r"[,，余多几数\s]", "", text)
    if not bare or sum(c.isdigit() for c in bare) > MAX_DIGITS:
        return None
    lead = _LEAD.match(bare)
    if lead is None:
        return _parse_chinese(bare)
    try:
        value = float(lead[0])
    except ValueError:
        return None
    return _multiply(value, bare[lead.end() :])


def _multiply(value: float, scales: str) -> float | None:
    for scale in scales:
        factor = _TENS.get(scale) or _MYRIADS.get(scale)
        if factor is None:
            return None
        value *= factor
    # 1.1 * 1e8 must read 110000000, not 110000000.00000001
    return round(value, 6)


def _parse_chinese(text: str) -> float | None:
    total = section = 0.0
    digit: float | None = None
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _TENS:
            section += (1 if digit is None else digit) * _TENS[character]
            digit = None
        elif character in _MYRIADS:
            section += digit or 0
            total = (total + section or 1) * _MYRIADS[character]
            section, digit = 0.0, None
        else:
            return None
    return total + section + (digit or 0)
