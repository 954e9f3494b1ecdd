"""PDF furniture: running heads and feet, page numbers and printed addresses around the text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from data.readers.pages.layout import Segment, split_rows
from model.cleaning.heading import parse_date

# So many rows at the top and at the bottom of a page may be furniture.
EDGE_ROWS = 3
MAX_CHARS = 60
_MIN_PAGES = 2
# Pages are ⻚ (a radical) where Chrome printed them.
_PAGE_NUMBER = re.compile(r"(?:第 ?)?\d{1,4}(?: ?[页⻚])?(?: ?[/,，]? ?(?:共 ?)?\d{1,4} ?[页⻚]?)?")
_AROUND_NUMBER = "-—–·• "
_ADDRESS = re.compile(r"(?:https?|file)://\S+(?:\s+\d{1,4}\s*/\s*\d{1,4})?")
_PRINTED = re.compile(
    r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}[ ,，]*(?:[上下]午)?\s?\d{1,2}:\d\d(?::\d\d)?"
    r"(?:\s?[AP]M)?(?:\s.{0,60})?"
)
# A paper's head: its name, a date, a weekday or the number of the page.
_MASTHEAD = re.compile(
    r"[^\d。，]{0,24}((?:19|20)\d\d\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日)"
    r"(?=[^。，]*(?:星期|[A-Z]?\d{1,3}\s?版|版$))[^。，]{0,40}"
)
_PROSE = re.compile("[。！？，；]")
_SAME_HEIGHT = 3.0  # points
_DIGITS = re.compile(r"\d+")

Row = list[Segment]


@dataclass(frozen=True)
class Body:
    """The text of every page without its furniture, and the date of its masthead."""

    pages: list[list[Segment]]
    date: str


def drop_furniture(pages: Sequence[Sequence[Segment]]) -> Body:
    """Drop what stands at the edge of pages and is no text."""
    by_page = [split_rows(segments) for segments in pages]
    running = _find_running(by_page)
    date = ""
    kept = []
    for rows in by_page:
        for at in (0, -1):
            while rows and _is_furniture(rows[at], at, running):
                date = date or _masthead_date(rows[at])
                del rows[at]
        kept.append([segment for row in rows for segment in row])
    return Body(kept, date)


def _find_running(by_page: Sequence[Sequence[Row]]) -> set[tuple[int, str]]:
    """Return edge and text, but for numbers, of what stands at one height on half of the pages."""
    heights: dict[tuple[int, str], list[float]] = defaultdict(list)
    for rows in by_page:
        edges = {(0, _key(row)): row for row in rows[:EDGE_ROWS]}
        edges |= {(-1, _key(row)): row for row in rows[-EDGE_ROWS:]}
        for edge, row in edges.items():
            heights[edge].append(row[0].top)
    needed = max(_MIN_PAGES, len(by_page) / 2)
    return {
        (at, key)
        for (at, key), tops in heights.items()
        if len(key) <= MAX_CHARS
        and not _PROSE.search(key)
        and sum(abs(top - median_low(tops)) <= _SAME_HEIGHT for top in tops) >= needed
    }


def _is_furniture(row: Row, at: int, running: set[tuple[int, str]]) -> bool:
    text = _text(row)
    number = " ".join(text.split()).strip(_AROUND_NUMBER)
    if (at, _key(row)) in running or _PAGE_NUMBER.fullmatch(number):
        return True
    patterns = (_ADDRESS, _PRINTED, _MASTHEAD) if at == 0 else (_ADDRESS, _PRINTED)
    return len(text) <= 4 * MAX_CHARS and any(pattern.fullmatch(text) for pattern in patterns)


def _masthead_date(row: Row) -> str:
    match = _MASTHEAD.fullmatch(_text(row))
    return parse_date("".join(match[1].split())) if match else ""


def _key(row: Row) -> str:
    return "".join(_DIGITS.sub("0", _text(row)).split())


def _text(row: Row) -> str:
    return " ".join(segment.text for segment in sorted(row, key=lambda s: s.x0))
