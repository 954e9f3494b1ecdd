"""Year: which year a value belongs to, from its sentence, its paragraph or the article's date."""

from __future__ import annotations

import re
from collections.abc import Sequence

from model.figures.base import without_bases
from model.figures.numbers.candidates import Candidate
from model.figures.plain import YEAR, year_of

_YEAR = re.compile(
    rf"({YEAR})年(?!.{{0,2}}(?:以来|起|至今|同期|相比|\d{{1,2}}月\d{{1,2}}日至))"
    r"(?!(?:\d{1,2}月)?(?:\d{1,2}日)?(?:出生|生(?=[，。；、])|参加工作|入党|毕业|退休))"
)
# `始建于1948年`, `自2019年成立`: the year of something else.
_FOUNDED = re.compile(
    rf"(?:建|成立|创办|创建|创立|设立|诞生|出生|毕业|启用|上市)于{YEAR}年|(?:比|较){YEAR}年"
)
# `自2021年5月开播以来`: until now.
_SINCE = re.compile(rf"{YEAR}年[^，。；]{{0,16}}?(?:以来|至今|迄今)")
_PROMISED = re.compile(rf"到{YEAR}年|{YEAR}年底?前")
_NOW = re.compile(r"目前|如今|今年|现在|当前|近年")
# `由2021年的82.3%提高到`: the year is that of the value that was left behind.
_PASSED = re.compile(
    rf"(?:从|由){YEAR}年[^，。；]{{0,60}}?(?=[增升提降扩减缩调发][^，。；\d]{{0,4}}[到至为])"
)
_RELATIVE = {
    "今年": 0, "目前": 0, "如今": 0, "至今": 0, "迄今": 0, "去年": -1, "上年": -1, "前年": -2,
    "明年": 1,
}  # fmt: skip
# `较2021年的40亿元增长`: a value compared with has its own year.
_BESIDE = re.compile(rf"(?:比|较|与|从|由)({YEAR})年(?:同期|全年|底|末)?的(?:约|近)?$")
_NEAR = re.compile("|".join(_RELATIVE))
_COMPARED = re.compile(
    rf"(?:是|为|达到?|超过|相当于){YEAR}年(?:同期|全年|末|底)?的|"
    r"(?:比|较|与|和|同|跟|是|为|超过|相当于)(?:去年|上年|前年)(?:同期|全年|末|底)?(?:的|持平|相比|增|上|下|减|提|降)"
)
# `（上年同期110万人次）` says of its own value when that was.
_ASIDE = re.compile(r"（[^（）]{1,120}）")
_DATE = re.compile(r"(?<!\d)\d++[年月日—–~～至-]")
_NUMBER = re.compile(r"\d")
PARAGRAPH_CHARS = 200


def read_year(
    text: str,
    candidate: Candidate,
    sentence_start: int,
    own_year: int | None,
    heads: Sequence[str] = (),
) -> int | None:
    """Return the year, or None where nothing settles it.

    The last one named before the number in its sentence counts, else that of the heading or list
    opening that it stands under (`heads`, the nearest first), else the article's own, else the
    last one named shortly before in the same paragraph.
    """
    beside = _BESIDE.search(text, max(sentence_start, candidate.start - 14), candidate.start)
    if beside:
        return year_of(beside[1])
    named = _last_year(text[sentence_start : candidate.start], own_year)
    if named is None:
        named = next((y for head in heads if (y := _last_year(head, own_year)) is not None), None)
    if named is not None or own_year is not None:
        return named if named is not None else own_year
    if _NOW.search(text, sentence_start, candidate.start):
        return None
    paragraph = text.rfind("\n", 0, sentence_start) + 1
    earlier = text[max(paragraph, sentence_start - PARAGRAPH_CHARS) : sentence_start]
    return _last_year(_PROMISED.sub("", earlier), None)


def _without_values_aside(words: str) -> str:
    """Drop the brackets that hold a value; `（2022年）` alone dates what stands around it."""
    return _ASIDE.sub(lambda m: "" if _NUMBER.search(_DATE.sub("", m[0])) else m[0], words)


def _last_year(words: str, own_year: int | None) -> int | None:
    if "）" in words:
        words = _without_values_aside(words)
    words = _SINCE.sub("", _PASSED.sub("", words))
    words = _FOUNDED.sub("", _COMPARED.sub("", without_bases(words)))
    marks = [(m.start(), year_of(m[1])) for m in _YEAR.finditer(words)]
    if own_year is not None:
        marks += [(m.start(), own_year + _RELATIVE[m[0]]) for m in _NEAR.finditer(words)]
    return max(marks)[1] if marks else None
