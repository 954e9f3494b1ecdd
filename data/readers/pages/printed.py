"""Printed pages: stretches of text on pages, whatever they were read from, as one text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from data.readers.pages.layout import HEADING, Segment, join_lines, order_columns
from data.readers.pages.pdf.furniture import drop_furniture

# A headline of another article: about as large as the largest, with lines of text below.
_HEADLINE_SHARE = 0.75
_MIN_HEADLINE_CHARS = 5
_MIN_LINES_BELOW = 2
_SHOWN_CHARS = 20


@dataclass(frozen=True)
class PrintedText:
    """The text in reading order, the date of the paper's head or nothing, warnings in Chinese."""

    text: str
    date: str
    warnings: tuple[str, ...]


def read_printed(pages: Sequence[Sequence[Segment]], what: str) -> PrintedText:
    """Put the columns of all pages in order and join their lines.

    Args:
        pages: the stretches of text of each page.
        what: the Chinese name of the kind of file, for warnings.
    """
    body = drop_furniture(pages)
    columns = [column for segments in body.pages for column in order_columns(segments)]
    return PrintedText(join_lines(columns), body.date, _warn(columns, what))


def _warn(columns: list[list[Segment]], what: str) -> tuple[str, ...]:
    headlines = _find_headlines([line for column in columns for line in column])
    if len(headlines) <= 1:
        return ()
    names = "".join(f"“{name[:_SHOWN_CHARS]}”" for name in headlines)
    return (f"{what}里像有 {len(headlines)} 篇文章（{names}），已合在一起读出；请拆成单篇再试",)


def _find_headlines(lines: list[Segment]) -> list[str]:
    """Return the headlines that have text below them; lines of the same size are one."""
    if not lines:
        return []
    em = median(line.size for line in lines for _ in line.text)
    largest = max(line.size for line in lines)
    is_large = [line.size >= max(HEADING * em, _HEADLINE_SHARE * largest) for line in lines]
    headlines = []
    pairs = groupby(zip(is_large, lines, strict=True), key=lambda pair: pair[0])
    groups = [(large, [line for _, line in group]) for large, group in pairs]
    for (large, group), (_, below) in pairwise(groups):
        name = "".join(line.text for line in group)
        if large and len(name) >= _MIN_HEADLINE_CHARS and len(below) >= _MIN_LINES_BELOW:
            headlines.append(name)
    return headlines
