"""PDF pages to text; run in a process apart (`data.readers.pages.parser_process`)."""

from __future__ import annotations

import io
import logging
import re
from dataclasses import replace
from typing import Any

from data.readers.hints import write_notes
from data.readers.pages.layout import Segment
from data.readers.pages.pdf.chars import Char, Watermarks, is_vertical, read_segments
from data.readers.pages.pdf.tables import find_ruled_tables, usual_size
from data.readers.pages.printed import PrintedText, read_printed

# More than an article may have; the reader says so.
MAX_CHARS = 250_000
_NO_CHARACTER = re.compile(r"\(cid:\d+\)")
_MAX_NO_CHARACTER_SHARE = 0.3
# A picture of so much of a page, with so few characters on it, such as a scanner's own name.
_PICTURE_SHARE = 0.5
_MIN_PAGE_CHARS = 60
_VERTICAL = "PDF 里有竖排文字，已从右到左逐列读出，请对照原文"


def read_pages(data: bytes) -> dict[str, str]:
    """Return `text`, `title`, `date`, `warning` and `notes` of a PDF file, or `error`."""
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
        "notes": write_notes(read.notes),
    }


def _read_text(pdf: Any) -> PrintedText:
    pages: list[list[Segment]] = []
    watermarks = Watermarks()
    n_chars, n_vertical, n_scanned = 0, 0, 0
    for page in pdf.pages:
        chars = page.dedupe_chars().chars
        n_vertical += is_vertical(chars)
        pages.append(_read_page(page, chars, watermarks))
        n_scanned += len(chars) < _MIN_PAGE_CHARS and _is_picture(page)
        page.close()
        n_chars += sum(len(segment.text) for segment in pages[-1])
        if n_chars > MAX_CHARS:
            break
    if n_scanned == len(pages):
        return PrintedText("", "", ())
    read = read_printed(pages, "PDF ")
    return replace(read, warnings=(*[_VERTICAL] * bool(n_vertical), *read.warnings))


def _read_page(page: Any, chars: list[Char], watermarks: Watermarks) -> list[Segment]:
    tables = find_ruled_tables(page)
    around = [char for char in chars if not any(table.holds(char) for table in tables)]
    read = read_segments(around, float(page.width), watermarks)
    size = usual_size(chars)
    return read + [segment for table in tables for segment in table.to_segments(size)]


def _is_picture(page: Any) -> bool:
    """Whether one picture covers most of a page."""
    size = float(page.width * page.height)
    areas = (image["width"] * image["height"] for image in page.images)
    return any(area >= _PICTURE_SHARE * size for area in areas)
