"""Places of a text: where provinces, cities and counties are named, and which ones they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from model.names.gazetteer import COUNTY, PlaceForm, parents_of, place_forms
from model.spans import Span

_SHORTEST = 2
_HASH_BITS = 18
_MULTIPLIER = 40_503
# Words that begin with a place's name and are none: `银川路`, `北京东路`, `南京大屠杀`, `县域`.
_OTHER_WORD = re.compile(
    r"[东西南北中]?(?:路|大道|大街)|街(?!道)|证券|银行|酒(?!泉)|时代|石(?!化|油)|湾区|门(?![诊头])|话|菜|茶|火腿|人寿"
)
# Two words that hold a name between them: `医保` `定点`.
_HELD = {"保定": "医保定点"}
# Names without a rank that are common words or parts of other names: they need their province.
_DOUBTFUL = frozenset(
    (
        "中山",
        "广安",
        "安康",
        "长治",
        "朝阳",
        "东方",
        "安宁",
        "永安",
        "文山",
        "红河",
        "怒江",
        "昌吉",
        "和田",
        "海东",
    )
)
_OTHER_COUNTY = re.compile(r"[域级里间]|乡(?!镇)")
# A name of one character and 县 stands behind no other word: `建成县域`, `全省各市和县`.
_HAN = re.compile(r"[\u4e00-\u9fff]")
# Offices and houses that only a county's or a city's name stands before.
_PUBLIC = re.compile(
    r"(?:[县市区旗]|第?[一二三四五六七]?人民|中医|妇幼|卫健|卫生健康|卫生局|卫生院|疾控|疾病预防|医保|医疗保障|融媒体|红十字)"
)


@dataclass(frozen=True)
class PlaceName:
    """A place's name in a text; `codes` are the places that it may be, none where it is unknown.

    `parts` are the names that it joins, from the widest: `四川省` `成都市` `金堂县`.
    """

    span: Span
    level: str
    codes: tuple[str, ...]
    is_full: bool
    parts: tuple[tuple[Span, str], ...] = ()


def find_places(text: str) -> list[PlaceName]:
    """Return the places that a text names, in order; those that follow each other are joined."""
    found = list(_scan(text))
    seen = {code for place in found if place.is_full for code in place.codes}
    kept = [p for p in _join(found) if _is_name(text, p, seen)]
    return _settle(kept)


def _scan(text: str) -> Iterator[PlaceName]:
    forms, lengths = place_forms(), _lengths()
    end = 0
    for at in _openings(text):
        if at < end:
            continue
        for length in lengths.get(text[at : at + 2], ()):
            name = text[at : at + length]
            form = forms.get(name)
            if (
                form
                and len(name) == length
                and _stands_alone(text, at, at + length, form, follows=at == end)
            ):
                end = at + length
                span = Span(at, end)
                yield PlaceName(span, form.level, form.codes, form.is_full, ((span, form.level),))
                break


def _stands_alone(text: str, start: int, end: int, form: PlaceForm, *, follows: bool) -> bool:
    """Whether it is no part of another word; `follows` where it stands right behind a place."""
    if not form.is_full:
        held = _HELD.get(text[start:end])
        return not _OTHER_WORD.match(text, end) and not (held and text.startswith(held, start - 1))
    if form.level != COUNTY:
        return True
    if end - start == _SHORTEST and not follows and start and _HAN.match(text, start - 1):
        return False
    return not _OTHER_COUNTY.match(text, end)


def _join(found: Sequence[PlaceName]) -> list[PlaceName]:
    """Join a place with the one right behind it that lies in it: `成都市` `金堂县`."""
    joined: list[PlaceName] = []
    for place in found:
        before = joined[-1] if joined else None
        inside: tuple[str, ...] = ()
        if before and before.span.end == place.span.start:
            inside = tuple(c for c in place.codes if _lies_in(c, before.codes))
        if before and inside:
            span = Span(before.span.start, place.span.end)
            parts = (*before.parts, *place.parts)
            joined[-1] = PlaceName(span, place.level, inside, True, parts)
        else:
            joined.append(place)
    return joined


def _lies_in(code: str, wider: Sequence[str]) -> bool:
    return any(up in wider for up in parents_of(code))


def _is_name(text: str, place: PlaceName, seen: set[str]) -> bool:
    """Whether a county's name without its rank is one: `和平`, `新华` are words as well."""
    if place.is_full or any(code in seen for code in place.codes):
        return True
    if place.level != COUNTY:
        return place.span.of(text) not in _DOUBTFUL
    return len(place.codes) == 1 and _PUBLIC.match(text, place.span.end) is not None


def _settle(found: list[PlaceName]) -> list[PlaceName]:
    """Choose among places of one name that whose city or province the text names elsewhere."""
    sure = {c for p in found if len(p.codes) == 1 for c in (*p.codes, *parents_of(p.codes[0]))}
    return [p if len(p.codes) == 1 else replace(p, codes=_choose(p.codes, sure)) for p in found]


def _choose(codes: Sequence[str], sure: Set[str]) -> tuple[str, ...]:
    """The one code that is known, or lies in what is known, else none."""
    known = [c for c in codes if c in sure]
    known = known or [c for c in codes if any(up in sure for up in parents_of(c))]
    in_city = [c for c in known if any(up in sure for up in parents_of(c)[1:])]
    known = in_city if len(known) > 1 and in_city else known
    return tuple(known) if len(known) == 1 else ()


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """The lengths of the names that open with two characters, longest first."""
    lengths: dict[str, set[int]] = {}
    for form in place_forms():
        lengths.setdefault(form[:2], set()).add(len(form))
    return {opening: tuple(sorted(found, reverse=True)) for opening, found in lengths.items()}


@cache
def _hashes() -> npt.NDArray[np.bool_]:
    table = np.zeros(1 << _HASH_BITS, dtype=bool)
    table[_hash("".join(_lengths()))[::2]] = True
    return table


def _hash(text: str) -> npt.NDArray[np.uint32]:
    """Return a number for each pair of neighbouring characters (len(text) - 1,)."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    mixed = codes[:-1] * np.uint32(_MULTIPLIER) + codes[1:]
    kept: npt.NDArray[np.uint32] = mixed & np.uint32((1 << _HASH_BITS) - 1)
    return kept


def _openings(text: str) -> list[int]:
    """Where a place's name may begin; few others pass."""
    if len(text) < _SHORTEST:
        return []
    found: list[int] = np.flatnonzero(_hashes()[_hash(text)]).tolist()
    return found
