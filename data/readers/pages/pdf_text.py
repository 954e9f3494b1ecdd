"""PDF pages to text: run as a process of its own, it trusts nothing and may be killed.

usage: python -m data.readers.pages.pdf_text < FILE.pdf > TEXT.json
"""

from __future__ import annotations

import io
import json
import re
import sys
from contextlib import suppress
from typing import Any

from data.readers.pages.layout import Segment, join_lines, order_columns, split_rows

MAX_MEMORY_BYTES = 1 << 30
# More than an article may have; the reader says so.
MAX_CHARS = 250_000
# A gap this wide, in heights of a character, parts two columns or two cells.
GAP_EMS = 0.9
_PAGE_NUMBER = re.compile(r"[-—–·•\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*/\s*\d{1,4})?[-—–·•\s]*")
_NO_CHARACTER = re.compile(r"\(cid:\d+\)")
_MAX_NO_CHARACTER_SHARE = 0.3


def read_pages(data: bytes) -> dict[str, str]:
    """Return `text` and `title` of a PDF file, or `error`."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            text = _read_text(pdf)
            title = str((pdf.metadata or {}).get("Title") or "").strip()
    except PdfminerException as error:
        is_locked = any(isinstance(cause, PDFPasswordIncorrect) for cause in error.args)
        return {"error": "password" if is_locked else "damaged"}
    except MemoryError:
        return {"error": "memory"}
    if not text.strip():
        return {"error": "no text"}
    n_lost = sum(len(match) for match in _NO_CHARACTER.findall(text))
    if n_lost > _MAX_NO_CHARACTER_SHARE * len(text):
        return {"error": "no characters"}
    # Programs keep the titles of templates and of other files.
    return {"text": text, "title": title if title in text else ""}


def _read_text(pdf: Any) -> str:
    columns: list[list[Segment]] = []
    n_chars = 0
    for page in pdf.pages:
        segments = _read_segments(page)
        page.close()
        columns += order_columns(segments)
        n_chars += sum(len(segment.text) for segment in segments)
        if n_chars > MAX_CHARS:
            break
    return join_lines(columns)


def _read_segments(page: Any) -> list[Segment]:
    """Return stretches of text on one line; slanted ones are watermarks."""
    upright = page.filter(lambda thing: thing.get("upright", True)).dedupe_chars()
    words = upright.extract_words(x_tolerance_ratio=GAP_EMS, keep_blank_chars=True)
    segments = [
        Segment(word["text"].strip(), word["x0"], word["x1"], word["top"], word["bottom"])
        for word in words
        if word["text"].strip()
    ]
    return _drop_page_numbers(segments)


def _drop_page_numbers(segments: list[Segment]) -> list[Segment]:
    """A number alone on the first or the last line tears a sentence that goes on."""
    rows = split_rows(segments)
    for at in (-1, 0):
        if rows and len(rows[at]) == 1 and _PAGE_NUMBER.fullmatch(rows[at][0].text):
            del rows[at]
    return [segment for row in rows for segment in row]


def _limit_memory() -> None:
    with suppress(ImportError):  # Windows has no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


if __name__ == "__main__":
    _limit_memory()
    sys.stdout.write(json.dumps(read_pages(sys.stdin.buffer.read())))
