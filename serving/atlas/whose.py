"""Whose a row is: the place itself, or a body in a known place; unsure where a reader would be.

The article's place stands in only where the row's body is a pointer to it (`全县`). A row without a
body gets that place as well, but with a doubt, so that it stays out of the pivot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from model.names import Place
from model.names.gazetteer import parents_of, place_forms, place_of_code
from model.names.places import find_places

NATION = Place("100000", "全国", "nation", ("全国",))
NO_BODY = "没有写明主体"
UNKNOWN_PLACE = "地区不明"
NO_PLACE_OF_BODY = "主体在哪里不明"
_NATION_NAMES = frozenset({"全国", "我国", "中国", "全国各地", "国内"})
# What is of the whole country: `全国三级医院`, and an office of it: `国家医保局`.
_NATIONAL = re.compile(r"(?:全国|我国)(.{2,})|国家.{1,12}(?:局|委|委员会|部|署)$")
_PLACE_KINDS = frozenset({"province", "city", "county"})
_POINTER = re.compile(r"(?:全|我|本|该)(省|市|县|区|州|旗|自治区|自治州|自治县)")
# Behind the name of a place stand houses that are not there: `上海瑞金医院海南医院`.
_NESTED = re.compile(r"分院|分中心|院区")


@dataclass(frozen=True)
class Whose:
    """Whose a value is; `body` is empty where it is the place's own, `doubt` is what is unsure."""

    place: Place | None
    body: str
    doubt: str = ""


class PlaceFinder:
    """Finds whose the rows of one report are."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._home = _to_place(record.get("place"))
        self._bodies: dict[str, Mapping[str, Any]] = {}
        for body in record.get("bodies") or ():
            for name in (body["name"], *body["aliases"]):
                self._bodies.setdefault(name, body)

    def find(self, name: str | None) -> Whose:
        """Return whose a row with this body is."""
        if not name:
            return Whose(self._home, "", NO_BODY)
        if name in _NATION_NAMES:
            return Whose(NATION, "")
        if national := _NATIONAL.match(name):
            return Whose(NATION, national[1] or name)
        pointer = _POINTER.match(name)
        if pointer:
            return self._point(name, pointer)
        return self._find_named(name)

    def _find_named(self, name: str) -> Whose:
        """Whose a row is that names a place or a body."""
        known = self._bodies.get(name)
        place = _to_place(known.get("place")) if known else None
        if known and known["kind"] in _PLACE_KINDS:
            place = place or _place_named(name)
            return Whose(place, "") if place else Whose(None, name, UNKNOWN_PLACE)
        own = _place_named(name)
        if own is not None and (place is None or place == own):
            return Whose(own, "")
        where = _seat(name, place)
        full = known["name"] if known else name
        return Whose(where, full, "" if where else NO_PLACE_OF_BODY)

    def _point(self, name: str, pointer: re.Match[str]) -> Whose:
        """Whose a row of `全县医疗机构` is: the article's place has to be of that rank."""
        rest = name[pointer.end() :]
        home = self._home
        if home is None or not home.name.endswith(pointer[1]):
            return Whose(None, name, UNKNOWN_PLACE)
        return Whose(home, rest)


def _to_place(given: Mapping[str, Any] | None) -> Place | None:
    """Return a report's place; one that a person typed has no code and is none."""
    if not given or not given.get("code"):
        return None
    try:
        return place_of_code(str(given["code"]))
    except KeyError:
        return None


@lru_cache(maxsize=10_000)
def _place_named(name: str) -> Place | None:
    """Return the place that a name is, where it can be no other and says its rank."""
    form = place_forms().get(name)
    if form and form.is_full and len(form.codes) == 1:
        return place_of_code(form.codes[0])
    found = find_places(name)
    if len(found) == 1 and found[0].span.of(name) == name and found[0].is_full:
        return place_of_code(found[0].codes[0]) if len(found[0].codes) == 1 else None
    return None


@lru_cache(maxsize=10_000)
def _seat(name: str, known: Place | None) -> Place | None:
    """Return where a body is: what its name opens with, if it names no other place."""
    found = [place for place in find_places(name) if place.codes]
    codes = {place.codes for place in found}
    if len(codes) > 1 or _NESTED.search(name):
        return None
    if found and found[0].span.start == 0 and len(found[0].codes) == 1:
        code = found[0].codes[0]
        finer = known is not None and code in parents_of(known.code)
        return known if finer else place_of_code(code)
    return known
