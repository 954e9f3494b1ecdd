"""PDF: the text layer, its columns in reading order; where there is none, the scanned pages."""

from __future__ import annotations

from collections.abc import Iterator

from data.readers.document import Document
from data.readers.items import Item, make_article
from data.readers.pages.scans.extra import HOW_TO_INSTALL, can_read_scans
from data.readers.pages.scans.page import read_scanned_pdf
from data.readers.pages.timed_process import run_timed
from model import InputError

MAX_BYTES = 64 << 20
TIMEOUT_S = 30
_MESSAGES = {
    "damaged": "PDF 不完整或已损坏，无法打开；请重新下载或另存一份",
    "password": "PDF 有密码，请解除密码后再试",
    "no text": f"PDF 没有文字层，多半是扫描件；{HOW_TO_INSTALL}",
    "no characters": f"PDF 的文字层没有编码，读出来是乱码；{HOW_TO_INSTALL}",
    "memory": "PDF 解开后太大，未处理；请拆分后再试",
}
# A page that is a picture can still be read.
_PICTURES = {"no text", "no characters"}


def read_pdf(document: Document) -> Iterator[Item]:
    """Read one article.

    Raises:
        InputError: the file is too large, damaged, locked or a scan that cannot be read, or its
            text is no article.
    """
    content = document.read(MAX_BYTES)
    found = run_timed("data.readers.pages.pdf.text:read_pages", content, "PDF ", TIMEOUT_S)
    if "error" in found:
        code = found["error"]
        if code in _PICTURES and can_read_scans():
            yield read_scanned_pdf(document, content)
            return
        raise InputError(_MESSAGES[code], code=f"file_{code.replace(' ', '_')}")
    yield make_article(found, document.id, document.source)
