"""Mail: heads of forwarded messages, and the `>` before every line of a quoted one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

from model.cleaning.mapped import MappedText

_MARK = re.compile(r"^[ \t]*+(?:>[ \t]?)+", re.MULTILINE)
# `>60岁` compares; `> 60岁`, or `>` before words, quotes.
_COMPARES = re.compile(r"^[ \t]*+>[0-9]", re.MULTILINE)
_ENDED = re.compile(r"[。！？!?…；;：:][”’」』）)》】\"]*$")
MIN_COLUMNS = 30
RAGGED_COLUMNS = 4

_FIELD = re.compile(
    r"^[ \t*]*+"
    r"(?P<name>发件人|寄件人|发信人|收件人|收信人|抄送|密送|主题|标题|发送时间|发送日期|发件时间"
    r"|日期|时间|附件|优先级|From|To|Cc|Bcc|Subject|Date|Sent|Reply-To)[*]?[ \t]{0,3}[：:]",
    re.IGNORECASE | re.MULTILINE,
)
_SENDERS = frozenset({"发件人", "寄件人", "发信人", "from"})
MIN_FIELDS = 2
# What every head and divider has; most texts have none of it.
_IS_MAIL = re.compile("[件信]人|邮件|写道|发自我的|[Ff]rom|FROM|[Mm]essage|wrote")
_DIVIDER = re.compile(
    r"^[ \t]*(?:[-—_*=]{2,20}[ \t]?(?:原始邮件|邮件原件|转发邮件(?:信息)?|转发的邮件"
    r"|回复的(?:原)?邮件|Original Message|Forwarded message)[ \t]?[-—_*=]{0,20}"
    r"|(?:在|于|On )[^\n。]{4,80}[0-9][^\n。]{0,80}(?:写道|wrote)[ \t]?[：:]"
    r"|发自我的[ \t]?[^\n。，]{2,16}|Sent from my [^\n]{2,20})[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)


def drop_mail(mapped: MappedText) -> MappedText:
    """Drop what mail adds around and before the lines of a message; join what it wrapped."""
    if ">" in mapped.text:
        mapped = mapped.delete(_quoting(mapped))
    if not _IS_MAIL.search(mapped.text):
        return mapped
    return mapped.delete(_heads(mapped)).delete_matches(_DIVIDER)


def _heads(mapped: MappedText) -> Iterator[tuple[int, int]]:
    """Lines with fields of a message's head, side by side, one of which names its sender."""
    spans = mapped.line_spans()
    names = [_field_name(mapped.text[start:end]) for start, end in spans]
    for is_field, run in groupby(range(len(spans)), key=lambda i: bool(names[i])):
        rows = list(run)
        if is_field and len(rows) >= MIN_FIELDS and any(names[i] in _SENDERS for i in rows):
            yield spans[rows[0]][0], spans[rows[-1]][1]


def _field_name(line: str) -> str:
    field = _FIELD.match(line)
    return field["name"].lower() if field else ""


def _quoting(mapped: MappedText) -> Iterator[tuple[int, int]]:
    """The marks of quoted lines, and the line ends that stand where a message was wrapped."""
    spans = mapped.line_spans()
    text = mapped.text
    for is_marked, run in groupby(spans, key=lambda s: _MARK.match(text, *s) is not None):
        block = list(run)
        if not is_marked or all(_COMPARES.match(text, *span) for span in block):
            continue
        marks = [found for span in block if (found := _MARK.match(text, *span))]
        yield from (mark.span() for mark in marks)
        bodies = [(mark.end(), end) for mark, (_, end) in zip(marks, block, strict=True)]
        yield from _wrapped(text, bodies)


def _wrapped(text: str, bodies: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    columns = [_count_columns(text[start:end].rstrip()) for start, end in bodies]
    width = max(columns)
    if width < MIN_COLUMNS:
        return
    for i in range(len(bodies) - 1):
        is_full = columns[i] >= width - RAGGED_COLUMNS and columns[i + 1] > 0
        if is_full and not _ENDED.search(text[slice(*bodies[i])].rstrip()):
            yield bodies[i][1], bodies[i + 1][0]


def _count_columns(line: str) -> int:
    """Columns that a line takes where a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in line)
