"""A brief and its parts: entries, sentences, key rows, sources; each part with its place.

A place is an article's key with offsets into its text. What people wrote themselves has no place
and says so: `is_manual`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from serving.library.records import hash_text

KINDS = {"daily": "日报", "weekly": "周报", "monthly": "月报", "special": "专题"}
DAYS = {"daily": 1, "weekly": 7, "monthly": 30, "special": 30}
MANUAL_MARK = "〔人工〕"
NO_THEME = ""
KEY_CHARS = 16
_SENTENCE = re.compile(r"[^。！？\n]+")
_TITLE_CHARS, _MIN_TITLE_CHARS = 40, 8
# What news open with before they tell anything: who reports, from where, on which day.
_REPORTER = r"(?:记者|通讯员|实习生|编辑|作者)"
_NAMES = (
    rf"(?:[\u4e00-\u9fffA-Z·]{{0,16}}{_REPORTER}[：: ]?"
    r"(?:[ 　]?[\u4e00-\u9fff·]{2,4}(?![\u4e00-\u9fff]))+[ 　]*)+"
)
_OPENING = re.compile(
    r"^(?:[^，。！？\n]{0,24}?(?:\d{1,2}[日号](?:讯|电|消息|报道)|(?:消息|讯)(?=[：:])|综合报道)"
    r"[：:，, 　]*"
    rf"|[（(][^）)\n]{{0,50}}[）)]|{_NAMES})+"
)
_BYLINE = re.compile(rf"{_REPORTER}[ 　]")
_BYLINE_CHARS = 30
_SILENT_BLOCKS = frozenset({"byline", "caption", "dateline", "furniture", "kicker"})
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class BriefArticle:
    """An article that a brief may draw on: its key, its day, its report as in JSON."""

    key: str
    day: str
    record: dict[str, Any]

    @property
    def text(self) -> str:
        """The text that places refer to."""
        return str(self.record["text"])

    @property
    def title(self) -> str:
        """The title, or the beginning of the text up to where a sentence or clause ends."""
        if title := str(self.record.get("title") or ""):
            return title
        first = _first_sentence(self.record)
        if len(first) <= _TITLE_CHARS:
            return first
        head = first[:_TITLE_CHARS]
        clause = max(head.rfind(sign) for sign in "，：；、 ")
        return head[:clause] if clause > _MIN_TITLE_CHARS else head


def _first_sentence(record: Mapping[str, Any]) -> str:
    """Return the first sentence that tells something: captions and names of reporters do not."""
    text = str(record["text"])
    silent = [
        (block["start"], block["end"])
        for block in record.get("blocks") or ()
        if block["kind"] in _SILENT_BLOCKS
    ]
    for found in _SENTENCE.finditer(text):
        bare = _OPENING.sub("", found[0].strip()).strip("，、：: 　”’")
        is_silent = any(start <= found.start() < end for start, end in silent)
        is_byline = _BYLINE.search(bare[:_BYLINE_CHARS]) is not None
        if len(bare) >= _MIN_TITLE_CHARS and not is_silent and not is_byline:
            return bare
    return text.strip()[:_TITLE_CHARS]


@dataclass(frozen=True)
class Place:
    """A stretch of an article's text."""

    article: str
    start: int
    end: int


@dataclass(frozen=True)
class Line:
    """A sentence: its parts in order, each a place's very text; or one that a person wrote."""

    text: str
    places: tuple[Place, ...] = ()
    is_manual: bool = False


@dataclass(frozen=True)
class KeyRow:
    """A row of the table of figures; `text` is the figure as printed, at `place`."""

    indicator: str
    body: str
    text: str
    kind: str
    year: int | None
    place: Place


@dataclass(frozen=True)
class Source:
    """An article that an entry draws on; `note` says whether it was first, or copied."""

    article: str
    title: str
    source: str
    date: str
    note: str = ""


@dataclass(frozen=True)
class Differing:
    """A figure of the first report, and what another gives in its place."""

    one: Line
    other: Line


@dataclass(frozen=True)
class Entry:
    """What a brief says of one event; the first source is the one that it quotes.

    `differing` are figures that reports of the event give differently, each with its place; `more`
    is what other reports say that the quoted one does not.
    """

    key: str
    theme: str
    title: Line
    lines: tuple[Line, ...]
    rows: tuple[KeyRow, ...] = ()
    sources: tuple[Source, ...] = ()
    weight: float = 0.0
    differing: tuple[Differing, ...] = ()
    more: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Brief:
    """A brief: its heading, and its entries in order."""

    kind: str
    title: str
    date: str
    days: int
    entries: tuple[Entry, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """All sources once, in the order in which entries name them."""
        found = {source.article: source for entry in self.entries for source in entry.sources}
        return tuple(found.values())

    def number_of(self, article: str) -> int:
        """Return the number of a source in the annex, from 1."""
        return [source.article for source in self.sources].index(article) + 1

    def sections(self, names: Mapping[str, str]) -> list[tuple[str, tuple[Entry, ...]]]:
        """Return the entries by theme: themes in the order of their first entries."""
        themes = dict.fromkeys(entry.theme for entry in self.entries)
        return [
            (names.get(theme, theme) or "其他", tuple(e for e in self.entries if e.theme == theme))
            for theme in themes
        ]

    def with_entries(self, entries: tuple[Entry, ...]) -> Brief:
        """Return the brief with other entries."""
        return replace(self, entries=entries)


def to_article(record: dict[str, Any], day: str = "") -> BriefArticle:
    """Return the article of a report; its key follows from text and source."""
    digest = hash_text(f"{record['text']}\0{record.get('source') or ''}")
    return BriefArticle(digest[:KEY_CHARS], day or str(record.get("date") or "")[:10], record)


def quote(article: BriefArticle, spans: tuple[tuple[int, int], ...]) -> Line:
    """Return a line of the article's own stretches."""
    places = tuple(Place(article.key, start, end) for start, end in spans)
    return Line("".join(article.text[p.start : p.end] for p in places), places)
