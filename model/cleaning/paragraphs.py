"""Paragraphs: sentences that line ends, columns, headings or captions tore apart, rejoined.

A line is torn where it breaks off in mid-sentence or with a quote open. What continues it is the
next line, or a later one that something stands before: a heading, a caption, a whole column. The
signs that two halves belong together are, in order: the second opens with what cannot open a
sentence; it closes the quote that the first left open; the characters on both sides of the tear
make a word that the article uses elsewhere; and, weakest, they speak of the same things.
A second half that stands further down moves up to the first; it is the only step that changes the
order of the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from model.cleaning.blanks import CELL
from model.cleaning.characters import HAN
from model.cleaning.mapped import MappedText

REACH_LINES = 30
PROSE_MIN_CHARS = 30
HEADING_MAX_CHARS = 40
CAPTION_MAX_CHARS = 25
COHESION_MARGIN = 1.5
MIN_COHESION = 0.02
# Lines cut at a fixed width: so many at least, this share of them ending in mid-sentence.
WRAPPED_MIN_LINES = 6
WRAPPED_SHARE = 0.5
WRAPPED_MAX_CHARS = 60

_ENDED = re.compile(r"[。！？!?…；;：:~～][”’」』）)》】\"]*$|[”’」』）)》】\"—]$")
_SENTENCE_END = re.compile(r"[。！？]")
_MID_SENTENCE = re.compile(rf"[{HAN}A-Za-z0-9，、%]$")
_CANNOT_OPEN = re.compile(r"[，。、；：！？”’」』）》%]")
_COUNTED = re.compile(
    r"(?:余|多)?(?:岁|个|万|亿|家|人|名|年|月|日|%|张|项|例|台|次|种|所|支|米|元|公里|周岁|分钟"
    r"|小时|天)"
)
# How a paragraph opens, seldom the middle of a sentence.
_OPENER = re.compile(
    r"“|【|近年|近日|日前|目前|此外|同时|另外|据|早在|今年|去年|\d{4}年|\d{1,2}月\d{1,2}日"
    r"|下一步|为了?|在|记者"
    r"|本报讯|[一二三四五六七八九十]{1,4}[、是]"
    r"|[（([一二三四五六七八九十\d]{1,4}[）)]|\d{1,4}[.、]|[A-Z] "
    r"|■|●|▲|◆"
)
_HAN = re.compile(f"[{HAN}]")
_STOP = re.compile(r"[，。；、]")
_CELLS = re.compile(rf"[{CELL}|]|[0-9] [0-9]")
_HAN_PAIR = re.compile(rf"(?=([{HAN}]{{2}}))")


@dataclass(frozen=True)
class Rejoined:
    """The text with its torn sentences joined, and the lines left that seem to break off."""

    mapped: MappedText
    n_moved: int
    torn: tuple[str, ...]


def rejoin(mapped: MappedText) -> Rejoined:
    """Join what was torn where the signs suffice; name what was left."""
    mapped = _unwrap(mapped)
    spans = mapped.line_spans()
    lines = [mapped.text[start:end] for start, end in spans]
    following = _Tears(lines).match()
    second = set(following.values())
    order: list[tuple[int, int]] = []
    for i in range(len(lines)):
        if i in second:
            continue
        order.append(spans[i])
        at = i
        while at in following:
            at = following[at]
            order.append(spans[at])
        behind = at if at + 1 < len(lines) else i
        order.append((spans[behind][1], spans[behind][1] + 1))
    torn = tuple(
        lines[i][-12:] for i in range(len(lines) - 1) if i not in following and _is_torn(lines[i])
    )
    if not following:
        return Rejoined(mapped, 0, torn)
    kept = [(start, min(end, len(mapped.text))) for start, end in order]
    n_moved = sum(b - a > 1 for a, b in following.items())
    return Rejoined(mapped.take(kept), n_moved, torn)


def _unwrap(mapped: MappedText) -> MappedText:
    """Join lines that were cut at a fixed width, as text copied from columns is."""
    spans = mapped.line_spans()
    lengths = [end - start for start, end in spans]
    if len(spans) < WRAPPED_MIN_LINES:
        return mapped
    width = _usual_width(lengths)
    if width > WRAPPED_MAX_CHARS:
        return mapped
    text = mapped.text
    lines = [text[start:end] for start, end in spans]
    full = [
        width - 2 <= length <= width + 1 and not _ENDED.search(line) and not _is_row(line)
        for length, line in zip(lengths, lines, strict=True)
    ]
    is_prose = 2 * len(_STOP.findall(text)) >= len(spans)
    for i, (left, right) in enumerate(pairwise(lines)):
        full[i] &= not _is_row(right)
        full[i] &= is_prose or not (left[-1].isdigit() and right[0].isdigit())
    if sum(full) < WRAPPED_SHARE * len(spans):
        return mapped
    return mapped.delete(
        (a[1], b[0]) for a, b, is_full in zip(spans, spans[1:], full, strict=False) if is_full
    )


def _is_row(line: str) -> bool:
    """A row of a table: it has cells, or hardly any words."""
    return bool(_CELLS.search(line)) or 2 * len(_HAN.findall(line)) < len(line)


def _usual_width(lengths: Sequence[int]) -> int:
    """Return the greatest length that several lines come near."""
    counts = Counter(lengths)
    near = {n: counts[n] + counts[n - 1] for n in counts}
    return max(n for n in near if near[n] >= max(near.values()) / 2)


class _Tears:
    """The lines of one article and which of them continues which."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._pairs = Counter(pair for line in lines for pair in _HAN_PAIR.findall(line))
        self._following: dict[int, int] = {}
        self._taken: set[int] = set()

    def match(self) -> dict[int, int]:
        """Return for each line that goes on elsewhere the line that continues it."""
        lefts = [i for i, line in enumerate(self._lines[:-1]) if _is_torn(line)]
        for find in (self._next_for_sure, self._closing_quote, self._closest):
            for i in lefts:
                if i in self._following:
                    continue
                if (j := find(i)) is not None and _may_touch(self._lines[i], self._lines[j]):
                    self._following[i] = j
                    self._taken.add(j)
        return self._following

    def _next_for_sure(self, i: int) -> int | None:
        left, right = self._lines[i], self._lines[i + 1]
        if i + 1 in self._taken or not _is_prose(right):
            return None
        sure = (
            _CANNOT_OPEN.match(right)
            or (_leaves_open(left) and _closes_more(right))
            or (left[-1].isdigit() and _COUNTED.match(right))
            or (not _stands_between(right) and self._makes_word(i, i + 1))
        )
        return i + 1 if sure else None

    def _makes_word(self, i: int, j: int) -> bool:
        """The characters on both sides of the tear stand side by side elsewhere too."""
        left, right = self._lines[i], self._lines[j]
        needed = 1 if _is_surely_torn(left) else 2
        return not _OPENER.match(right) and self._pairs[left[-1] + right[0]] >= needed

    def _closing_quote(self, i: int) -> int | None:
        if not _leaves_open(self._lines[i]):
            return None
        for j in self._free_after(i):
            if _closes_more(self._lines[j]):
                return j
        return None

    def _closest(self, i: int) -> int | None:
        """Choose between the next line and those that open a section by what they speak of."""
        if not _is_surely_torn(self._lines[i]):
            return None
        near = [j for j in self._free_after(i)[:1] if j == i + 1 and self._may_continue(j)]
        far = [j for j in self._free_after(i) if self._may_continue(j) and self._opens_section(j)]
        words = [j for j in far if self._makes_word(i, j)]
        best = max(words or far, key=lambda j: self._cohesion(i, j), default=None)
        beside = self._cohesion(i, near[0]) if near else 0.0
        if best is not None and self._cohesion(i, best) > COHESION_MARGIN * beside + MIN_COHESION:
            return best
        return near[0] if near and best is None else None

    def _may_continue(self, j: int) -> bool:
        line = self._lines[j]
        return _is_prose(line) and not _OPENER.match(line) and not _stands_between(line)

    def _opens_section(self, j: int) -> bool:
        return _stands_between(self._lines[j - 1])

    def _free_after(self, i: int) -> list[int]:
        reach = range(i + 1, min(i + 1 + REACH_LINES, len(self._lines)))
        return [j for j in reach if j not in self._taken]

    def _cohesion(self, i: int, j: int) -> float:
        """Share of the character pairs of line `j` that line `i` has; rare ones count more."""
        left = set(_HAN_PAIR.findall(self._lines[i]))
        right = set(_HAN_PAIR.findall(self._lines[j]))
        weight = {pair: 1 / self._pairs[pair] for pair in right}
        return sum(weight[pair] for pair in right & left) / max(sum(weight.values()), 1e-9)


def _may_touch(left: str, right: str) -> bool:
    """Two numbers are never made one, and no row of a table goes on."""
    are_numbers = left[-1].isdigit() and right[0].isdigit()
    return not are_numbers and not _CELLS.search(right)


def _is_prose(line: str) -> bool:
    return bool(_SENTENCE_END.search(line)) or (len(line) >= PROSE_MIN_CHARS and "，" in line)


def _stands_between(line: str) -> bool:
    """A heading, or a caption: short, and of one sentence at most."""
    is_heading = len(line) <= HEADING_MAX_CHARS and not _ENDED.search(line) and "。" not in line
    return is_heading or (len(line) <= CAPTION_MAX_CHARS and not _SENTENCE_END.search(line[:-1]))


def _is_torn(line: str) -> bool:
    """A paragraph that stops in mid-sentence; what may be a heading is none."""
    if _ENDED.search(line) or not _MID_SENTENCE.search(line):
        return False
    return _is_prose(line) or (_leaves_open(line) and "，" in line)


def _is_surely_torn(line: str) -> bool:
    return bool(_SENTENCE_END.search(line)) or len(line) > HEADING_MAX_CHARS


def _leaves_open(line: str) -> bool:
    return line.rfind("“") > line.rfind("”")


def _closes_more(line: str) -> bool:
    close = line.find("”")
    return close >= 0 and "“" not in line[:close]
