"""What old Office programs wrote, and what Office writes around a document with a password."""

from __future__ import annotations

from collections.abc import Iterator

from data.readers.document import Document
from data.readers.hints import read_notes
from data.readers.items import Item
from data.readers.markup import read_article
from data.readers.packages import check_package
from data.readers.pages.timed_process import run_timed
from data.readers.tables.sheets import read_rows
from model import InputError

MAX_BYTES = 64 << 20
MAX_UNPACKED_BYTES = 256 << 20
TIMEOUT_S = 30
_WORD, _EXCEL, _RTF = "旧版 Office 文件", "表格文件", "RTF 文档"
_MESSAGES = {
    "damaged": "文件不完整或已损坏，无法打开；请重新下载或另存一份",
    "password": "文件有密码，请解除密码后再试",
    "too old": "这是 Word 95 或更早的文档，请用 Word 或 WPS 另存为 .docx",
    "slides": "暂不支持演示文稿，请把文字另存为 .docx 或 .txt",
    "mail": "这是 Outlook 的邮件（.msg），请打开邮件，把正文存为 .txt",
    "unknown": "这是旧版 Office 文件，里面没有 Word 文档或 Excel 工作簿，可能已损坏；"
    "请另存为 .docx、.xlsx 或 .txt",
}


def read_ole(document: Document) -> Iterator[Item]:
    """Read a Word document as one article, a workbook as one article a row.

    Raises:
        InputError: it is neither, has a password, is damaged or too large, or holds no article.
    """
    content = document.read(MAX_BYTES)
    found = run_timed("data.readers.pages.office.ole:read_ole", content, _WORD, TIMEOUT_S)
    yield from _read_found(found, document)


def read_rtf(document: Document) -> Iterator[Item]:
    """Read one article.

    Raises:
        InputError: it is damaged or too large, or its text is no article.
    """
    content = document.read(MAX_BYTES)
    found = run_timed("data.readers.pages.office.rtf:read_rtf", content, _RTF, TIMEOUT_S)
    yield from _read_found(found, document)


def read_ods(document: Document) -> Iterator[Item]:
    """Read one article a row from every sheet that has a header.

    Raises:
        InputError: it has a password, is damaged or too large, or no sheet has a header.
    """
    stream = document.read_seekable(MAX_BYTES)
    check_package(stream, MAX_UNPACKED_BYTES)
    stream.seek(0)
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise InputError(f"文件超过 {MAX_BYTES >> 20} MB，请拆分后再试")
    found = run_timed("data.readers.tables.sheets:read_sheets", content, _EXCEL, TIMEOUT_S)
    yield from _read_found(found, document)


def _read_found(found: dict[str, str], document: Document) -> Iterator[Item]:
    if code := found.get("error"):
        raise InputError(_MESSAGES[code], code=f"file_{code.replace(' ', '_')}")
    if "sheets" in found:
        yield from read_rows(found["sheets"], document)
    elif not found["text"].strip():
        raise InputError("文件里没有文字；若是图片，请先用文字识别（OCR）软件转成文字")
    else:
        notes = read_notes(found.get("notes", ""))
        yield read_article(found["text"], id=document.id, source=document.source, notes=notes)
