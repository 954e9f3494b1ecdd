"""PDF characters: from the characters of a page to stretches of text on one line.

Watermarks go, vertical text is turned to lie on lines, raised signs become characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median, median_low
from typing import Any

from data.readers.pages.layout import Segment
from data.readers.pages.raised import read_subscript, read_superscript

# A gap this wide, in heights of a character, parts two columns or two cells.
GAP_EMS = 0.9
_MIN_CHARS = 12
_STEP = (0.7, 2.0)
_VERTICAL_SHARE = 0.5
_MIN_SLANTED = 3
_SLANT = 0.3
_SLANTED_SHARE = 0.6
_MAX_STEP = 4.0
_MIN_STYLES = 2
_SAME_SIZE = 0.1
# A style is a watermark's where this share of its characters lies on other ones.
_OVERLAP_SHARE = 0.2
_OVERLAP = 0.15
_MAX_WATERMARK_SHARE = 0.4
_MAX_CELLS = 400
# Characters of one line may differ so much in height: in points, in sizes of the font.
_MIN_TOLERANCE, _TOLERANCE = 3.0, 0.5
_SMALL = 0.9
_RAISED = 0.15
_LOWERED = 0.06

# Names of heavy type, of the Latin kind and of those that Chinese pages set headings in.
_BOLD = re.compile(r"bold|black|heavy|simhei|heiti|[-+]hei|黑体", re.IGNORECASE)

Char = dict[str, Any]
Style = tuple[int, str, str]


@dataclass
class Watermarks:
    """The styles in which watermarks of this file are set, found so far."""

    styles: set[Style] = field(default_factory=set)

    def drop(self, chars: list[Char]) -> list[Char]:
        """Return the characters that are no watermark."""
        by_style: dict[Style, list[Char]] = defaultdict(list)
        for char in chars:
            if not char["text"].isspace():
                by_style[_style(char)].append(char)
        if len(by_style) < _MIN_STYLES:
            return chars
        body = max(by_style, key=lambda style: len(by_style[style]))
        text = [c for style, group in by_style.items() if _is_like(style, body) for c in group]
        places = _Places(text)
        others = {style for style in by_style if not _is_like(style, body)}
        for style in others - self.styles:
            group = by_style[style]
            is_rare = len(group) <= _MAX_WATERMARK_SHARE * len(chars)
            if is_rare and (_is_slanted(group) or places.lie_under(group)):
                self.styles.add(style)
        return [char for char in chars if _style(char) not in self.styles & others]


class _Places:
    """Where characters of the text stand, in squares as wide as the usual one is high."""

    def __init__(self, chars: Sequence[Char]) -> None:
        self._em = max(median(char["size"] for char in chars), 1.0)
        self._squares: dict[tuple[int, int], list[Char]] = defaultdict(list)
        for char in chars:
            middle = ((char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2)
            self._squares[self._square(*middle)].append(char)

    def lie_under(self, chars: Sequence[Char]) -> bool:
        """Whether many characters, of another style, lie on those of the text."""
        return sum(map(self._is_under, chars)) >= _OVERLAP_SHARE * len(chars)

    def _is_under(self, char: Char) -> bool:
        x0, y0 = self._square(char["x0"] - self._em, char["top"] - self._em)
        x1, y1 = self._square(char["x1"] + self._em, char["bottom"] + self._em)
        if (x1 - x0 + 1) * (y1 - y0 + 1) > _MAX_CELLS:
            return True
        near = (self._squares.get((x, y), ()) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1))
        return any(_overlap(char, other) > _OVERLAP for square in near for other in square)

    def _square(self, x: float, y: float) -> tuple[int, int]:
        return int(x // self._em), int(y // self._em)


def read_segments(chars: list[Char], width: float, watermarks: Watermarks) -> list[Segment]:
    """Return the stretches of text of a page, its vertical text turned upright."""
    from pdfplumber.utils.text import extract_words

    if is_vertical(chars):
        chars = [_turn(char, width) for char in chars]
    else:
        chars = watermarks.drop([char for char in chars if char.get("upright", True)])
    if not chars:
        return []
    words = extract_words(
        chars,
        x_tolerance_ratio=GAP_EMS,
        keep_blank_chars=True,
        return_chars=True,
        y_tolerance=max(_MIN_TOLERANCE, _TOLERANCE * median(c["size"] for c in chars)),
    )
    segments = (_make_segment(word) for word in words)
    return [segment for segment in segments if segment.text]


def is_vertical(chars: Sequence[Char]) -> bool:
    """Whether most characters stand right below the one before."""
    n_below = n_beside = 0
    for one, other in pairwise(char for char in chars if not char["text"].isspace()):
        step = max(one["size"], 1.0)
        right, down = other["x0"] - one["x0"], other["top"] - one["top"]
        n_below += abs(right) < _SLANT * step and _STEP[0] * step < down < _STEP[1] * step
        n_beside += abs(down) < _SLANT * step and right > 0
    return n_below >= _MIN_CHARS and n_below > _VERTICAL_SHARE * (n_below + n_beside)


def _turn(char: Char, width: float) -> Char:
    """Turn a character of vertical text so that its column, from the right, becomes a line."""
    text = unicodedata.normalize("NFKC", char["text"])
    is_form = "\ufe10" <= char["text"][:1] <= "\ufe44" and len(text) == 1
    size = char["size"] if char.get("upright", True) else char["x1"] - char["x0"]
    top = width - (char["x0"] + char["x1"] + size) / 2
    return {
        **char,
        "text": _TO_WIDE.get(text, text) if is_form else char["text"],
        "x0": char["top"],
        "x1": char["bottom"],
        "top": top,
        "bottom": top + size,
        "doctop": top,
        "size": size,
        "upright": True,
        "matrix": (1, 0, 0, 1, char["top"], -top - size),
    }


_TO_WIDE = {",": "，", ":": "：", ";": "；", "!": "！", "?": "？", "(": "（", ")": "）"}


def _style(char: Char) -> Style:
    return round(char["size"]), char["fontname"], str(char.get("non_stroking_color"))


def _is_like(style: Style, body: Style) -> bool:
    """Whether a style is that of the text but for its font: the digits of the text have another."""
    return abs(style[0] - body[0]) <= _SAME_SIZE * body[0] and style[2] == body[2]


def _is_slanted(chars: Sequence[Char]) -> bool:
    """Whether each stands one step beside and below the one before, as a watermark's do."""
    if len(chars) < _MIN_SLANTED:
        return False
    steps = [(b["x0"] - a["x0"], b["top"] - a["top"]) for a, b in pairwise(chars)]
    right, down = median(x for x, _ in steps), median(y for _, y in steps)
    size = chars[0]["size"]
    if min(abs(right), abs(down)) < _SLANT * size or abs(down) > _MAX_STEP * size:
        return False
    allowed = _SLANT * size
    n_even = sum(abs(x - right) < allowed and abs(y - down) < allowed for x, y in steps)
    return bool(n_even >= _SLANTED_SHARE * len(steps))


def _overlap(one: Char, other: Char) -> float:
    """Return the share of the smaller box that both have in common."""
    wide = min(one["x1"], other["x1"]) - max(one["x0"], other["x0"])
    high = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    smaller = min((c["x1"] - c["x0"]) * (c["bottom"] - c["top"]) for c in (one, other))
    return wide * high / smaller if wide > 0 and high > 0 and smaller > 0 else 0.0


def _make_segment(word: dict[str, Any]) -> Segment:
    chars = word["chars"]
    size = median_low([char["size"] for char in chars])
    usual = [char for char in chars if char["size"] >= _SMALL * size]
    return Segment(
        _read_raised(chars, size, median([char["matrix"][5] for char in usual])).strip(),
        word["x0"],
        word["x1"],
        median([char["top"] for char in usual]),
        median([char["bottom"] for char in usual]),
        size=size,
        is_bold=all(_BOLD.search(char["fontname"]) for char in usual),
    )


def _read_raised(chars: Sequence[Char], size: float, baseline: float) -> str:
    """Join characters; small ones above or below the line are exponents, indices or notes."""
    text, run, height = "", "", 0
    for char in [*chars, None]:
        now = _height(char, size, baseline) if char else 0
        if now != height and run:
            read = read_superscript if height > 0 else read_subscript
            text += read(run, text) if height else run
            run = ""
        height = now
        run += char["text"] if char else ""
    return text + run


def _height(char: Char, size: float, baseline: float) -> int:
    """Return 1 for a raised sign, -1 for a lowered one, else 0."""
    if char["size"] >= _SMALL * size:
        return 0
    above = char["matrix"][5] - baseline
    return int(above > _RAISED * size) - int(above < -_LOWERED * size)
