"""Blanks: which say nothing, which part the cells of a table, which stand inside a number.

A run of two blanks or more, or a tab, is the border between two cells where a number stands on
either side. It stays as one tab, so that no later step can take it for a blank inside a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from model.cleaning.characters import HAN, count_han
from model.cleaning.mapped import MappedText

CELL = "\t"

_RUN = re.compile(r"[ \t]+")
_LINE = re.compile(r"[^\n]+")
_HAN = re.compile(f"[{HAN}]")
_WORD = re.compile(f"[{HAN}A-Za-z0-9]")
_DIGIT = re.compile(r"[0-9]")
# What a cell of a table may open or close with, besides words.
_NUMERIC = re.compile(r"[0-9%‰+\-\u2212–—~～<>≥≤=↑↓→±¥￥$.*/×]")
_STOP = re.compile(r"[，、。：；！？“”‘’《》…,;:!?|]")

# Groups of three digits, parted by one blank each (GB/T 15835): `1 234 567人次`. A number that
# opens a line may be its number in a list, and `图1 200张床位` is no thousand.
_THOUSANDS = re.compile(
    r"[1-9](?<![0-9.,/:\-图表第章节条例款项之件\n].)(?<![0-9.,][ \t].)(?<=..)[0-9]{0,2}"
    rf"(?: [0-9]{{3}}){{1,4}}(?![0-9,])(?=(?:\.[0-9]+)?[ ]?[{HAN}㎡%‰])"
)

# A number set off by the same blanks on both sides, as on a form: `门诊量  83  万人次。`
_SET_OFF = re.compile(
    rf"(?<=[{HAN}])(?P<gap>[ ]{{2,8}})[0-9][0-9.,]{{0,12}}(?P=gap)"
    r"(?=[余多]?[万亿]{0,2}(?:人次?|元|平方米|[个家名位项台次例张所份件辆支条岁亩户%㎡])(?:[，。；、）\n]|\Z))"
)

# Text of optical recognition: a blank behind every character.
SPACED_SHARE = 0.7
SPACED_MIN_HAN = 8
_SPACED_HAN = re.compile(rf"[{HAN}](?= [^ \t\n])")
_JOINT = re.compile(r"(?<=[^ \t\n]) (?=[^ \t\n])")
_DIGIT_JOINT = re.compile(r"(?<=[0-9]) (?=[0-9])")
_LONG_NUMBER = re.compile(r"[0-9]{2}")


def drop_blanks(mapped: MappedText) -> MappedText:
    """Drop blanks that say nothing, and those inside a number; keep one where cells meet."""
    mapped = _close_letters(mapped)
    mapped = mapped.delete(_inside_thousands(mapped.text))
    mapped = mapped.delete(_around_numbers(mapped.text))
    text = mapped.text
    dropped: list[tuple[int, int]] = []
    signs: dict[int, str] = {}
    for run in _RUN.finditer(text):
        start, end = run.span()
        left = text[start - 1] if start else "\n"
        right = text[end] if end < len(text) else "\n"
        sign = _choose(run[0], left, right)
        dropped.append((start + len(sign), end))
        if sign and sign != text[start]:
            signs[start] = sign
    if signs:
        characters = list(text)
        for at, sign in signs.items():
            characters[at] = sign
        mapped = mapped.replace_text("".join(characters))
    return mapped.delete(span for span in dropped if span[0] < span[1])


def _choose(run: str, left: str, right: str) -> str:
    """Return what a run of blanks between two characters becomes: a border, a blank, nothing."""
    if "\n" in (left, right):
        return ""
    is_border = (len(run) > 1 or CELL in run) and _part_cells(left, right)
    if is_border:
        return CELL
    if not (_WORD.match(left) and _WORD.match(right)):
        return ""
    n_digits = bool(_DIGIT.match(left)) + bool(_DIGIT.match(right))
    n_han = bool(_HAN.match(left)) + bool(_HAN.match(right))
    return "" if n_digits == n_han == 1 else " "


def _part_cells(left: str, right: str) -> bool:
    if _STOP.match(left) or _STOP.match(right):
        return False
    return bool(_NUMERIC.match(left) or _NUMERIC.match(right))


def _inside_thousands(text: str) -> list[tuple[int, int]]:
    return [
        (at, at + 1)
        for found in _THOUSANDS.finditer(text)
        for at in range(*found.span())
        if text[at] == " "
    ]


def _around_numbers(text: str) -> Iterator[tuple[int, int]]:
    for found in _SET_OFF.finditer(text):
        gap = len(found["gap"])
        yield found.start(), found.start() + gap
        yield found.end() - gap, found.end()


def _close_letters(mapped: MappedText) -> MappedText:
    """Close up lines that were recognised letter by letter."""
    text = mapped.text
    lines = list(_LINE.finditer(text))
    spaced = [line for line in lines if _is_spaced(line[0], SPACED_MIN_HAN)]
    if not spaced:
        return mapped
    n_spaced = sum(len(line[0]) for line in spaced)
    if 2 * n_spaced > len(text):
        spaced = [line for line in lines if _is_spaced(line[0], 2)]
    return mapped.delete(
        (line.start() + joint.start(), line.start() + joint.end())
        for line in spaced
        for joint in _JOINT.finditer(line[0])
        if not (_LONG_NUMBER.search(line[0]) and _DIGIT_JOINT.match(line[0], joint.start()))
    )


def _is_spaced(line: str, min_han: int) -> bool:
    if line.count(" ") < SPACED_SHARE * (min_han - 1):
        return False
    n_han = count_han(line)
    return n_han >= min_han and len(_SPACED_HAN.findall(line)) >= SPACED_SHARE * (n_han - 1)
