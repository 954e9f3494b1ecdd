"""What Office wrote before 2007, and what it writes today around a document with a password."""

from __future__ import annotations

from typing import NoReturn

from data.readers.document import MAX_BINARY_BYTES, Document
from model import InputError

_MESSAGES = {
    "EncryptedPackage": "文件有密码，请解除密码后再试",
    "WordDocument": "这是旧版 Word 文档（.doc），请另存为 .docx",
    "Workbook": "这是旧版 Excel 工作簿（.xls），请另存为 .xlsx",
}


def refuse_ole(document: Document) -> NoReturn:
    """Say what it is and how it can be read.

    Raises:
        InputError: always.
    """
    data = document.read(MAX_BINARY_BYTES)
    found = (message for name, message in _MESSAGES.items() if name.encode("utf-16-le") in data)
    raise InputError(next(found, "这是旧版 Office 文件，请另存为 .docx、.xlsx 或 .txt"))
