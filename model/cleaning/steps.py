"""Cleaning: from a text as pasted to the text that everything else reads, step by step."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.cleaning.blanks import drop_blanks
from model.cleaning.characters import (
    count_han,
    drop_pinyin,
    fold_characters,
    fold_lines,
    simplify,
    widen_punctuation,
)
from model.cleaning.credits import drop_credits
from model.cleaning.furniture import drop_furniture
from model.cleaning.garbled import repair_mojibake, warn_of_damage
from model.cleaning.heading import (
    drop_masthead,
    drop_repeated_title,
    find_date,
    find_original_title,
    find_publisher,
    find_title,
    take_stamp,
)
from model.cleaning.mail import drop_mail
from model.cleaning.mapped import MappedText
from model.cleaning.margins import drop_margins, find_repeated_title
from model.cleaning.paragraphs import rejoin
from model.cleaning.signs import drop_note_marks, fold_signs
from model.cleaning.slips import repair_slips
from model.cleaning.turns import find_turns
from model.errors import InputError
from model.spans import Turn

# Raised whenever the same raw text may give another cleaned text; models name the one they saw.
CLEANING_VERSION = 4

MAX_CHARS = 200_000
MIN_HAN = 10

_LINE_SPACE = re.compile(r"\n(?=\n)|^\n|\n\Z")


# Dropping one thing may bring another to light; so often at most the steps are taken again.
MAX_PASSES = 6


@dataclass(frozen=True)
class Cleaned:
    """What cleaning found; see `Article` for the fields."""

    text: str
    offsets: npt.NDArray[np.int32]
    turns: tuple[Turn, ...]
    title: str
    date: str
    published_in: str
    warnings: tuple[str, ...]


def clean(raw: str) -> Cleaned:
    """Run every step in turn, until none finds more to do.

    Raises:
        InputError: the text is empty, too long, or holds hardly any Chinese.
    """
    _check_size(raw)
    mapped = read_characters(repair_mojibake(fold_lines(MappedText.from_raw(raw))))
    mapped, date = take_stamp(mapped)
    date = date or find_date(mapped.text)
    published_in = find_publisher(mapped.text)
    repeated, original = find_repeated_title(mapped.text), find_original_title(mapped.text)
    n_moved, before = 0, ""
    for _ in range(MAX_PASSES):
        if mapped.text == before:
            break
        before = mapped.text
        rejoined = rejoin(drop_surroundings(read_characters(mapped)))
        mapped = drop_repeated_title(take_stamp(rejoined.mapped)[0])
        n_moved += rejoined.n_moved
    _check_content(mapped.text)
    ends = np.append(mapped.offsets, np.int32(len(raw)))
    return Cleaned(
        mapped.text,
        ends,
        find_turns(mapped.text),
        _choose_title(mapped.text, repeated, original),
        date,
        published_in,
        (*warn_of_damage(mapped.text), *_warn(n_moved, rejoined.torn)),
    )


def read_characters(mapped: MappedText) -> MappedText:
    """One form for each character: folded, without readings, repaired, simplified."""
    mapped = drop_mail(fold_characters(fold_signs(mapped)))
    mapped = drop_note_marks(drop_pinyin(drop_blanks(mapped)))
    return widen_punctuation(simplify(drop_pinyin(repair_slips(mapped))))


def drop_surroundings(mapped: MappedText) -> MappedText:
    """Leave the article's own lines: no furniture, no credits, no empty lines."""
    mapped = drop_masthead(drop_credits(drop_furniture(drop_margins(mapped))))
    return drop_blanks(mapped).delete_matches(_LINE_SPACE)


def _choose_title(text: str, repeated: str, original: str) -> str:
    """The title that the page repeats where it is left, else the line at the top."""
    if repeated and any(line.startswith(repeated) for line in text.split("\n")):
        return repeated
    found = find_title(text)
    is_sentence = found.endswith(tuple("！？!?")) and original
    return original if is_sentence else found or original


def _warn(n_moved: int, torn: tuple[str, ...]) -> tuple[str, ...]:
    moved = (f"有 {n_moved} 处断开的句子已跨段接回，请对照原文",) if n_moved else ()
    return (*moved, *(f"“…{line}”似乎没有完，未找到下文，请对照原文" for line in torn))


def _check_size(raw: str) -> None:
    if not raw.strip():
        raise InputError("没有文字：请粘贴一篇文章的正文")
    if len(raw) > MAX_CHARS:
        raise InputError(
            f"文字过长：共 {len(raw):,} 字，一篇最多 {MAX_CHARS:,} 字。请把它拆成单篇文章"
        )


def _check_content(text: str) -> None:
    n_han = count_han(text)
    if n_han < MIN_HAN:
        raise InputError(
            f"正文太短或不是中文：清理后只有 {n_han} 个汉字，至少需要 {MIN_HAN} 个才能判断"
        )
