"""OLE files: Word documents and Excel workbooks from before 2007, and what WPS names .wps or .et.

Run in a process apart; errors are codes of `data.readers.pages.office.page`.
"""

from __future__ import annotations

import io
import struct
from typing import Any

from data.readers.hints import write_notes
from data.readers.pages.office.word_text import DocumentError, read_word
from data.readers.tables.sheets import read_sheets

_WORD = "WordDocument"
_WORKBOOKS = ("Workbook", "Book")
# Records of a workbook, each with its kind and length; the password stands among the first.
_RECORD, _PASSWORD, _SHEET = struct.Struct("<HH"), 0x2F, 0x85
_HEAD_BYTES = 1 << 14
_TABLES = ("0Table", "1Table")
_LOCKED = ("EncryptedPackage", "EncryptionInfo")
# Streams that tell what else it is.
_OTHERS = {"PowerPoint Document": "slides", "__properties_version1.0": "mail"}


def read_ole(content: bytes) -> dict[str, str]:
    """Return `text` and `notes` of a document, the `sheets` of a workbook (JSON), or an `error`."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(content)) as file:
            return _read(file, content)
    except DocumentError as error:
        return {"error": str(error)}
    except (OSError, ValueError, TypeError, ArithmeticError, LookupError, struct.error):
        is_locked = _LOCKED[0].encode("utf-16-le") in content
        return {"error": "password" if is_locked else "damaged"}


def _read(file: Any, content: bytes) -> dict[str, str]:
    if any(map(file.exists, _LOCKED)):
        return {"error": "password"}
    if file.exists(_WORD):
        tables = [file.openstream(name).read() if file.exists(name) else b"" for name in _TABLES]
        text, notes = read_word(file.openstream(_WORD).read(), (tables[0], tables[1]))
        return {"text": text, "notes": write_notes(notes)}
    for name in filter(file.exists, _WORKBOOKS):
        is_locked = _has_password(file.openstream(name).read(_HEAD_BYTES))
        return {"error": "password"} if is_locked else read_sheets(content)
    found = (code for name, code in _OTHERS.items() if file.exists(name))
    return {"error": next(found, "unknown")}


def _has_password(head: bytes) -> bool:
    """Whether a workbook's first records say that the others are encrypted."""
    place = 0
    while place + _RECORD.size <= len(head):
        kind, n_bytes = _RECORD.unpack_from(head, place)
        if kind in (_PASSWORD, _SHEET):
            return bool(kind == _PASSWORD)
        place += _RECORD.size + n_bytes
    return False
