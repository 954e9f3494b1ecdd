"""Zip containers, alone or as the package of an Office document, opened with limits."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import BinaryIO

from model import InputError

# A directory entry has 46 bytes and a name, and becomes an object of about 600 bytes.
MAX_DIRECTORY_BYTES = 32 << 20
# Text in Chinese is packed 3 to 20 times, an empty workbook's XML 100 times, zeros 1,000 times.
MAX_RATIO = 200
_RATIO_FREE_BYTES = 1 << 20

_COMMENT_BYTES = 1 << 16
# A size too large for the first record.
_SEE_OTHER = 0xFFFFFFFF
_END = (b"PK\5\6", "<12xL")
_END_64 = (b"PK\6\6", "<40xQ")


def open_zip(stream: BinaryIO) -> zipfile.ZipFile:
    """Open a zip file whose directory is of bounded size.

    Raises:
        InputError: it is damaged, or its directory is too large.
    """
    try:
        if _directory_bytes(stream) > MAX_DIRECTORY_BYTES:
            raise InputError("压缩包里的文件太多，请分批压缩")
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        raise InputError("文件不完整或已损坏，无法打开；请重新下载或另存一份") from None


def is_bomb(n_bytes: int, n_packed: int) -> bool:
    """Whether so much from so little is no document."""
    return n_bytes > _RATIO_FREE_BYTES and n_bytes > MAX_RATIO * n_packed


def check_package(stream: BinaryIO, max_bytes: int) -> None:
    """Refuse an Office document that unpacks to too much.

    Raises:
        InputError: it does, or it is damaged.
    """
    with open_zip(stream) as package:
        parts = package.infolist()
    n_bytes = sum(part.file_size for part in parts)
    if n_bytes > max_bytes:
        raise InputError(f"文件解开后超过 {max_bytes >> 20} MB，请拆分或另存为纯文本再试")
    if any(is_bomb(part.file_size, part.compress_size) for part in parts):
        raise InputError("文件解开后大得反常，可能是压缩炸弹，未处理")
    stream.seek(0)


def _directory_bytes(stream: BinaryIO) -> int:
    """Return the larger of the sizes that a zip file's two end records give its directory."""
    n_bytes = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, n_bytes - _COMMENT_BYTES))
    tail = stream.read()
    stream.seek(0)
    found = [
        struct.unpack_from(layout, tail, at)[0]
        for mark, layout in (_END, _END_64)
        if (at := tail.rfind(mark)) >= 0
    ]
    return max((size for size in found if size != _SEE_OTHER), default=0)
