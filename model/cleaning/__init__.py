"""Cleaning: from a text as pasted to the text that everything else reads, step by step."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.article import Span
from model.cleaning.characters import (
    HAN,
    drop_pinyin,
    fold_characters,
    simplify,
    widen_punctuation,
)
from model.cleaning.furniture import drop_furniture
from model.cleaning.heading import find_date, find_title, take_stamp
from model.cleaning.mapped import MappedText
from model.errors import InputError
from model.sentences import split_sentences

# Raised whenever the same raw text may give another cleaned text; models name the one they saw.
CLEANING_VERSION = 1

MAX_CHARS = 200_000
MIN_HAN = 10

_HAN = re.compile(f"[{HAN}]")
# Spaces say nothing at a line's end, beside punctuation, between a number and what it counts,
# or after another space.
_BLANKS = re.compile(
    rf"(?<![{HAN}A-Za-z0-9]) +| +(?![{HAN}A-Za-z0-9])|(?<= ) +"
    rf"|(?<=\d) +(?=[{HAN}])|(?<=[{HAN}]) +(?=\d)"
)
_LINE_SPACE = re.compile(r"\n(?=\n)|^\n|\n$")


@dataclass(frozen=True)
class Cleaned:
    """What cleaning found; see `Article` for the fields."""

    text: str
    offsets: npt.NDArray[np.int32]
    sentences: tuple[Span, ...]
    title: str
    date: str


def clean(raw: str) -> Cleaned:
    """Run every step in turn.

    Raises:
        InputError: the text is empty, too long, or holds hardly any Chinese.
    """
    _check_size(raw)
    mapped = fold_characters(MappedText.from_raw(raw)).delete_matches(_BLANKS)
    mapped = widen_punctuation(simplify(drop_pinyin(mapped)))
    mapped, stamp = take_stamp(mapped)
    date = stamp or find_date(mapped.text)
    mapped = drop_furniture(mapped)
    mapped = mapped.delete_matches(_BLANKS).delete_matches(_LINE_SPACE)
    _check_content(mapped.text)
    ends = np.append(mapped.offsets, np.int32(len(raw)))
    return Cleaned(mapped.text, ends, split_sentences(mapped.text), find_title(mapped.text), date)


def _check_size(raw: str) -> None:
    if not raw.strip():
        raise InputError("没有文字：请粘贴一篇文章的正文")
    if len(raw) > MAX_CHARS:
        raise InputError(
            f"文字过长：共 {len(raw):,} 字，一篇最多 {MAX_CHARS:,} 字。请把它拆成单篇文章"
        )


def _check_content(text: str) -> None:
    n_han = len(_HAN.findall(text))
    if n_han < MIN_HAN:
        raise InputError(
            f"正文太短或不是中文：清理后只有 {n_han} 个汉字，至少需要 {MIN_HAN} 个才能判断"
        )
