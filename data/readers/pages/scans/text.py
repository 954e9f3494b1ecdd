"""Scanned pages to text; run in a process apart (`data.readers.pages.parser_process`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import Any

from data.readers.pages.layout import Segment
from data.readers.pages.printed import read_printed
from data.readers.pages.scans.doubt import decode, encode
from data.readers.pages.scans.images import PictureError, open_pictures, render_pages
from data.readers.pages.scans.recognise import RecognisedLine, RecognisedPage, recognise

# A character is doubtful below this score, and so is all of a line with this mean of scores.
SURE_CHARACTER = 0.9
SURE_LINE = 0.9
_PAGE_WIDTH = 595.0  # points
_NARROW = 0.5
_MIN_SIGNS = 6
# Lines whose sizes differ by less are set in one size.
_SAME_SIZE = 0.2
_SAME_HEIGHT = 0.3
# So much wider than others of their height, signs are spaced out.
_SPACED = 1.1
_FROM_SCAN = "文字由扫描件识别而来，请对照原件"


def read_picture(content: bytes) -> dict[str, str]:
    """Return `text`, `title`, `date`, `warning` and `doubtful` of a picture, or `error`."""
    return _read(open_pictures(content))


def read_scanned_pdf(content: bytes) -> dict[str, str]:
    """Return the same of a PDF file whose pages are pictures."""
    return _read(render_pages(content))


def _read(pictures: Iterable[Any]) -> dict[str, str]:
    try:
        pages = [page for picture in pictures for page in recognise(picture)]
    except PictureError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": "memory"}
    read = read_printed([_to_segments(page) for page in pages], "扫描件")
    text, doubtful = decode(read.text)
    if not text.strip():
        return {"error": "no words"}
    return {
        "text": text,
        "title": "",
        "date": decode(read.date)[0],
        "warning": "\n".join((_FROM_SCAN, *_warn(pages), *read.warnings)),
        "doubtful": ",".join(f"{start}-{end}" for start, end in doubtful),
    }


def _warn(pages: list[RecognisedPage]) -> list[str]:
    n_unreadable = sum(page.n_unreadable for page in pages)
    n_vertical = sum(page.n_vertical for page in pages)
    warnings = [f"有 {n_unreadable} 行看不清，没有读出"] * bool(n_unreadable)
    return warnings + [f"有 {n_vertical} 处竖排文字没有读出"] * bool(n_vertical)


def _to_segments(page: RecognisedPage) -> list[Segment]:
    """Return lines in points, each with the size that it is set in and its doubts marked."""
    scale = _PAGE_WIDTH / page.width
    sizes = _find_sizes(page.lines)
    return [
        Segment(
            encode(line.text, _find_doubts(line)).strip(),
            line.x0 * scale,
            line.x1 * scale,
            line.top * scale,
            line.bottom * scale,
            size * scale,
        )
        for line, size in zip(page.lines, sizes, strict=True)
    ]


def _find_doubts(line: RecognisedLine) -> list[bool]:
    is_doubtful = sum(line.scores) / len(line.scores) < SURE_LINE
    return [is_doubtful or score < SURE_CHARACTER for score in line.scores]


def _find_sizes(lines: Sequence[RecognisedLine]) -> list[float]:
    """Return the size of each line's type: as wide as a Chinese sign, the usual one where near.

    Too few signs do not tell: they have the size of the line whose box is as high as theirs. Nor do
    signs that are spaced out to fill the column, wider than others of their height.
    """
    heights = [line.bottom - line.top for line in lines]
    widths = [_measure_sign(line) for line in lines]
    share = median([w / h for w, h in zip(widths, heights, strict=True) if w] or [1.0])
    widths = [
        share * height if width > _SPACED * share * height else width
        for width, height in zip(widths, heights, strict=True)
    ]
    known = {height: width for width, height in zip(widths, heights, strict=True) if width}
    sizes = [
        width or _size_of(height, known) for width, height in zip(widths, heights, strict=True)
    ]
    by_character = [size for line, size in zip(lines, sizes, strict=True) for _ in line.text]
    usual = median(by_character or [1.0])
    return [usual if abs(size / usual - 1) <= _SAME_SIZE else size for size in sizes]


def _size_of(height: float, known: Mapping[float, float]) -> float:
    """Return the size of the line nearest in height, in proportion where none is near."""
    nearest = min(known, key=lambda other: abs(other - height), default=0.0)
    if not nearest:
        return height
    is_near = abs(height / nearest - 1) <= _SAME_HEIGHT
    return known[nearest] if is_near else known[nearest] * height / nearest


def _measure_sign(line: RecognisedLine) -> float:
    """Return the width of a Chinese sign, 0 where there are too few."""
    n_wide = sum(_NARROW if c.isascii() else 1.0 for c in line.text)
    return (line.x1 - line.x0) / n_wide if n_wide >= _MIN_SIGNS else 0.0
