"""Kinds of files: told by their first bytes, and only where those say nothing by the name."""

from __future__ import annotations

import re

from data.readers.pages.scans.extra import SCAN_SUFFIXES, can_read_scans
from data.readers.tables.csv_table import DELIMITERS
from data.readers.tables.rows import is_header
from model import InputError

SUFFIXES = {
    ".txt": "plain", ".md": "plain", ".html": "html", ".htm": "html", ".mhtml": "mime",
    ".mht": "mime", ".eml": "mime", ".docx": "docx", ".doc": "ole", ".wps": "ole", ".rtf": "rtf",
    ".xls": "ole", ".et": "ole", ".ods": "ods",
    ".pdf": "pdf", ".csv": "csv", ".xlsx": "xlsx", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".json": "jsonl", ".parquet": "parquet", ".zip": "zip",
}  # fmt: skip
PICTURE_SUFFIXES = {*SCAN_SUFFIXES, ".gif", ".heic", ".svg", ".ico"}
# What a name ends in that is a suffix, not a part of a title such as 2024.5.16 or 一.云岭县.
_SUFFIX = re.compile(r"\.(?=\d{0,3}[a-z])[a-z0-9]{1,8}$")
_AS_DOCX, _AS_XLSX = "请用 Word 或 WPS 另存为 .docx", "请用 Excel 或 WPS 另存为 .xlsx"
_AS_PDF = "请另存为 .pdf 或 .txt"
_HINTS = {
    **dict.fromkeys((".odt", ".dot", ".pages"), _AS_DOCX),
    **dict.fromkeys((".xlsb", ".numbers"), _AS_XLSX),
    **dict.fromkeys((".ppt", ".pptx", ".dps"), "请把文字另存为 .docx 或 .txt"),
    ".msg": "请打开邮件，把正文存为 .txt",
    **dict.fromkeys((".caj", ".kdh", ".epub", ".mobi", ".azw3", ".ofd"), _AS_PDF),
    **dict.fromkeys((".rar", ".7z", ".gz", ".tar", ".bz2"), "请改用 zip"),
    **dict.fromkeys((".mp3", ".mp4", ".wav", ".m4a", ".avi", ".mov"), "音频和视频没有文字可读"),
    **dict.fromkeys(PICTURE_SUFFIXES, "请另存为 .png 或 .jpg"),
}
_TABLES = {".xls", ".et"}
# Programs write web pages under the names of old Office files.
_OLD_KINDS = {"ole", "rtf"}
_BINARY = {"docx", "pdf", "xlsx", "parquet", "zip", "ods"} | _OLD_KINDS
_NOT_AS_NAMED = "文件名以 {} 结尾，内容却不是：文件已损坏，或改错了扩展名"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKS = {
    b"PAR1": "parquet", _OLD_OFFICE: "ole", b"{\\rtf": "rtf", b"\x89PNG": "picture",
    b"\xff\xd8\xff": "picture", b"II*\0": "picture", b"MM\0*": "picture",
}  # fmt: skip
_PICTURE_MARKS = re.compile(rb"BM.{4}\0\0\0\0|RIFF.{4}WEBP", re.DOTALL)
_ARCHIVE = "这种压缩格式暂不支持，请改用 zip"
_REFUSED = {
    b"\x1f\x8b": _ARCHIVE, b"Rar!": _ARCHIVE, b"7z\xbc\xaf": _ARCHIVE, b"BZh": _ARCHIVE,
    b"\xfd7zXZ": _ARCHIVE, b"GIF8": "这是 GIF 图片，请另存为 .png 或 .jpg",
    b"PARE": "Parquet 文件有密码，请解密后再试",
}  # fmt: skip
_PDF_WITHIN_BYTES = 1024
_PACKAGE_PARTS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"ppt/")
_NAME_AT = 30
# OpenDocument packages start with their type.
_TYPE = b"mimetypeapplication/vnd.oasis.opendocument."
_SHEETS_TYPE = _TYPE + b"spreadsheet"
_HTML = re.compile(rb"<(?:!doctype html|html)[\s>]", re.IGNORECASE)
_JSON = re.compile(rb"\[?\s*\{")
# A page saved as one file has the headers of a mail, also where it was renamed .html.
_MIME_STARTS = re.compile(
    rb"(?:from|to|reply-to|delivered-to|mime-version|subject|date|content-type|received|return-path"
    rb"|message-id|dkim-signature|snapshot-content-location|x-[\w-]+)[ ]?:",
    re.IGNORECASE,
)
_MIME_HEADERS = re.compile(
    rb"^(?:mime-version:|content-type:[ ]*multipart/)", re.IGNORECASE | re.MULTILINE
)
_MIME_WITHIN_BYTES = 4096
_TEXT_FILE_MARKS = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*")


def list_readable() -> tuple[str, ...]:
    """Return the suffixes of what can be read here: pictures only with the extra `ocr`."""
    return (*SUFFIXES, *SCAN_SUFFIXES) if can_read_scans() else tuple(SUFFIXES)


def find_kind(head: bytes, suffix: str) -> str:
    """Return the kind of a file: a value of `SUFFIXES`, or `picture`.

    Args:
        head: the first bytes.
        suffix: that of its name, or empty where it has no name.

    Raises:
        InputError: the kind cannot be read, or the name promises what the bytes are not.
    """
    if not head:
        raise InputError("没有文字：文件是空的")
    kind = _find_binary(head, suffix)
    if kind:
        return kind
    named = SUFFIXES.get(suffix)
    if suffix and (not named or named in _OLD_KINDS):
        return _find_misnamed(head, suffix)
    if named in _BINARY:
        raise InputError(_NOT_AS_NAMED.format(suffix), code="file_misnamed")
    return _find_text(head, named)


def _find_binary(head: bytes, suffix: str) -> str | None:
    for mark, message in _REFUSED.items():
        if head.startswith(mark):
            raise InputError(message)
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return _find_package(head, suffix)
    if b"%PDF-" in head[:_PDF_WITHIN_BYTES]:
        return "pdf"
    if _PICTURE_MARKS.match(head):
        return "picture"
    return next((kind for mark, kind in _MARKS.items() if head.startswith(mark)), None)


def _find_package(head: bytes, suffix: str) -> str:
    """Tell the Office documents from other zip files by the name of the first part."""
    if head.startswith(_PACKAGE_PARTS, _NAME_AT):
        if b"word/" in head:
            return "docx"
        if b"xl/" in head:
            return "xlsx"
        if b"ppt/" in head:
            raise InputError("暂不支持演示文稿，请把文字另存为 .docx 或 .txt")
    if head.startswith(_SHEETS_TYPE, _NAME_AT) or suffix == ".ods":
        return "ods"
    if head.startswith(_TYPE, _NAME_AT):
        raise InputError("暂不支持 OpenDocument 文档（.odt），请用 WPS 或 LibreOffice 另存为 .docx")
    is_package = suffix in {".docx", ".xlsx"} and _PACKAGE_PARTS[0] in head
    return SUFFIXES[suffix] if is_package else "zip"


def find_suffix(name: str) -> str:
    """Return the suffix of a file's name in lower case, empty where it is part of a title."""
    match = _SUFFIX.search(name.lower())
    return match[0] if match else ""


def _find_misnamed(head: bytes, suffix: str) -> str:
    """Read a page under any name; refuse everything else by what the name promises."""
    start = _skip_mark(head)
    if _HTML.match(start) and suffix not in _TABLES:
        return "html"
    if _is_mime(start):
        return "mime"
    if _HTML.match(start):
        raise InputError(f"这是网页格式的 {suffix} 表格，{_AS_XLSX}")
    if suffix in SUFFIXES or suffix in SCAN_SUFFIXES:
        raise InputError(_NOT_AS_NAMED.format(suffix), code="file_misnamed")
    hint = _HINTS.get(suffix, f"可用：{'、'.join(list_readable())}")
    raise InputError(f"暂不支持 {suffix} 文件，{hint}")


def _is_mime(start: bytes) -> bool:
    """Tell a page that a browser saved as one file, or a mail, by its headers."""
    return bool(_MIME_STARTS.match(start) and _MIME_HEADERS.search(start[:_MIME_WITHIN_BYTES]))


def _skip_mark(head: bytes) -> bytes:
    return _TEXT_FILE_MARKS.sub(b"", head.replace(b"\0", b""), count=1)


def _find_text(head: bytes, named: str | None) -> str:
    start = _skip_mark(head)
    if _HTML.match(start):
        return "html"
    if _is_mime(start):
        return "mime"
    if named:
        return named
    if _JSON.match(start):
        return "jsonl"
    return "csv" if _has_header(start) else "plain"


def _has_header(start: bytes) -> bool:
    """Whether the first line of a nameless text is the header of a table of several columns."""
    line = start.split(b"\n", 1)[0].decode("utf-8", "replace")
    rows = (line.strip().replace('"', "").split(d) for d in DELIMITERS)
    return any(len(cells) > 1 and is_header(cells) for cells in rows)
