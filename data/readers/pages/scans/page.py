"""Scans: pictures, and PDF files without a text layer, as one article each."""

from __future__ import annotations

from collections.abc import Iterator

from data.readers.document import Document
from data.readers.items import Item, make_article
from data.readers.pages.scans.extra import HOW_TO_INSTALL, can_read_scans
from data.readers.pages.scans.images import MAX_PAGES, MAX_PIXELS, MIN_SIDE
from data.readers.pages.timed_process import run_timed
from model import InputError
from model.spans import Span

MAX_BYTES = 64 << 20
TIMEOUT_S = 600
MEMORY_BYTES = 6 << 30
_MESSAGES = {
    "damaged": "扫描件不完整或已损坏，无法打开；请重新扫描或另存一份",
    "too small": f"图片太小，不像一页文章（宽、高至少 {MIN_SIDE} 点）",
    "too large": f"图片太大，未处理（最多 {MAX_PIXELS // 10_000:,} 万点）；请降低分辨率再试",
    "too many pages": f"扫描件超过 {MAX_PAGES} 页，未处理；请拆分后再试",
    "memory": "扫描件太大，内存不够，未处理；请拆分或降低分辨率后再试",
    "no words": "图片里没有认出文字",
}


def read_picture(document: Document) -> Iterator[Item]:
    """Read one article.

    Raises:
        InputError: text recognition is not installed, or the picture cannot be read.
    """
    if not can_read_scans():
        raise InputError(f"这是图片；{HOW_TO_INSTALL}", code="ocr_missing")
    yield _read(document, document.read(MAX_BYTES), "read_picture")


def read_scanned_pdf(document: Document, content: bytes) -> Item:
    """Read one article of a PDF file that has no text layer.

    Raises:
        InputError: it cannot be read.
    """
    return _read(document, content, "read_scanned_pdf")


def _read(document: Document, content: bytes, function: str) -> Item:
    name = f"data.readers.pages.scans.text:{function}"
    found = run_timed(name, content, "扫描件", TIMEOUT_S, MEMORY_BYTES)
    if "error" in found:
        code = found["error"]
        raise InputError(_MESSAGES[code], code=f"scan_{code.replace(' ', '_')}")
    return make_article(found, document.id, document.source, _to_spans(found["doubtful"]))


def _to_spans(places: str) -> list[Span]:
    pairs = (place.split("-") for place in places.split(",") if place)
    return [Span(int(start), int(end)) for start, end in pairs]
