"""Cells: what spreadsheet programs do to a text, a date and an id, undone."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

# Office writes control characters so; 000B is the break within a paragraph.
_ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f])_")
_BREAKS = {"000A", "000B", "000D"}
_COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:[ T]?\d{2,6})?")
_NUMBER = re.compile(r"\d{5,13}(?:\.\d{1,12})?")
_DAY_0 = datetime(1899, 12, 30)
_SERIALS = (20_000, 80_000)  # 1954 to 2119
_SECONDS = (10**9, 10**10)
_CHINA = timezone(timedelta(hours=8))
# Excel keeps 15 digits of a number; of a longer id the rest is gone.
_EXACT = 10**15
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+?(?:1[5-9]|[2-9]\d)")

_MAX_NAME_CHARS = 40
_UNSEEN = "\ufeff\u200b\u200c\u200d\u2060"
_NOTE = re.compile(r"[（(【\[][^（(【\[\]】)）]{0,12}[\]】)）]$")
_PREFIX = re.compile(r"^(?:文章|新闻|稿件|报道|资讯|信息|原文|原|文)(?=..)")

_ENDS = frozenset("。！？；：…”』」）!?;:.")
_OPEN = frozenset("，、,（(《“‘")
_CLOSING = frozenset("，。、；：！？）》”’,;%％")
_LEADING = frozenset("由到达为从至的在和与及将把对向比约近超")
# What is counted: a number at the end of a line is counted by the next.
_COUNTERS = frozenset("名人次个家万亿元%％张台例份所辆件位项")
_DATELINE = re.compile(r"(?:19|20)\d\d\s?[年./-]\s?\d{1,2}\s?[月./-][^。；！？]{0,40}")
_ITEM = re.compile(
    r"[ \t]{2}|\u3000|[一二三四五六七八九十]{1,3}[、是]|[（(][一二三四五六七八九十\d]{1,3}[）)]"
    r"|\d{1,2}[.、）)](?!\d)|[①-⑳#*•·●■▲◆-]"
)
_TITLE_CHARS = 40


def fold_name(name: object) -> str:
    """Return the name of a column without blanks, marks, notes in brackets and 文章 before it."""
    text = "" if name is None else str(name)
    if len(text) > _MAX_NAME_CHARS:
        return text
    text = unicodedata.normalize("NFKC", text).casefold()
    text = "".join(c for c in text if not c.isspace() and c not in _UNSEEN)
    text = _NOTE.sub("", text.lstrip("*").rstrip("*:："))
    return _PREFIX.sub("", text.rstrip("*:："))


def tidy(text: str) -> str:
    """Return a text with line feeds for every kind of break and without Office's escapes."""
    if "_x00" in text:
        text = _ESCAPED.sub(lambda m: _unescape(m[1].upper()), text)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unescape(code: str) -> str:
    if code in _BREAKS:
        return "\r" if code == "000D" else "\n"
    return "\t" if code == "0009" else ""


def join_lines(text: str, *, has_title: bool = False) -> str:
    """Join what a break within a cell tore apart; paragraphs, items and headings stay apart.

    Args:
        text: a tidy text.
        has_title: whether the row has its title elsewhere, so that the first line is none.
    """
    lines: list[str] = []
    n_blank = 0
    for line in text.split("\n"):
        if not line.strip():
            n_blank += 1
            continue
        is_first = len(lines) == 1 and not has_title
        if lines and _goes_on(lines[-1].rstrip(), line, is_first=is_first, n_blank=n_blank):
            lines[-1] = _join(lines[-1].rstrip(), line.strip())
        else:
            lines += [""] * (n_blank if lines else 0)
            lines.append(line)
        n_blank = 0
    return "\n".join(lines)


def _goes_on(before: str, line: str, *, is_first: bool, n_blank: int) -> bool:
    """Whether a line is the rest of the one before it."""
    start = line.lstrip()[0]
    if before[-1].isdigit() and start.isdigit():
        return False
    if before[-1] in _OPEN or start in _CLOSING or (before[-1].isdigit() and start in _COUNTERS):
        return True
    if n_blank or before[-1] in _ENDS or _ITEM.match(line) or _DATELINE.fullmatch(line.strip()):
        return False
    if before[-1] in _LEADING:
        return True
    return "。" in before or ("，" in before and not (is_first and len(before) <= _TITLE_CHARS))


def _join(before: str, line: str) -> str:
    is_latin = before[-1].isascii() and line[0].isascii() and line[0].isalnum()
    return f"{before} {line}" if is_latin else before + line


def read_date(value: object) -> str:
    """Return a date as text: of 20240516, a spreadsheet's serial or a time stamp, the ISO date."""
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).strip()
    compact = _COMPACT.fullmatch(text.removesuffix(".0"))
    if compact:
        return "-".join(compact.groups())
    return _read_number(float(text)) or text if _NUMBER.fullmatch(text) else text


def _read_number(number: float) -> str:
    if _SERIALS[0] <= number < _SERIALS[1]:
        return (_DAY_0 + timedelta(days=number)).date().isoformat()
    seconds = number / 1000 if number >= _SECONDS[1] else number
    if _SECONDS[0] <= seconds < _SECONDS[1]:
        return datetime.fromtimestamp(seconds, UTC).astimezone(_CHINA).date().isoformat()
    return ""


def read_id(value: object) -> str | int:
    """Return an id as it was given, that of a whole number without a fraction; empty if none."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value) if abs(value) < _EXACT else f"{value:.15g}"
    text = "" if value is None else str(value).strip()
    if text.startswith('="') and text.endswith('"'):  # a CSV file's way to say that it is text
        text = text[2:-1].strip()
    return text.encode("utf-8", "replace").decode()


def is_rounded(name: str | int) -> bool:
    """Whether an id is a long number that a spreadsheet rounded, so that others look the same."""
    return isinstance(name, str) and bool(_ROUNDED.fullmatch(name))
