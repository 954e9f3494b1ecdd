"""PDF characters: from the characters of a page to stretches of text on one line.

Watermarks go, vertical text is turned to lie on lines, raised signs become characters.
"""

from __future__ import annotations

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
# A style is a watermark's where this share of its characters lies on other ones.
_OVERLAP_SHARE = 0.2
_OVERLAP = 0.15
_MAX_WATERMARK_SHARE = 0.4
_MAX_CELLS = 400
_SMALL = 0.9
_RAISED = 0.15
_LOWERED = 0.06

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
            by_style[_style(char)].append(char)
        body = max(by_style, key=lambda style: len(by_style[style]), default=None)
        places = _Places(chars)
        for style, of_style in by_style.items():
            is_rare = len(of_style) <= _MAX_WATERMARK_SHARE * len(chars)
            if style != body and is_rare and (_is_slanted(of_style) or places.is_over(of_style)):
                self.styles.add(style)
        return [char for char in chars if _style(char) not in self.styles - {body}]


class _Places:
    """Where characters stand, in squares as wide as the usual one is high."""

    def __init__(self, chars: Sequence[Char]) -> None:
        self._em = max(median([char["size"] for char in chars] or [1.0]), 1.0)
        self._squares: dict[tuple[int, int], list[Char]] = defaultdict(list)
        for char in chars:
            if not char["text"].isspace():
                middle = ((char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2)
                self._squares[self._square(*middle)].append(char)

    def is_over(self, chars: Sequence[Char]) -> bool:
        """Whether many of these lie on characters of other styles."""
        shown = [char for char in chars if not char["text"].isspace()]
        n_over = sum(map(self._lies_on_other, shown))
        return bool(shown) and n_over >= _OVERLAP_SHARE * len(shown)

    def _lies_on_other(self, char: Char) -> bool:
        x0, y0 = self._square(char["x0"] - self._em, char["top"] - self._em)
        x1, y1 = self._square(char["x1"] + self._em, char["bottom"] + self._em)
        if (x1 - x0 + 1) * (y1 - y0 + 1) > _MAX_CELLS:
            return True
        near = (self._squares.get((x, y), ()) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1))
        return any(
            _style(other) != _style(char) and _overlap(char, other) > _OVERLAP
            for square in near
            for other in square
        )

    def _square(self, x: float, y: float) -> tuple[int, int]:
        return int(x // self._em), int(y // self._em)


def read_segments(chars: list[Char], width: float, watermarks: Watermarks) -> list[Segment]:
    """Return the stretches of text of a page, its vertical text turned upright."""
    from pdfplumber.utils import extract_words

    if is_vertical(chars):
        chars = [_turn(char, width) for char in chars]
    else:
        chars = watermarks.drop([char for char in chars if char.get("upright", True)])
    words = extract_words(
        chars, x_tolerance_ratio=GAP_EMS, keep_blank_chars=True, return_chars=True
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
    top, bottom = width - char["x1"], width - char["x0"]
    return {
        **char,
        "text": _TO_WIDE.get(text, text) if is_form else char["text"],
        "x0": char["top"],
        "x1": char["bottom"],
        "top": top,
        "bottom": bottom,
        "doctop": top,
        "size": bottom - top,
        "upright": True,
        "matrix": (1, 0, 0, 1, char["top"], -bottom),
    }


_TO_WIDE = {",": "，", ":": "：", ";": "；", "!": "！", "?": "？", "(": "（", ")": "）"}


def _style(char: Char) -> Style:
    return round(char["size"]), char["fontname"], str(char.get("non_stroking_color"))


def _is_slanted(chars: Sequence[Char]) -> bool:
    """Whether each stands beside and below (or above) the one before, as a watermark's do."""
    shown = [char for char in chars if not char["text"].isspace()]
    if len(shown) < _MIN_SLANTED:
        return False
    n_slanted = sum(
        _SLANT * one["size"] < abs(other["x0"] - one["x0"])
        and _SLANT * one["size"] < abs(other["top"] - one["top"]) < 4 * one["size"]
        for one, other in pairwise(shown)
    )
    return n_slanted >= _SLANTED_SHARE * (len(shown) - 1)


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
