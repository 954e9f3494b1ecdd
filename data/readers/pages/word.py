"""DOCX: paragraphs and tables in the order of the text, text boxes where they are anchored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from data.readers.document import Document, parsing
from data.readers.hints import LineNote, place_notes
from data.readers.items import Item, Problem
from data.readers.packages import check_package
from data.readers.pages.word_styles import Look, Styles, note_looks, title_of
from data.readers.pages.word_table import read_table
from model import Article, InputError

MAX_UNPACKED_BYTES = 256 << 20
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
# Fallback repeats a text box for old programs; the others were deleted or are no text.
_SKIPPED = {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    f"{_W}moveFrom",
    f"{_W}del",
    f"{_W}instrText",
    f"{_W}rt",  # how the characters below it are read aloud
}
_TEXTS = {f"{_W}t", f"{_M}t"}
_SIGNS = {f"{_W}noBreakHyphen": "-", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}tab": "\t"}
_ENDS = {f"{_W}p": "\n", f"{_W}tr": "\n", f"{_M}num": "/"}
_RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_LOWERED = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_EXPONENT = re.compile(r"[-+]?\d{1,3}")
_NOTE = re.compile(r"[\[\uff3b（(]?[\d*,，、—–\-①-⑳]{1,9}[\])）\uff3d]?")
_OFF = {"0", "false", "off"}
# Word's own names of the style of titles, by its number in the outline, or in Chinese.
_HEADING = re.compile(r"(?:heading|标题)\s?1|title|标题", re.IGNORECASE)
_DATE_OR_SOURCE = re.compile(
    r"(?:19|20)\d\d\s?[年./-]\s?\d{1,2}\s?[月./-]\s?\d{1,2}|(?:来源|出处)[:：]"
)
_DATELINE = re.compile(r"[^。！？]{4,60}")
_DATELINE_WITHIN = 3
_MIN_PART_CHARS = 60
_MIN_ARTICLES = 2


@dataclass
class _Part:
    """A stretch of the body from one heading to the next."""

    title: str
    lines: list[str] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    rows: list[LineNote] = field(default_factory=list)

    @property
    def is_article(self) -> bool:
        """Whether it has a date or source of its own, and text enough."""
        top = [line for line in self.lines if line.strip()][:_DATELINE_WITHIN]
        has_dateline = any(_is_dateline(line.strip()) for line in top)
        return has_dateline and sum(map(len, self.lines)) >= _MIN_PART_CHARS

    @property
    def text(self) -> str:
        """Return the text with its heading."""
        return "\n".join([self.title, *self.lines] if self.title else self.lines)


def read_docx(document: Document) -> Iterator[Item]:
    """Read one article, or each of a digest whose headings are followed by a date or source.

    Raises:
        InputError: it is no Word document or too large, or its text is no article.
    """
    import docx

    stream = document.read_seekable()
    check_package(stream, MAX_UNPACKED_BYTES)
    with parsing("Word 文档"):
        package = docx.Document(stream)
        walker = _Walker(_hidden_styles(package.styles))
        parts = _part(package, walker)
        title = (package.core_properties.title or "").strip()
    articles = [part for part in parts if part.is_article]
    if len(articles) >= _MIN_ARTICLES:
        yield from _read_digest(parts, document)
        return
    text = "\n".join(part.text for part in parts)
    notes = _note_parts(parts)
    article = Article.from_raw(
        text,
        id=document.id,
        title=title if title and title in text else title_of(notes),  # it may be a template's
        source=document.source,
        hints=place_notes(text, notes),
    )
    n_datelines = _count_datelines(text)
    note = f"文中有 {n_datelines} 处日期、来源行，像是几篇文章合在一起；请拆成单篇再读"
    several = n_datelines >= _MIN_ARTICLES
    yield replace(article, warnings=(note, *article.warnings)) if several else article


def _read_digest(parts: list[_Part], document: Document) -> Iterator[Item]:
    """Read each article; a part without a date goes with the one before it."""
    whole: list[_Part] = []
    for part in parts:
        if part.is_article or not whole:
            whole.append(part)
        else:
            whole[-1].lines += part.text.split("\n")
            whole[-1].looks += part.looks
            whole[-1].rows += part.rows
    first = (
        "" if whole[0].is_article else f"；开头的“{whole[0].text.strip():.20}”不属于哪一篇，未读"
    )
    whole = [part for part in whole if part.is_article]
    for number, part in enumerate(whole, 1):
        name = f"{document.id}:{number}"
        try:
            hints = place_notes(part.text, _note_parts([part]))
            article = Article.from_raw(part.text, id=name, source=document.source, hints=hints)
        except InputError as error:
            yield Problem(name, document.source, str(error))
            continue
        note = f"这个文件里有 {len(whole)} 篇文章，这是第 {number} 篇{first if number == 1 else ''}"
        yield replace(article, warnings=(note, *article.warnings))


def _note_parts(parts: list[_Part]) -> list[LineNote]:
    """Return what styles and tables say of the lines of parts."""
    looks = [look for part in parts for look in part.looks]
    return note_looks(looks) + [row for part in parts for row in part.rows]


def _is_dateline(line: str) -> bool:
    """Whether a short line holds a date or a source."""
    return bool(_DATELINE.fullmatch(line) and _DATE_OR_SOURCE.search(line))


def _count_datelines(text: str) -> int:
    """Count the lines of a date and a source, each with text enough below it."""
    n_found, n_chars = 0, _MIN_PART_CHARS
    last = len(text)
    for line in text.split("\n"):
        last -= len(line) + 1
        is_line = "来源" in line and _is_dateline(line.strip())
        if is_line and n_chars >= _MIN_PART_CHARS <= last:
            n_found, n_chars = n_found + 1, 0
        else:
            n_chars += len(line)
    return n_found


def _part(package: Any, walker: _Walker) -> list[_Part]:
    """Part the body at the headings of the first level."""
    from lxml import etree

    headings = {
        style.get(f"{_W}styleId")
        for style in package.styles.element.iter(f"{_W}style")
        if (name := style.find(f"{_W}name")) is not None
        and _HEADING.fullmatch(name.get(f"{_W}val", ""))
    }
    styles = Styles(package.styles.element)
    parts = [_Part("")]
    for element in package.element.body.iterchildren(tag=etree.Element):
        text = walker.read(element)
        style = element.find(f"{_W}pPr/{_W}pStyle")
        is_heading = style is not None and style.get(f"{_W}val") in headings and text.strip()
        if is_heading:
            parts.append(_Part(text.strip("\n")))
        elif text:
            parts[-1].lines.append(text.removesuffix("\n"))
        if element.tag == f"{_W}p":
            parts[-1].looks += [styles.look_at(element, line) for line in text.split("\n") if line]
        parts[-1].rows += walker.take_rows()
    return parts if parts[0].lines else parts[1:] or parts


def _hidden_styles(styles: Any) -> frozenset[str]:
    found = (s for s in styles.element.iter(f"{_W}style") if _is_on(s.find(f"{_W}rPr/{_W}vanish")))
    return frozenset(style.get(f"{_W}styleId") for style in found)


def _is_on(mark: Any) -> bool:
    return mark is not None and mark.get(f"{_W}val", "1").lower() not in _OFF


class _Walker:
    """Gives the text of elements; `Paragraph.text` would leave out insertions and text boxes."""

    def __init__(self, hidden: frozenset[str]) -> None:
        self._hidden = hidden
        self._rows: list[LineNote] = []

    def take_rows(self) -> list[LineNote]:
        """Return notes on the rows of tables that were read since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def read(self, element: Any) -> str:
        """Return the text of an element with what is in it."""
        pieces: list[str] = []
        self._walk(element, pieces)
        return "".join(pieces)

    def _walk(self, root: Any, pieces: list[str]) -> None:
        from lxml.etree import iterwalk

        walker = iterwalk(root, events=("start", "end"))
        for event, element in walker:
            tag = element.tag
            if event == "end":
                if tag in _ENDS:
                    pieces.append(_ENDS[tag])
            elif self._is_left_out(element):
                walker.skip_subtree()
            elif tag == f"{_W}tbl" and (table := read_table(element, self.read)) is not None:
                pieces.append(table)
                self._rows += [LineNote(row, "table_row", 0, "word") for row in table.split("\n")]
                walker.skip_subtree()
            elif tag in _TEXTS:
                pieces.append(_shift(element, pieces[-1][-1:] if pieces else ""))
            elif tag in _SIGNS and element.getparent().tag == f"{_W}r":  # not a stop of a tab
                pieces.append(_SIGNS[tag])

    def _is_left_out(self, element: Any) -> bool:
        if element.tag != f"{_W}r":
            return element.tag in _SKIPPED
        return self._is_hidden(element)

    def _is_hidden(self, run: Any) -> bool:
        look = run.find(f"{_W}rPr")
        if look is None:
            return False
        vanish = look.find(f"{_W}vanish")
        if vanish is not None:
            return _is_on(vanish)
        style = look.find(f"{_W}rStyle")
        return style is not None and style.get(f"{_W}val") in self._hidden


def _shift(element: Any, before: str) -> str:
    """Return a text as it is, raised or lowered; the mark of a note is left out.

    A raised number behind a unit or a number is an exponent, `before` being the last character.
    """
    text: str = element.text or ""
    parent = element.getparent()
    place = parent.find(f"{_W}rPr/{_W}vertAlign")
    shift = "" if place is None else place.get(f"{_W}val", "")
    if parent.getparent() is not None and parent.getparent().tag in (f"{_M}sup", f"{_M}sub"):
        shift = {"sup": "superscript", "sub": "subscript"}[parent.getparent().tag.removeprefix(_M)]
    if shift == "subscript":
        return text.translate(_LOWERED)
    if shift != "superscript":
        return text
    if before.isascii() and before.isalnum() and _EXPONENT.fullmatch(text.strip()):
        return text.strip().translate(_RAISED)
    return "" if _NOTE.fullmatch(text.strip()) else text
