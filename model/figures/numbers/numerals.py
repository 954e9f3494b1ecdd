"""Numerals: how a number is written and what it is worth; Arabic, Chinese and mixed."""

from __future__ import annotations

import re
from itertools import pairwise

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# `1,234`, typed wide `1，234`, and powers of ten, `1.5×10⁴`.
ARABIC = (
    r"(?:\d{1,3}(?:,\d{3})++(?:\.\d++)?|\d{1,3}(?:，\d{3})++(?!\d)(?:\.\d++)?|\d++(?:\.\d++)?)"
    rf"(?:[×xX*]10(?:\^\d{{1,2}}+|[{_RAISED}]{{1,2}}+))?"
)
# `10万+`, but `1+1+N`.
PLUS = r"\+(?![\dA-Za-z+])"
# `1.5个亿`, `两个多亿`, but `3个亿元村`.
YI = r"个(?:[半余多]亿|亿(?!级|元?(?:以上)?的?(?:级|村|镇|县|项目|企业|产业|园)))"
_FEW = "[一二两三四五六七八九十百几数]{1,3}+"
_MIXED = (
    rf"{ARABIC}(?:[万亿千]零?{ARABIC}){{0,2}}"
    rf"(?:[余多几来]?(?!百分)[十百千万亿]{{1,2}}+|{YI})?(?:[余多来]|{PLUS})?"
)
_CHINESE = r"[一二两三四五六七八九十百千万亿零〇廿卅]{1,24}+(?:[余多几来][百千万亿]{0,2})?"
# `叁佰贰拾万`, as cheques and tenders have it.
FORMAL = r"[壹贰叁肆伍陆柒捌玖拾佰仟][壹贰叁肆伍陆柒捌玖拾佰仟万亿零]{1,24}+"
# `数千`, `几十万`, `上百`: but `网上百余人`, `晚上十点`.
_VAGUE = r"(?:数|几|(?<![网线晚手身街马以路场会早地村镇县市世])上)[十百千万亿]{1,2}+[余多]?"
NUMBER = rf"(?:{_MIXED}|{_FEW}{YI}|{_VAGUE}|{_CHINESE}|{FORMAL})"
# A number that ends in 万 or 亿 may go without a unit.
ROUND_NUMBER = (
    rf"(?:{ARABIC}(?:[余多几来]?[万亿]{{1,2}}+(?:[余多]|{PLUS})?|{YI})|{_FEW}{YI}|{_VAGUE}(?<=[万亿])"
    r"|[一二两三四五六七八九]?十[几余多][万亿]|[一二两三四五六七八九][十百千]?[一二三四五六七八九]?[万亿])"
)

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1_000}
_MYRIADS = {"万": 10_000, "亿": 100_000_000}
_SCORES = {"廿": 20, "卅": 30}
_PART = re.compile(r"零?(\d[\d.]*)([十百千万亿]*)")
_VAGUE_SIGNS = re.compile(r"[,，余多几数上来+\s]")
_POWER = re.compile(r"[×xX*]10\^?(\d+)$")
_PLAIN = str.maketrans("壹贰叁肆伍陆柒捌玖拾佰仟" + _RAISED, "一二三四五六七八九十百千0123456789")
MAX_DIGITS = 15  # beyond this a float is not the number that was written


def parse_number(text: str) -> float | None:
    """Return the value of `1,211.7万`, `1亿2000万`, `两百多`, `1.5个亿`; None if it has none.

    What is vague has the value it starts from: `数千` is 1000.
    """
    if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS:
        return float(text)
    bare = _VAGUE_SIGNS.sub("", text).translate(_PLAIN)
    if "个" in bare or _POWER.search(bare):
        return _parse_scaled(bare)
    if not bare or sum(c.isdigit() for c in bare) > MAX_DIGITS:
        return None
    return _parse_mixed(bare) if bare[0].isdigit() else _parse_chinese(bare)


def _parse_scaled(bare: str) -> float | None:
    """Read `1.5×10⁴`, `1.5个亿` and `三个半亿`."""
    if power := _POWER.search(bare):
        value = parse_number(bare[: power.start()])
        return None if value is None else _rounded(value * 10.0 ** int(power[1]))
    whole, _, tail = bare.partition("个")
    value = parse_number(whole or "一")
    half = 0.5 if tail.startswith("半") else 0.0
    return None if value is None else _rounded((value + half) * _MYRIADS["亿"])


def _parse_mixed(bare: str) -> float | None:
    if _PART.sub("", bare):
        return None
    parts = [_parse_part(digits, scales) for digits, scales in _PART.findall(bare)]
    falling = all(a is not None and b is not None and a > b for a, b in pairwise(parts))
    if not falling or None in parts or (len(parts) > 1 and _is_clipped(bare)):
        return None
    # 271.1 * 1e8 must read 27110000000, not 27110000000.000004
    return _rounded(sum(part or 0 for part in parts))


def _rounded(value: float) -> float:
    return float(f"{value:.{MAX_DIGITS}g}")


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
        elif character in _SCORES and digit is None:
            section += _SCORES[character]
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
