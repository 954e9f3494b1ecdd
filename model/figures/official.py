"""Official indicators: under which official or usual name of the field a figure is filed.

`indicators.tsv` gives every name of an indicator, how well it matches, and what differs where it
measures something else. The name that ends last in a figure's own words is taken, where its unit
agrees and it covers enough of them: Chinese names end in their head. Words that remain beside the
name narrow what is counted; that is noted, never merged in silence.

The shares that a name must cover were chosen on `rows.jsonl`; `python -m eval.official` measures.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from model.report import Figure, Official

TABLE_FILE = Path(__file__).parent / "indicators.tsv"
TABLE_COLUMNS = ("form", "name", "match", "note", "units", "avoid")
MAX_CHARS = 40
MIN_FORM_CHARS = 2
# Share of the words that a name must cover. A rate or a sum is what its last word says
# (`透析治疗报销比例`), whatever narrows it; how many `医院` did something is another fact.
_HEAD_SHARE, _SHORT_HEAD_SHARE, _COUNT_SHARE, _ELSEWHERE_SHARE = 0.2, 0.3, 0.65, 0.9
_SHORT_CHARS = 2
# A name that is looked for in the clause, not in the figure's own words.
_CLAUSE_CHARS = 4
# `接诊` alone may be of anything; a longer word to avoid is looked for in the whole sentence.
_BARE_CHARS, _TELLING_CHARS = 3, 3
_BY_HEAD = frozenset({"%", "‰", "/10万", "岁", "日", "天", "元", "人次", "张"})
_COUNTERS = frozenset({"人", "名", "位", "家", "个", "所", "间"})
_CHANGE_UNITS = frozenset({"%", "个百分点", "倍", "‰"})
_SAME_UNITS = {
    "名": "人",
    "位": "人",
    "所": "家",
    "间": "家",
    "例次": "例",
    "％": "%",
    "周岁": "岁",
}
_SIGNS = re.compile(r"[\s（）()“”‘’\"《》、·，,：:—–～~的了-]")
_NUMBER_WORD = re.compile(
    r"(?<=..)(?:总数量|总数|总量|数量|人数|个数|数|情况|规模|总计|累计|合计)$"
)
# Words of change, of time and of the whole.
_NEUTRAL = re.compile(
    r"(?:比|较)(?:[上去前]年(?:同期|末|底)?|\d{4}年(?:同期|末|底)?|[上一二三四]{1,2}季度末?|同期|往年)"
    r"|按(?:可比|当年)价格|可比价格|同比|环比|增长|增幅|增速|增加|增至|上涨|上升|提高|提升|下降|减少|降低|降至"
    r"|降幅|涨幅|翻?[一两]番|累计|共计|共有|总计|合计|年均|日均|月均|每年|每月|每天|每日|全年|上半年|下半年|一季度"
    r"|目前|截至|现有|拥有|设有|配有|建有|已|(?<![医公])共(?![享同卫管建])|达到|实现|成功|各级各类|各级|各类"
    r"|全国|全省|全市|全县|全区|全州|全院|我国|我省|我市|我县|我区|我院|中国|各地|该院|该县|该市|该省|辖区内?|当地"
    r"|\d{4}年"
)
_PLACE = re.compile(r"^[\u4e00-\u9fff]{2,6}?(?:省|市|县|自治区|自治州)(?!域|级|外|内)")
_BORDER = re.compile(r"[，。；：！？\n]")
_GOES_ON = re.compile(r"(?![和及以等均并或共])[\u4e00-\u9fff]")
_WHOLE_OF = re.compile(r"(?:[有设达成]|全[国省市区县州院])$")


@dataclass(frozen=True)
class _Form:
    """A name of an indicator, as `indicators.tsv` has it."""

    name: str
    match: str
    note: str
    units: frozenset[str]
    avoid: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """A name in a figure's words: where it ends, and how long it is."""

    end: int
    length: int
    form: _Form


def name_officially(text: str, figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """Return the figures with the official indicator that each is filed under.

    Args:
        text: the article's text.
        figures: figures of the article.
    """
    return tuple(replace(figure, official=_find_in_text(text, figure)) for figure in figures)


def find_official(figure: Figure) -> Official | None:
    """Return the official indicator that a figure's own words name, None where it is none."""
    own = _PLACE.sub("", figure.indicator.removeprefix(figure.body or ""))
    readings = dict.fromkeys(map(normalise, (own, figure.indicator)))
    return next(filter(None, (_find_in_words(words, figure) for words in readings)), None)


def official_names() -> list[str]:
    """Return the names of all indicators, in the order of the list."""
    return list(dict.fromkeys(form.name for forms in _forms().values() for form in forms))


def official_of(name: str) -> str:
    """Return the official indicator that a name is exactly, empty where it is none's."""
    forms = _forms().get(normalise(name), ())
    return next((form.name for form in forms if form.match != "near"), "")


def normalise(name: str) -> str:
    """Return a name without signs, words of time and change, and the word for a number."""
    words = _NEUTRAL.sub("", _SIGNS.sub("", name)).lstrip("有是为")
    return _NUMBER_WORD.sub("", words)


def _find_in_text(text: str, figure: Figure) -> Official | None:
    found = find_official(figure)
    if found is None:
        return _find_in_clause(text, figure)
    return None if _is_part(text, figure) or _is_other(text, figure, found) else found


def _find_in_words(words: str, figure: Figure) -> Official | None:
    words = words[:MAX_CHARS]
    best = _find_last(words, figure, MIN_FORM_CHARS)
    if best is None or best.length < _share(best, len(words)) * len(words):
        return None
    form = best.form
    if best.length == len(words):
        return Official(form.name, form.match, form.note)
    return Official(form.name, "near", form.note or f"原文是“{figure.indicator}”，范围或有不同")


def _share(found: _Found, n_chars: int) -> float:
    units, at_end = found.form.units, found.end == n_chars
    by_head = at_end and not units.isdisjoint(_BY_HEAD)
    by_verb = found.end == found.length and "元" in units  # `投入专项资金用于采购`
    if by_head or by_verb:
        return _SHORT_HEAD_SHARE if found.length <= _SHORT_CHARS else _HEAD_SHARE
    return _COUNT_SHARE if at_end or not units.isdisjoint(_BY_HEAD) else _ELSEWHERE_SHARE


def _find_in_clause(text: str, figure: Figure) -> Official | None:
    """Return what a name in the figure's own clause says, where its indicator was cut off."""
    if figure.unit in _COUNTERS:
        return None
    start, end = figure.span.start, figure.span.end
    before = _BORDER.split(text[max(0, start - MAX_CHARS) : start])[-1]
    behind = _BORDER.split(text[end : end + MAX_CHARS])[0]
    for clause in (before, behind):
        best = _find_last(normalise(clause), figure, _CLAUSE_CHARS)
        if best is not None:
            return Official(best.form.name, "near", best.form.note or "依上下文认定，请核对")
    return None


def _find_last(words: str, figure: Figure, min_chars: int) -> _Found | None:
    """Return the name that ends last, of those the longest."""
    found = [one for one in _known_parts(words, min_chars) if _agrees(figure, one.form)]
    return max(found, key=lambda one: (one.end, one.length), default=None)


def _known_parts(words: str, min_chars: int) -> Iterator[_Found]:
    forms = _forms()
    for start in range(len(words)):
        for end in range(start + min_chars, len(words) + 1):
            for form in forms.get(words[start:end], ()):
                yield _Found(end, end - start, form)


def _agrees(figure: Figure, form: _Form) -> bool:
    unit = _SAME_UNITS.get(figure.unit, figure.unit)
    fits = unit in form.units or (figure.kind == "change" and unit in _CHANGE_UNITS)
    return fits and not any(word in figure.indicator for word in form.avoid)


def _is_part(text: str, figure: Figure) -> bool:
    """Whether a count is of those that did something: `12家医院建立合作`, `运转的60家医院`."""
    before = text[max(0, figure.span.start - 4) : figure.span.start]
    behind = text[figure.span.end : figure.span.end + MAX_CHARS]
    if figure.unit not in _COUNTERS or not behind.startswith(figure.indicator):
        return False
    if before.endswith("的") or "的" in figure.indicator:
        return True
    goes_on = _GOES_ON.match(behind, len(figure.indicator))
    return goes_on is not None and _WHOLE_OF.search(before) is None


def _is_other(text: str, figure: Figure, found: Official) -> bool:
    """Whether the sentence says before a bare word what makes another measure of it."""
    if len(figure.indicator) > _BARE_CHARS:
        return False
    start = figure.span.start
    words = text[max(0, start - MAX_CHARS, text.rfind("。", 0, start) + 1) : start]
    return any(word in words for word in _avoided(found.name) if len(word) >= _TELLING_CHARS)


@cache
def _avoided(name: str) -> tuple[str, ...]:
    """The words that make another measure of an indicator."""
    return next(f.avoid for forms in _forms().values() for f in forms if f.name == name)


@cache
def _forms() -> dict[str, tuple[_Form, ...]]:
    """The names as they are compared; one may belong to two indicators of different units."""
    forms: dict[str, tuple[_Form, ...]] = {}
    with TABLE_FILE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            units = frozenset(_SAME_UNITS.get(u, u) for u in row["units"].split("|"))
            avoid = tuple(filter(None, row["avoid"].split("|")))
            form = _Form(row["name"], row["match"], row["note"], units, avoid)
            key = normalise(row["form"])
            forms[key] = (*forms.get(key, ()), form)
    return forms
