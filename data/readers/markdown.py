"""Markdown to plain text: marks go, front matter gives title and date, tables become lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from data.readers.grid import table_lines
from model.cleaning.characters import count_han

_FRONT = re.compile(r"\s{0,20}---[ \t]*\n((?:[^\n]*\n){1,80}?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_FRONT_LINE = re.compile(r"[\w .-]{1,40}[:：].*|\s*-\s.*|\s+.*|#.*|")
_FRONT_FIELD = re.compile(
    r"(title|date|published|pubdate|标题|日期)\s{0,9}[:：]\s{0,9}(.*)", re.IGNORECASE
)
_TITLES, _DATES = {"title", "标题"}, {"date", "published", "pubdate", "日期"}
_FENCE = re.compile(r"\s{0,3}(```|~~~)")
# A line below the head of a table, and one across the page, without the blanks around and in it.
_DELIMITER = re.compile(r"\|?:?-{1,200}:?(?:\|:?-{1,200}:?){0,60}\|?")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)")
_RULE = re.compile(r"-{3,}|\*{3,}|_{3,}|={3,}")
_NOTE = re.compile(r"\[\^[^\]\s]{1,30}\]:[ \t]*")
_QUOTE = re.compile(r"[ \t]{0,3}(?:>[ \t]?){1,9}")
_ITEM = re.compile(
    r"[ \t]{0,12}[-*+][ \t]+(?:\[[ xX]\][ \t]+)?|[ \t]{0,12}\d{1,3}[.)][ \t]+\[[ xX]\][ \t]+"
)
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]{1,300})\*\*|__(?=\S)([^_\n]{1,300})__")
_LINK = re.compile(
    r"\[([^\[\]\n]{0,300})\]\([^()\n]{0,500}\)|\[([^\[\]\n]{0,300})\]\[[^\[\]\n]{0,60}\]"
)
_INLINE = (
    (re.compile(r"!\[[^\[\]\n]{0,300}\]\([^()\n]{0,500}\)"), ""),
    (_LINK, r"\1"),
    (re.compile(r"\[\^[^\]\s]{1,30}\]"), ""),
    (re.compile(r"<https?://[^<>\s]{1,500}>"), ""),
    (_BOLD, r"\1\2"),
    (re.compile(r"(?<![*\d])\*([^*\s][^*\n]{0,300})\*(?![*\d])"), r"\1"),
    (re.compile(r"~~[^~\n]{1,300}~~"), ""),
    (re.compile(r"`{1,2}([^`\n]{1,300})`{1,2}"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!>~|-])"), r"\1"),
)
# A block of code with this much Chinese is prose that was set apart.
_MIN_PROSE_HAN = 30
_MIN_KINDS = 2


@dataclass(frozen=True)
class Markdown:
    """The text without marks; title and date, if the front matter or a first heading has them."""

    text: str
    title: str
    date: str


def is_markdown(text: str) -> bool:
    """Whether a text has marks of several kinds, or front matter."""
    if _read_front(text) is not None:
        return True
    lines = text.split("\n")
    kinds = (
        any(_HEADING.fullmatch(line) for line in lines),
        any("|" in line and _DELIMITER.fullmatch(_without_blanks(line)) for line in lines),
        any(map(_FENCE.match, lines)),
        bool(_BOLD.search(text)),
        bool(_LINK.search(text)),
        bool(re.search(r"^\[\^[^\]\s]{1,30}\]:", text, re.MULTILINE)),
    )
    return sum(kinds) >= _MIN_KINDS


def strip_markdown(text: str) -> Markdown:
    """Return what a text in Markdown says."""
    front = _read_front(text) or {}
    body = text[_FRONT.match(text).end() :] if front else text  # type: ignore[union-attr]
    lines = body.split("\n")
    headings = (_HEADING.fullmatch(line) for line in lines)
    heading = next((_plain(m[2]).rstrip("# ") for m in headings if m and len(m[1]) == 1), "")
    return Markdown(
        "\n".join(_read_lines(lines)), front.get("title", "") or heading, front.get("date", "")
    )


def _read_front(text: str) -> dict[str, str] | None:
    """Return title and date of the front matter, None where there is none."""
    match = _FRONT.match(text)
    if match is None or not all(map(_FRONT_LINE.fullmatch, match[1].split("\n"))):
        return None
    found = {"": ""}
    for field in map(_FRONT_FIELD.fullmatch, match[1].split("\n")):
        if field:
            key = "title" if field[1].lower() in _TITLES else "date"
            found.setdefault(key, field[2].strip(" \t\r\"'"))
    return found if len(found) > 1 else None


def _read_lines(lines: list[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        if _FENCE.match(lines[at]):
            end = _find_fence(lines, at)
            yield from _code(lines[at + 1 : end])
            at = end + 1
        elif _starts_table(lines, at):
            end = next((i for i in range(at + 2, len(lines)) if "|" not in lines[i]), len(lines))
            yield from table_lines([_cells(line) for line in (lines[at], *lines[at + 2 : end])])
            at = end
        else:
            yield _read_line(lines[at])
            at += 1


def _find_fence(lines: list[str], start: int) -> int:
    """Return where a block of code ends; one that never does is none."""
    mark = lines[start].strip()[:3]
    ends = (i for i in range(start + 1, len(lines)) if lines[i].strip().startswith(mark))
    return next(ends, start)


def _code(lines: list[str]) -> list[str]:
    return lines if count_han("".join(lines)) >= _MIN_PROSE_HAN else []


def _starts_table(lines: list[str], at: int) -> bool:
    is_next = at + 1 < len(lines) and "|" in lines[at] and "-" in lines[at + 1]
    is_table = is_next and "|" in lines[at + 1]
    return is_table and bool(_DELIMITER.fullmatch(_without_blanks(lines[at + 1])))


def _without_blanks(line: str) -> str:
    return "".join(line.split())


def _cells(line: str) -> list[str]:
    return [_plain(cell) for cell in line.strip().strip("|").replace("\\|", "｜").split("|")]


def _read_line(line: str) -> str:
    if _RULE.fullmatch(_without_blanks(line)):
        return ""
    heading = _HEADING.fullmatch(line)
    if heading:
        return _plain(heading[2]).rstrip("# ")
    bare = _QUOTE.sub("", line, count=1) if _QUOTE.match(line) else line
    for mark in (_ITEM, _NOTE):
        match = mark.match(bare)
        bare = bare[match.end() :] if match else bare
    return _plain(bare)


def _plain(text: str) -> str:
    for pattern, kept in _INLINE:
        text = pattern.sub(kept, text)
    return text.strip()
