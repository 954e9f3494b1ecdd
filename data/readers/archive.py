"""ZIP: every readable file in it, read in memory and never written to disk."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from data.readers.document import Document, Room, buffer
from data.readers.folders import count_pictures, sort_out
from data.readers.items import Problem
from data.readers.kinds import find_suffix, list_readable
from data.readers.packages import is_bomb, open_zip
from model import InputError

MAX_UNPACKED_BYTES = 4 << 30
MAX_MEMBERS = 200_000
MAX_DEPTH = 3
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
# The others unpack without a bound.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def open_members(document: Document) -> Iterator[Document | Problem]:
    """Open one member after another, each called by its archive's id, `/` and its own name.

    Raises:
        InputError: the archive is damaged, holds nothing to read, or is beyond the limits.
    """
    if document.depth >= MAX_DEPTH:
        raise InputError(f"压缩包套了不止 {MAX_DEPTH} 层，未处理；请解压后再试")
    room = document.room or Room(MAX_UNPACKED_BYTES)
    with open_zip(document.read_seekable()) as archive:
        named = [(_name(info), info) for info in archive.infolist() if not info.is_dir()]
        inputs, pictures = sort_out(PurePosixPath(name) for name, _ in named)
        wanted = set(inputs)
        members = [(name, info) for name, info in named if PurePosixPath(name) in wanted]
        if not members and not pictures:
            raise InputError(f"压缩包里没有可读的文件（{'、'.join(list_readable())}）")
        if len(members) > MAX_MEMBERS:
            raise InputError(f"压缩包里的文件超过 {MAX_MEMBERS:,} 个，请分批压缩")
        for name, info in members:
            yield from _open(archive, info, name, document, room)
    if pictures:
        yield Problem(document.id, document.source, count_pictures(pictures))


def _open(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, document: Document, room: Room
) -> Iterator[Document | Problem]:
    place = f"{document.id}/{name}"
    message = _refusal(info)
    if message:
        yield Problem(place, document.source, message)
        return
    room.take(info.file_size)
    suffix = find_suffix(name)
    try:
        member = archive.open(info)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError):
        yield Problem(place, document.source, "压缩包中的这个文件已损坏")
        return
    with buffer(member) as stream:
        yield Document(stream, place, document.source, suffix, document.depth + 1, room)


def _refusal(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & _ENCRYPTED:
        return "压缩包有密码，请解密后再试"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "压缩包里的这一项是链接，没有内容可读"
    if info.compress_type not in _METHODS:
        return "压缩包用了少见的压缩方式，请用普通 zip 重新压缩"
    if is_bomb(info.file_size, info.compress_size):
        return "文件解开后大得反常，可能是压缩炸弹，未处理"
    return ""


def _name(info: zipfile.ZipInfo) -> str:
    """Return the member's name; zip programs on Chinese Windows write GBK and do not say so."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    try:
        name = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename
