"""Candidates: every number with a unit, with its value, unit and bound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from model.figures.lexicon import any_of, bare_units, bound_pattern, bound_words, unit_classes
from model.figures.numerals import parse_number

_ARABIC = r"(?:\d{1,3}(?:,\d{3})++(?:\.\d++)?|\d++(?:\.\d++)?)"
_SCALE = rf"(?:[万亿千]{_ARABIC}){{0,2}}(?:[余多几]?[十百千万亿]{{1,2}}+)?"
_CHINESE = r"(?:[一二两三四五六七八九十百千万亿零〇]{1,12}+)"
_SOME = r"[余多]?"
_ROUND = r"[一二两三四五六七八九]?[十百千万]{1,2}+[余多]"
_NUMBER = rf"(?:{_ARABIC}{_SCALE}{_SOME}|{_ROUND}|{_CHINESE}{_SOME})"
_DASH = r"(?:—{1,2}|–|-|~|～|至|到)"

_APART = re.compile(r"至少[\u4e00-\u9fff]{1,4}$")
_NOUN_CHARS = 8
_CLAUSE_CHARS = 24


@dataclass(frozen=True)
class Candidate:
    """A number with its unit; offsets into the text, bound words included."""

    start: int
    end: int
    value: tuple[float, ...]
    unit: str
    unit_class: str
    bound: str
    chinese: bool


def find_candidates(text: str) -> Iterator[Candidate]:
    """Yield the candidates of a cleaned text, in order, none overlapping another."""
    for match in _pattern().finditer(text):
        candidate = _read(match)
        if candidate is not None:
            yield candidate


@cache
def _pattern() -> re.Pattern[str]:
    before = f"(?P<before>{bound_pattern('before')})?"
    after = f"(?P<after>{bound_pattern('after')})?"
    units = any_of(unit_classes())
    counted = (
        rf"(?P<low>{_NUMBER})(?:(?P<mid>{units})?{_DASH}(?P<high>{_NUMBER}))?(?P<unit>{units})"
    )
    bare = rf"(?P<bare>{_ARABIC}[余多]?[万亿]{{1,2}}+{_SOME})(?![\d元人])"
    share = (
        r"(?P<shares>百分之(?P<percent>[一二三四五六七八九十百零〇点\d.]{1,8}+)"
        r"|(?P<tenths>[一二两三四五六七八九]|\d)成(?P<tenth>[一二三四五六七八九])?"
        r"(?![立果绩效长本员功都为品分年了人])"
        r"|(?P<whole>[一二三四五六七八九十百千万]{1,4})分之(?P<part>[一二三四五六七八九十]{1,4})"
        r"|(?P<half>一半|半数))"
    )
    return re.compile(rf"(?<![\d.第/]){before}(?:{share}|{counted}|{bare}){after}")


def _read(match: re.Match[str]) -> Candidate | None:
    unit: str | None = "%"
    if match["shares"]:
        values = _share_value(match)
    elif match["bare"]:
        value = parse_number(match["bare"])
        values, unit = (None if value is None else (value,)), _bare_unit(match)
    else:
        values, unit = _range_value(match), match["unit"]
    if values is None or unit is None:
        return None
    return Candidate(
        start=match.start(),
        end=match.end(),
        value=values,
        unit="个百分点" if unit == "百分点" else unit,
        unit_class=unit_classes().get(unit, "people"),
        bound=_bound(match),
        chinese=not any(c.isdigit() for c in match[0]),
    )


def _range_value(match: re.Match[str]) -> tuple[float, ...] | None:
    low, high = match["low"], match["high"]
    if high is None:
        value = parse_number(low)
        return None if value is None else (value,)
    scale = re.search(r"[十百千万亿]+$", high)
    if scale and match["mid"] is None and not re.search(r"[十百千万亿]$", low):
        low += scale[0]  # 3—5亿: the scale counts for both ends
    ends = (parse_number(low), parse_number(high))
    if ends[0] is None or ends[1] is None or ends[0] >= ends[1]:
        return None
    return (ends[0], ends[1])


def _share_value(match: re.Match[str]) -> tuple[float, ...] | None:
    if match["half"]:
        return (50.0,)
    if match["tenths"]:
        tenths = parse_number(match["tenths"]) or 0
        return (tenths * 10 + (parse_number(match["tenth"] or "") or 0),)
    if match["percent"]:
        value = _decimal(match["percent"])
        return None if value is None else (value,)
    whole, part = parse_number(match["whole"]), parse_number(match["part"])
    if not whole or not part:
        return None
    return (round(part / whole * 100, 4),)


def _decimal(text: str) -> float | None:
    whole, point, fraction = text.partition("点")
    if not point:
        return parse_number(text)
    digits = "".join(str(int(parse_number(c) or 0)) for c in fraction)
    value = parse_number(whole)
    return None if value is None or not digits else value + float(f"0.{digits}")


def _bare_unit(match: re.Match[str]) -> str | None:
    """Read the unit off the noun behind the number, else off the words before it."""
    after = match.string[match.end() : match.end() + _NOUN_CHARS]
    before = re.split(r"[。；，\n]", match.string[: match.start()][-_CLAUSE_CHARS:])[-1]
    for place in (after, before):
        found = [(place.find(word), unit) for word, unit in bare_units().items() if word in place]
        if found:
            return min(found)[1]
    return None


def _bound(match: re.Match[str]) -> str:
    if match["after"]:
        return bound_words("after")[match["after"]]
    number = match["low"] or match["bare"] or ""
    if match["before"]:
        sign = bound_words("before")[match["before"]]
        if sign != "~":
            return sign
    if re.search(r"[余多]", number + (match["high"] or "")):
        return "≥"
    if match["before"]:
        return sign
    # `至少派驻3名医生`: a verb between the bound and its number
    return "≥" if _APART.search(match.string, max(0, match.start() - 8), match.start()) else ""
