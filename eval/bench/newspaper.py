"""Newspaper pages set in type and then scanned: pictures whose text is known.

A page has a headline, and below it columns of justified lines; no line starts with a closing sign.
The scan is slanted, greyed, blurred, speckled, and saved as a JPEG file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

DPI = 200
_POINTS_PER_INCH = 72
_MARGIN_EMS, _GUTTER_EMS, _INDENT_EMS = 3.0, 1.8, 2.0
_LEADING = 1.55
_HEAD_EMS, _HEAD_LEADING = 2.4, 1.4
# Latin letters and digits are not broken.
_TOKEN = re.compile(r"[\x21-\x7e]+|[^\x21-\x7e]")
_NEVER_FIRST = frozenset("，。、；：！？）》”’％…—·」』】〉")
_INK = 25


@dataclass(frozen=True)
class PageStyle:
    """How a page is set and scanned.

    Attributes:
        n_columns: how many.
        size_pt: size of the type.
        column_ems: width of a column in signs.
        slant: degrees to which the page lies askew.
        noise: standard deviation of the grain, of 255.
        quality: of the JPEG file.
    """

    n_columns: int
    size_pt: float
    column_ems: int
    slant: float
    noise: float
    quality: int


def ten_styles(seed: int = 0) -> list[PageStyle]:
    """Return ten styles: one to four columns, two sizes, each scan another."""
    chance = Random(f"pages {seed}")  # noqa: S311
    columns = {1: 38, 2: 24, 3: 18, 4: 14}
    return [
        PageStyle(
            n_columns,
            (9.0, 12.0)[number % 2],
            columns[n_columns],
            chance.uniform(-1.5, 1.5),
            chance.uniform(6, 16),
            chance.randint(50, 80),
        )
        for number, n_columns in enumerate((1, 1, 2, 2, 2, 3, 3, 3, 4, 4))
    ]


@dataclass(frozen=True)
class _Line:
    tokens: tuple[str, ...]
    indent_ems: float
    ends_paragraph: bool


class Typesetter:
    """Sets an article in type.

    Args:
        font: a file of a Chinese font.
        style: how.
    """

    def __init__(self, font: Path, style: PageStyle) -> None:
        self._style = style
        self._path = str(font)
        self._em = round(style.size_pt * DPI / _POINTS_PER_INCH)
        self._font = ImageFont.truetype(self._path, self._em)
        self._width = style.column_ems * self._em

    @cached_property
    def _page_width(self) -> int:
        n = self._style.n_columns
        gutters = (n - 1) * _GUTTER_EMS
        return round(n * self._width + (gutters + 2 * _MARGIN_EMS) * self._em)

    def set_page(self, title: str, paragraphs: Sequence[str]) -> Image.Image:
        """Return the page in grey, just high enough."""
        head_em = round(_HEAD_EMS * self._em)
        head = ImageFont.truetype(self._path, head_em)
        n_wide = max(4, int((self._page_width - 2 * _MARGIN_EMS * self._em) // head_em))
        n_each = -(-len(title) // -(-len(title) // n_wide))
        head_lines = [title[at : at + n_each] for at in range(0, len(title), n_each)]
        lines = [line for paragraph in paragraphs for line in self._break(paragraph)]
        n_rows = -(-len(lines) // self._style.n_columns)
        step = round(_LEADING * self._em)
        margin = round(_MARGIN_EMS * self._em)
        top = margin + round(_HEAD_LEADING * head_em) * len(head_lines) + self._em
        page = Image.new("L", (self._page_width, top + n_rows * step + margin), 255)
        draw = ImageDraw.Draw(page)
        for number, text in enumerate(head_lines):
            left = (self._page_width - head.getlength(text)) / 2
            place = (left, margin + number * round(_HEAD_LEADING * head_em))
            draw.text(place, text, _INK, head)
        for number, line in enumerate(lines):
            column, row = divmod(number, n_rows)
            x = margin + column * (self._width + _GUTTER_EMS * self._em)
            self._draw(draw, line, x, top + row * step)
        return page

    def _break(self, paragraph: str) -> Iterator[_Line]:
        tokens: list[str] = []
        indent, used = _INDENT_EMS, _INDENT_EMS * self._em
        for token in _TOKEN.findall(paragraph):
            width = self._font.getlength(token)
            if used + width > self._width and tokens and token not in _NEVER_FIRST:
                yield _Line(tuple(tokens), indent, ends_paragraph=False)
                tokens, indent, used = [], 0.0, 0.0
            tokens.append(token)
            used += width
        yield _Line(tuple(tokens), indent, ends_paragraph=True)

    def _draw(self, draw: ImageDraw.ImageDraw, line: _Line, x: float, y: float) -> None:
        x += line.indent_ems * self._em
        free = self._width - line.indent_ems * self._em
        free -= sum(map(self._font.getlength, line.tokens))
        is_full = not line.ends_paragraph or free < 0
        gap = free / max(1, len(line.tokens) - 1) if is_full else 0.0
        for token in line.tokens:
            draw.text((x, y), token, _INK, self._font)
            x += self._font.getlength(token) + gap


def scan(page: Image.Image, style: PageStyle, seed: int) -> bytes:
    """Return what a scanner makes of a page, as a JPEG file."""
    chance = np.random.default_rng(seed)
    slanted = page.rotate(style.slant, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    soft = np.asarray(slanted.filter(ImageFilter.GaussianBlur(0.7)), np.float32)
    height, width = soft.shape
    shade = np.linspace(225, 245, width)[None, :] * np.linspace(0.96, 1.0, height)[:, None]
    grey: Any = soft / 255 * shade + chance.normal(0, style.noise, soft.shape)
    n_specks = height * width // 20_000
    rows, columns = chance.integers(0, height, n_specks), chance.integers(0, width, n_specks)
    grey[rows, columns] = chance.integers(0, 120, n_specks)
    stream = io.BytesIO()
    saved = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
    saved.save(stream, "JPEG", quality=style.quality, dpi=(DPI, DPI))
    return stream.getvalue()
