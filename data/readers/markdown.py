"""Markdown to plain text: marks go, front matter gives title and date, tables become lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from data.readers.grid import table_lines
from data.readers.hints import LineNote
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
    """The text without marks; title and date, if the front matter or a first heading has them.

    `notes` say what the marks said of lines: headings, items, quotes, rows.
    """

    text: str
    title: str
    date: str
    notes: tuple[LineNote, ...] = ()


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
    read = list(_read_lines(lines))
    heading = next((n.words for n in read if n.kind == "heading" and n.level == 1), "")
    title = front.get("title", "") or heading
    notes = tuple(_as_title(note, title) for note in read if note.kind)
    text = "\n".join(note.words for note in read)
    return Markdown(text, title, front.get("date", ""), notes)


def _as_title(note: LineNote, title: str) -> LineNote:
    is_title = note.kind == "heading" and note.words == title
    return replace(note, kind="title") if is_title else note


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


def _read_lines(lines: list[str]) -> Iterator[LineNote]:
    """Yield the lines without marks, noted as what their marks said; many are noted as nothing."""
    at = 0
    while at < len(lines):
        if _FENCE.match(lines[at]):
            end = _find_fence(lines, at)
            yield from (_note(line) for line in _code(lines[at + 1 : end]))
            at = end + 1
        elif _starts_table(lines, at):
            end = next((i for i in range(at + 2, len(lines)) if "|" not in lines[i]), len(lines))
            rows = table_lines([_cells(line) for line in (lines[at], *lines[at + 2 : end])])
            yield from (_note(row, "table_row") for row in rows)
            at = end
        else:
            yield _read_line(lines[at])
            at += 1


def _note(words: str, kind: str = "", level: int = 0, *, is_sure: bool = True) -> LineNote:
    return LineNote(words, kind, level, "markdown", is_sure)


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


def _read_line(line: str) -> LineNote:
    if _RULE.fullmatch(_without_blanks(line)):
        return _note("")
    heading = _HEADING.fullmatch(line)
    if heading:
        return _note(_plain(heading[2]).rstrip("# "), "heading", len(heading[1]))
    quote = _QUOTE.match(line)
    bare = line[quote.end() :] if quote else line
    item = _ITEM.match(bare)
    for mark in (_ITEM, _NOTE):
        match = mark.match(bare)
        bare = bare[match.end() :] if match else bare
    if item or quote:
        return _note(_plain(bare), "list_item" if item else "quote")
    is_bold = _BOLD.fullmatch(bare.strip())
    return _note(_plain(bare), "heading" if is_bold else "", is_sure=False)


def _plain(text: str) -> str:
    for pattern, kept in _INLINE:
        text = pattern.sub(kept, text)
    return text.strip()
