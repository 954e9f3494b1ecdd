"""Mail copied as text: headers and quoting off, lines that the quoting tore rejoined."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from unicodedata import east_asian_width

_SENDERS = {"发件人", "发送人", "寄件人", "from"}
_SUBJECTS = {"主题", "标题", "subject"}
_HEADER = re.compile(
    r"[>\uff1e\s*]{0,20}(发件人|发送人|寄件人|收件人|抄送|密送|主题|标题|发送时间|发送日期|日期|时间|附件"
    r"|From|To|Cc|Bcc|Subject|Date|Sent|Reply-To|Attachments?)\*{0,2}\s{0,9}[:：]\*{0,2}(.*)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"[>\uff1e\s]{0,20}(?:[-—_=]{2,40}\s{0,9}(?:原始邮件|转发的?邮件(?:信息)?|original message"
    r"|forwarded message)\s{0,9}[-—_=]{0,40}|开始转发的邮件[:：]?|begin forwarded message[:：]?"
    r"|在 ?.{0,80}写道[:：]|on .{0,120} wrote:)\s{0,9}",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"(?:(?:转发|回复|答复|fwd?|re)\s?[:：]\s{0,9}){1,9}", re.IGNORECASE)
_QUOTE = re.compile(r"(?:[>\uff1e] ?){1,20}")
_MIN_HEADERS = 2
_QUOTED_SHARE = 0.3
_MIN_QUOTED = 2
# Mail is cut at some 70 columns; a Chinese character takes two.
_MAX_COLUMNS = 100
# A number moves to the next line as a whole.
_UNBROKEN = re.compile(r"[A-Za-z0-9.,%+-]{2,20}")
_ENDED = ("。", "！", "？", "；", "”")
# So much of the longest line, in prose, is a line that went on; people break lines by hand.
_NEARLY_FULL = 0.75
_GREETING_MAX_CHARS = 40


@dataclass(frozen=True)
class Mail:
    """What a mail tells, and its subject without 转发 and 回复; empty if it gives none."""

    text: str
    subject: str


def strip_mail(text: str) -> Mail | None:
    """Return the text of a mail without its headers and its quoting, None if it is no mail."""
    lines = text.split("\n")
    blocks = _find_headers(lines)
    filled = [line for line in lines if line.strip()]
    n_quoted = sum(bool(_QUOTE.match(line)) for line in filled)
    is_quoted = n_quoted >= max(_MIN_QUOTED, _QUOTED_SHARE * len(filled))
    if not blocks and not is_quoted:
        return None
    subjects = [_subject(lines[start:end]) for start, end in blocks]
    dropped = {at for start, end in blocks for at in range(start, end)}
    dropped |= {at for at, line in enumerate(lines) if _SEPARATOR.fullmatch(line)}
    if dropped:
        dropped |= _find_greeting(lines, min(dropped))
    kept = [line for at, line in enumerate(lines) if at not in dropped]
    subject = next(filter(None, reversed(subjects)), "")
    forwarded = _FORWARDED.match(subject)
    return Mail("\n".join(_unquote(kept)), subject[forwarded.end() if forwarded else 0 :].strip())


def _find_headers(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return start and end of the runs of header lines with a sender among them."""
    blocks = []
    at = 0
    while at < len(lines):
        start, names = at, set()
        while at < len(lines) and (match := _HEADER.fullmatch(lines[at])):
            names.add(match[1].lower())
            at += 1
        if len(names) >= _MIN_HEADERS and names & _SENDERS:
            blocks.append((start, at))
        at = max(at, start + 1)
    return blocks


def _subject(lines: Sequence[str]) -> str:
    matches = (_HEADER.fullmatch(line) for line in lines)
    return next((m[2].strip(" *\t\u3000") for m in matches if m and m[1].lower() in _SUBJECTS), "")


def _find_greeting(lines: Sequence[str], end: int) -> set[int]:
    """Return the lines above the mail that pass it on, if they are short and tell no number."""
    above = "".join(lines[:end])
    is_greeting = len(above) <= _GREETING_MAX_CHARS and not any(c.isdigit() for c in above)
    return set(range(end)) if is_greeting else set()


def _unquote(lines: Sequence[str]) -> list[str]:
    """Take the marks off and join the lines that were cut at a fixed width."""
    marks = [_QUOTE.match(line) for line in lines]
    bare = [line[mark.end() :] if mark else line for line, mark in zip(lines, marks, strict=True)]
    is_full = _find_full([line if mark else "" for line, mark in zip(bare, marks, strict=True)])
    joined = bare[:1]
    for at, (before, line) in enumerate(pairwise(bare)):
        is_cut = is_full[at] and bool(marks[at + 1]) and not before.rstrip().endswith(_ENDED)
        if is_cut and line.strip() and not line.startswith((" ", "\u3000")):
            joined[-1] += line
        else:
            joined.append(line)
    return joined


def _find_full(lines: Sequence[str]) -> list[bool]:
    """Tell the lines as long as the longest, by columns, characters or bytes."""
    moved = [match[0] if (match := _UNBROKEN.match(line)) else "" for line in (*lines[1:], "")]
    whole = [line.rstrip() + word for line, word in zip(lines, moved, strict=True)]
    measured = [[measure(line.rstrip()) for line in lines] for measure, _ in _MEASURES]
    if not lines or max(measured[0]) > _MAX_COLUMNS:
        return [False] * len(lines)
    longest = [max(m) - slack for m, (_, slack) in zip(measured, _MEASURES, strict=True)]
    measured.append([_count_columns(line) for line in whole])
    longest.append(max(measured[0]) + 1)
    nearly = _NEARLY_FULL * max(measured[0])
    return [
        bool(line.strip())
        and (
            any(m[at] >= n for m, n in zip(measured, longest, strict=True))
            or ("，" in line and measured[0][at] >= nearly)
        )
        for at, line in enumerate(lines)
    ]


def _count_columns(line: str) -> int:
    return sum(1 + (east_asian_width(c) in "WF") for c in line)


# How programs count a line, and by how much a full one may fall short.
_MEASURES: tuple[tuple[Callable[[str], int], int], ...] = (
    (_count_columns, 3),
    (len, 1),
    (lambda line: len(line.encode("utf-8", "replace")), 5),
)
