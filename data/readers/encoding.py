"""Encodings: bytes to text, in the order byte order mark, UTF-8, then a guess."""

from __future__ import annotations

import codecs

import cchardet

from model import InputError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# gb2312 and gbk are what pages declare; gb18030 contains both.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "hz-gb-2312": "gb18030", "big5": "big5hkscs"}
_CHINESE = frozenset({"gb18030", "big5hkscs", "utf-8"})


def decode(data: bytes) -> str:
    """Decode a text file.

    Raises:
        InputError: the bytes are no text in an encoding that Chinese text uses.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decode_as(data, name)
    if b"\0" in data:
        raise InputError("不是文本文件：内容含有二进制数据")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        guess = (cchardet.detect(data)["encoding"] or "").lower()
        return _decode_as(data, _check_guess(_WIDER.get(guess, guess)))


def _check_guess(name: str) -> str:
    if name not in _CHINESE:
        raise InputError("不是文本文件，或编码无法识别：请另存为 UTF-8 编码的文本")
    return name


def _decode_as(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except (UnicodeDecodeError, LookupError):
        raise InputError(
            f"编码有误：看似 {name}，但有无法解码的字节，请另存为 UTF-8 编码"
        ) from None
