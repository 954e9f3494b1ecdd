"""PDF pages to text; run in a process apart (`data.readers.pages.parser_process`)."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median
from typing import Any

from data.readers.pages.layout import HEADING, Segment, join_lines, order_columns
from data.readers.pages.pdf.chars import Char, Watermarks, is_vertical, read_segments
from data.readers.pages.pdf.furniture import drop_furniture
from data.readers.pages.pdf.tables import find_ruled_tables, usual_size

# More than an article may have; the reader says so.
MAX_CHARS = 250_000
_NO_CHARACTER = re.compile(r"\(cid:\d+\)")
_MAX_NO_CHARACTER_SHARE = 0.3
# A headline of another article: about as large as the largest, with lines of text below.
_HEADLINE_SHARE = 0.75
_MIN_HEADLINE_CHARS = 5
_MIN_LINES_BELOW = 2
_SHOWN_CHARS = 20


@dataclass(frozen=True)
class _Text:
    text: str
    date: str
    warnings: tuple[str, ...]


def read_pages(data: bytes) -> dict[str, str]:
    """Return `text`, `title`, `date` and `warning` of a PDF file, or `error`."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            read = _read_text(pdf)
            title = str((pdf.metadata or {}).get("Title") or "").strip()
    except PdfminerException as error:
        is_locked = any(isinstance(cause, PDFPasswordIncorrect) for cause in error.args)
        return {"error": "password" if is_locked else "damaged"}
    except MemoryError:
        return {"error": "memory"}
    if not read.text.strip():
        return {"error": "no text"}
    n_lost = sum(len(match) for match in _NO_CHARACTER.findall(read.text))
    if n_lost > _MAX_NO_CHARACTER_SHARE * len(read.text):
        return {"error": "no characters"}
    # Programs keep the titles of templates and of other files.
    title = title if title in read.text else ""
    return {
        "text": read.text,
        "title": title,
        "date": read.date,
        "warning": "\n".join(read.warnings),
    }


def _read_text(pdf: Any) -> _Text:
    pages: list[list[Segment]] = []
    watermarks = Watermarks()
    n_chars, n_vertical = 0, 0
    for page in pdf.pages:
        chars = page.dedupe_chars().chars
        n_vertical += is_vertical(chars)
        pages.append(_read_page(page, chars, watermarks))
        page.close()
        n_chars += sum(len(segment.text) for segment in pages[-1])
        if n_chars > MAX_CHARS:
            break
    body = drop_furniture(pages)
    columns = [column for segments in body.pages for column in order_columns(segments)]
    return _Text(join_lines(columns), body.date, _warn(columns, n_vertical))


def _read_page(page: Any, chars: list[Char], watermarks: Watermarks) -> list[Segment]:
    tables = find_ruled_tables(page)
    around = [char for char in chars if not any(table.holds(char) for table in tables)]
    read = read_segments(around, float(page.width), watermarks)
    size = usual_size(chars)
    return read + [segment for table in tables for segment in table.to_segments(size)]


def _warn(columns: list[list[Segment]], n_vertical: int) -> tuple[str, ...]:
    warnings = []
    if n_vertical:
        warnings.append("PDF 里有竖排文字，已从右到左逐列读出，请对照原文")
    headlines = _find_headlines([line for column in columns for line in column])
    if len(headlines) > 1:
        names = "".join(f"“{name[:_SHOWN_CHARS]}”" for name in headlines)
        warnings.append(
            f"PDF 里像有 {len(headlines)} 篇文章（{names}），已合在一起读出；请拆成单篇再试"
        )
    return tuple(warnings)


def _find_headlines(lines: list[Segment]) -> list[str]:
    """Return the headlines that have text below them; lines of the same size are one."""
    if not lines:
        return []
    em = median(line.size for line in lines for _ in line.text)
    largest = max(line.size for line in lines)
    is_large = [line.size >= max(HEADING * em, _HEADLINE_SHARE * largest) for line in lines]
    headlines = []
    pairs = groupby(zip(is_large, lines, strict=True), key=lambda pair: pair[0])
    groups = [(large, [line for _, line in group]) for large, group in pairs]
    for (large, group), (_, below) in pairwise(groups):
        name = "".join(line.text for line in group)
        if large and len(name) >= _MIN_HEADLINE_CHARS and len(below) >= _MIN_LINES_BELOW:
            headlines.append(name)
    return headlines
