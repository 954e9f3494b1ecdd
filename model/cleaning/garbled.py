"""Garbled text: what an editor makes of bytes that it reads in the wrong encoding."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from model.cleaning.characters import HAN, is_common
from model.cleaning.mapped import MappedText

BROKEN = "\ufffd"
# Of the Chinese characters of real articles 1.5% at most are rare ones; of UTF-8 read as GBK 40%.
RARE_SHARE = 0.3
MIN_HAN = 20
SAMPLE_CHARS = 600
# A text with so many of these is plain; one that is garbled from end to end has hardly any.
_MOST_USED = "的一是在了有人和中大国医年院"
_PLAIN_SHARE = 0.08
_HAN = re.compile(f"[{HAN}]")
_LINE = re.compile(r"[^\n]+")
_BROKEN = re.compile(f"{BROKEN}+")
_FOREIGN_MIN_CHARS = 6
_EURO = b"\x80"  # as Windows reads it


def repair_mojibake(mapped: MappedText) -> MappedText:
    """Restore lines of UTF-8 that were read as GBK, where the way back is exact.

    Three bytes make a character there and two here, so each restored character maps to the one
    that held its first byte.
    """
    if not _seems_garbled(mapped.text):
        return mapped
    pieces: list[str] = []
    sources: list[int] = []
    at = 0
    for line in _LINE.finditer(mapped.text):
        restored = _restore(line[0])
        if restored is None:
            continue
        text, firsts = restored
        pieces += [mapped.text[at : line.start()], text]
        sources += [*range(at, line.start()), *(line.start() + i for i in firsts)]
        at = line.end()
    pieces.append(mapped.text[at:])
    sources += range(at, len(mapped.text))
    return MappedText("".join(pieces), mapped.offsets[np.array(sources, dtype=np.int64)])


def warn_of_damage(text: str) -> tuple[str, ...]:
    """Say where a text seems garbled, or holds characters that could not be read."""
    warnings = []
    if "锟斤拷" in text or _seems_garbled(text):
        warnings.append("文字疑似乱码（编码读错），结果不可用；请用原文件，或另存为 UTF-8 后再试")
    n_broken = len(_BROKEN.findall(text))
    if n_broken:
        warnings.append(f"有 {n_broken} 处字符损坏，无法读出（显示为 {BROKEN}），请对照原文")
    return tuple(warnings)


def _seems_garbled(text: str) -> bool:
    sample = text[:SAMPLE_CHARS]
    if sum(map(sample.count, _MOST_USED)) > _PLAIN_SHARE * len(sample):
        return False
    han = _HAN.findall(sample)
    n_rare = sum(n for character, n in Counter(han).items() if not is_common(character))
    return len(han) >= MIN_HAN and n_rare > RARE_SHARE * len(han)


def _restore(line: str) -> tuple[str, list[int]] | None:
    """Return the restored line, and for each of its characters where it began in the garbled."""
    if sum(not character.isascii() for character in line) < _FOREIGN_MIN_CHARS:
        return None
    try:
        encoded = [_EURO if c == "€" else c.encode("gb18030") for c in line]
        text = b"".join(encoded).decode("utf-8")
    except UnicodeError:
        return None
    holders = [i for i, part in enumerate(encoded) for _ in part]
    firsts, n_bytes = [], 0
    for character in text:
        firsts.append(holders[n_bytes])
        n_bytes += len(character.encode("utf-8"))
    return text, firsts
