"""Styles of Word: what the style, the outline level, numbers and type of a paragraph say of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from data.readers.hints import LineNote

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Word's own names of styles, and those of its Chinese edition.
_NAMES = (
    (re.compile(r"(?:heading|标题) ?(?P<level>[1-9])"), "heading"),
    (re.compile(r"title|标题"), "title"),
    (re.compile(r"caption|题注|图注"), "caption"),
    (re.compile(r"(?:intense )?quote|(?:明显)?引用"), "quote"),
    (re.compile(r"list (?:bullet|number)(?: \d)?|列表(?:项目符号|编号)(?: \d)?"), "list_item"),
)
_MAX_DEPTH = 10
_BODY_LEVEL = 9  # the outline's name for what is no heading
_OFF = {"0", "false", "off", "none"}
_USUAL_SIZE = 21  # half points
_HEAD_MAX_CHARS = 60
_LARGE = 1.25
_TITLE_WITHIN = 3


@dataclass(frozen=True)
class _Style:
    """What a style says by itself; `size` in half points, 0 and None where it says nothing."""

    kind: str
    level: int
    size: int
    is_bold: bool | None
    based_on: str


@dataclass(frozen=True)
class Look:
    """How a paragraph is set: its kind by style or outline, its list, its type."""

    words: str
    kind: str
    level: int
    list_id: str
    size: int
    is_bold: bool


class Styles:
    """The styles of a document, by their ids."""

    def __init__(self, styles: Any) -> None:
        self._styles = {
            style.get(f"{_W}styleId"): _read_style(style) for style in styles.iter(f"{_W}style")
        }
        size = styles.find(f"{_W}docDefaults/{_W}rPrDefault/{_W}rPr/{_W}sz")
        self._size = _number(size, 20)  # Word's own where nothing is said
        self._default = next(
            (
                style.get(f"{_W}styleId")
                for style in styles.iter(f"{_W}style")
                if style.get(f"{_W}default") == "1" and style.get(f"{_W}type") == "paragraph"
            ),
            "",
        )

    def look_at(self, paragraph: Any, words: str) -> Look:
        """Return how a paragraph with these words is set."""
        properties = paragraph.find(f"{_W}pPr")
        own = None if properties is None else properties.find(f"{_W}pStyle")
        chain = self._chain(self._default if own is None else own.get(f"{_W}val", ""))
        kind, level = next(((s.kind, s.level) for s in chain if s.kind), ("", 0))
        outline = _number(_find(properties, "outlineLvl"), _BODY_LEVEL)
        if not kind and outline < _BODY_LEVEL:
            kind, level = "heading", outline + 1
        size = next((s.size for s in chain if s.size), self._size)
        is_bold = next((s.is_bold for s in chain if s.is_bold is not None), False)
        size, is_bold = _read_runs(paragraph, size, is_bold)
        list_id = _find(_find(properties, "numPr"), "numId")
        number = "" if list_id is None else list_id.get(f"{_W}val", "")
        return Look(words, kind, level, "" if number == "0" else number, size, is_bold)

    def _chain(self, style_id: str) -> list[_Style]:
        """A style and those it is based on."""
        chain: list[_Style] = []
        while style_id in self._styles and len(chain) < _MAX_DEPTH:
            chain.append(self._styles[style_id])
            style_id = chain[-1].based_on
        return chain


def note_looks(looks: Sequence[Look]) -> list[LineNote]:
    """Return what the looks of all paragraphs, in order, say of their lines."""
    seen = [look for look in looks if look.words.strip()]
    sizes = Counter[int]()
    for look in seen:
        sizes[look.size] += len(look.words)
    usual = sizes.most_common(1)[0][0] if sizes else _USUAL_SIZE
    bold = sum(len(look.words) for look in seen if look.is_bold)
    is_bold_rare = 2 * bold < sizes.total()
    notes: list[LineNote] = []
    for i, look in enumerate(seen):
        beside = {other.list_id for other in (*seen[max(0, i - 1) : i], *seen[i + 1 : i + 2])}
        note = _note(look, usual, in_list=look.list_id in beside, is_bold_rare=is_bold_rare)
        is_high = i < _TITLE_WITHIN and not any("。" in other.words for other in seen[:i])
        if note and note.kind == "heading" and is_high and _is_top(look, seen, usual):
            note = LineNote(look.words, "title", 0, "word")
        if note:
            notes.append(note)
    return notes


def _is_top(look: Look, looks: Sequence[Look], usual: int) -> bool:
    """Whether a heading is the only one of its level, or the largest where nothing has a level."""
    if look.level:
        return sum(0 < other.level <= look.level for other in looks) == 1
    sizes = [other.size for other in looks if len(other.words) <= _HEAD_MAX_CHARS]
    return look.size >= max(_LARGE * usual, *sizes)


def _note(look: Look, usual: int, *, in_list: bool, is_bold_rare: bool) -> LineNote | None:
    words = look.words
    if look.kind:
        return LineNote(words, look.kind, look.level, "word")
    if look.list_id:
        is_head = not in_list and len(words) <= _HEAD_MAX_CHARS
        kind = "heading" if is_head else "list_item"
        return LineNote(words, kind, 0, "word", is_sure=in_list)
    stands_out = look.size >= _LARGE * usual or (look.is_bold and is_bold_rare)
    if stands_out and len(words) <= _HEAD_MAX_CHARS:
        return LineNote(words, "heading", 0, "word", is_sure=False)
    return None


def _read_style(style: Any) -> _Style:
    name = _find(style, "name")
    words = "" if name is None else name.get(f"{_W}val", "").lower()
    kind, level = "", 0
    for pattern, called in _NAMES:
        match = pattern.fullmatch(words)
        if match:
            kind, level = called, int(match.groupdict().get("level") or 0)
            break
    outline = _number(_find(_find(style, "pPr"), "outlineLvl"), _BODY_LEVEL)
    if not kind and outline < _BODY_LEVEL:
        kind, level = "heading", outline + 1
    type_ = _find(style, "rPr")
    based_on = _find(style, "basedOn")
    return _Style(
        kind, level, _number(_find(type_, "sz"), 0), _is_on(_find(type_, "b")),
        "" if based_on is None else based_on.get(f"{_W}val", ""),
    )  # fmt: skip


def _read_runs(paragraph: Any, size: int, is_bold: bool) -> tuple[int, bool]:
    """Return the size of most characters, and whether all are bold."""
    sizes = Counter[int]()
    bold = True
    for run in paragraph.iter(f"{_W}r"):
        n_chars = sum(len((text.text or "").strip()) for text in run.iter(f"{_W}t"))
        if n_chars:
            look = _find(run, "rPr")
            sizes[_number(_find(look, "sz"), size)] += n_chars
            own = _is_on(_find(look, "b"))
            bold &= is_bold if own is None else own
    return (sizes.most_common(1)[0][0], bold) if sizes else (size, is_bold)


def _find(element: Any, name: str) -> Any:
    return None if element is None else element.find(f"{_W}{name}")


def _is_on(mark: Any) -> bool | None:
    return None if mark is None else mark.get(f"{_W}val", "1").lower() not in _OFF


def _number(mark: Any, other: int) -> int:
    value = "" if mark is None else mark.get(f"{_W}val", "")
    return int(value) if value.isascii() and value.isdigit() else other


def title_of(notes: Iterable[LineNote]) -> str:
    """Return the words of the title that notes name, or an empty string."""
    return next((note.words for note in notes if note.kind == "title"), "")
