"""Plain forms: the text as it is read around a number; every character stays at its place."""

from __future__ import annotations

import re

# A year as `plain_years` leaves it.
YEAR = r"(?:(?:19|20)\d\d|[\uff10-\uff19]{2})"
_CENTURY, _SHORT = 2000, 100
# Every pattern opens with one class of characters, so that few places of a text are looked at.
# `二〇二三年`, `二〇二一至二〇二三年`.
_SPELT_YEAR = re.compile(r"[一二][九〇零○O][〇零○O一二三四五六七八九]{2}(?=年|[—–~～至-])")
_SPELT_SIGN = re.compile(r"年(?<=[〇零○O一二三四五六七八九]{2}年)")
# `一九年`; two digits in a row (`二三年`) are two or three years.
_SHORT_YEAR = re.compile(
    r"(?:[〇零][一二三四五六七八九]|一[〇零一三四五六七八九]|二[〇零一二])(?=年)"
    r"(?<![一二三四五六七八九十百千万零〇第近约前后\d]..)"
)
# `由19年的82.3%`, `截至23年底`, but `干了19年`.
_BARE_YEAR = re.compile(r"[由比较到至自在][012]\d(?=年(?:底|末|初|全年|同期|上半年|下半年|的\d))")
_DIGITS = str.maketrans("〇零○O一二三四五六七八九", "0000123456789")
_WIDE = {ord(c): 0xFF10 + i % 10 for i, c in enumerate("〇一二三四五六七八九0123456789")} | {
    ord("零"): 0xFF10
}

# Circled numbers, pictures, arrows, bullets and what fonts draw for themselves.
_SIGN = re.compile(
    "[①-⓿㈠-㈩㊀-㊉\u2190-\u21ff\u25a0-\u27bf\u2b00-\u2bff\ue000-\uf8ff\ufe0f\u20e3\U0001f000-\U0001faff]"
)
# What stands apart, as in the cells of a table, or where a picture stood between two words.
_APART = re.compile(r"\t|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_BRACKETED = re.compile(r"（[\d一二三四五六七八九十]{1,3}）")
_SPOKEN = re.compile(r"[一二三四五六七八九]是(?=[\u4e00-\u9fff])(?<![统唯之第其同万不].是)")
_LISTED = re.compile(r"[）)](?<=\d.)(?=[\u4e00-\u9fff])")
# Numbers that are part of a name: ages, denominators, kinds.
_NAMED = re.compile(
    r"\d{1,3}(?:[~～—–-]\d{1,3}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})?(?=周?岁|月龄|[A-Z型价]|急救|[万千百]?(?:人口|名|人|张|例|常住|居民|户籍))"
)
_IN_PLACE = re.compile(r"周?岁|月龄|[A-Z型价]|急救")
_LETTERED = re.compile(r"[A-Za-z]\d{1,3}(?![\d.,])")
_INNER_ASIDE = re.compile(r"（([\u4e00-\u9fff]{1,4})）(?=[\u4e00-\u9fff])")


def plain_years(text: str) -> str:
    """Write years in Arabic digits, those of two digits wide: `二〇二三年`, `一九年`."""
    if _SPELT_SIGN.search(text):
        text = _SPELT_YEAR.sub(lambda m: m[0].translate(_DIGITS), text)
        text = _SHORT_YEAR.sub(lambda m: m[0].translate(_WIDE), text)
    return _BARE_YEAR.sub(lambda m: m[0].translate(_WIDE), text)


def year_of(digits: str) -> int:
    """Return the year that four digits, or two of `plain_years`, stand for."""
    year = int(digits)
    return year if year >= _SHORT else year + _CENTURY


def plain_words(text: str) -> str:
    """Make borders of enumerators and pictures, and letters of numbers that belong to a name."""
    text = _APART.sub("；", _SIGN.sub("；", text))
    for enumerator in (_BRACKETED, _SPOKEN, _LISTED):
        text = enumerator.sub(lambda m: "；" * len(m[0]), text)
    text = _INNER_ASIDE.sub(_join_aside, text)
    text = _LETTERED.sub(lambda m: m[0][0] + "〇" * (len(m[0]) - 1), text)
    return _NAMED.sub(_mask_named, text)


def _join_aside(match: re.Match[str]) -> str:
    """`执业（助理）医师` is one word; a bracket that opens a clause is none of it."""
    inside = match.start() > 0 and match.string[match.start() - 1].isalpha()
    return f"〈{match[1]}〉" if inside else match[0]


def _mask_named(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1 : match.start()]
    in_place = _IN_PLACE.match(match.string, match.end()) and before not in (".", ",")
    is_named = before == "每" or (in_place and not before.isdigit())
    return "〇" * len(match[0]) if is_named else match[0]
