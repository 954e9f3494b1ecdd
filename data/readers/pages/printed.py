"""Printed pages: stretches of text on pages, whatever they were read from, as one text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median, median_low

from data.readers.hints import LineNote
from data.readers.pages.layout import HEADING, Paragraph, Segment, join_lines, order_columns
from data.readers.pages.pdf.furniture import drop_furniture

# A headline of another article: about as large as the largest, with lines of text below.
_HEADLINE_SHARE = 0.75
_MIN_HEADLINE_CHARS = 5
_MIN_LINES_BELOW = 2
_SHOWN_CHARS = 20
# Type that is so much larger or smaller than that of the text.
_LARGER, _SMALLER = 1.12, 0.9
_HEAD_MAX_CHARS = 60


@dataclass(frozen=True)
class PrintedText:
    """The text in reading order, the date of the paper's head or nothing, warnings in Chinese.

    `notes` are what the size of the type says of lines.
    """

    text: str
    date: str
    warnings: tuple[str, ...]
    notes: tuple[LineNote, ...] = ()


def read_printed(pages: Sequence[Sequence[Segment]], what: str) -> PrintedText:
    """Put the columns of all pages in order and join their lines.

    Args:
        pages: the stretches of text of each page.
        what: the Chinese name of the kind of file, for warnings.
    """
    body = drop_furniture(pages)
    columns = [column for segments in body.pages for column in order_columns(segments)]
    paragraphs = join_lines(columns)
    text = "\n".join(paragraph.text for paragraph in paragraphs)
    return PrintedText(text, body.date, _warn(columns, what), tuple(_note(paragraphs)))


def _note(paragraphs: Sequence[Paragraph]) -> Iterator[LineNote]:
    """Say which paragraphs are set larger, bold or smaller than the text."""
    if not paragraphs:
        return
    usual = median_low([p.size for p in paragraphs for _ in p.text])
    n_bold = sum(len(p.text) for p in paragraphs if p.is_bold)
    is_bold_rare = 2 * n_bold < sum(len(p.text) for p in paragraphs)
    short = [p for p in paragraphs if len(p.text) <= _HEAD_MAX_CHARS and not p.is_row]
    sizes = sorted({round(p.size) for p in short if p.size >= _LARGER * usual}, reverse=True)
    for paragraph in paragraphs:
        size, words = round(paragraph.size), paragraph.text
        is_short = len(words) <= _HEAD_MAX_CHARS
        if paragraph.is_row:
            yield LineNote(words, "table_row", 0, "pdf")
        elif is_short and paragraph.size >= _LARGER * usual:
            is_large = paragraph.size >= HEADING * usual
            kind = "title" if is_large and size == sizes[0] else "heading"
            yield LineNote(words, kind, 1 + sizes.index(size), "pdf", is_sure=is_large)
        elif is_short and paragraph.is_bold and is_bold_rare:
            yield LineNote(words, "heading", 0, "pdf", is_sure=False)
        elif paragraph.size <= _SMALLER * usual:
            yield LineNote(words, "caption", 0, "pdf", is_sure=False)


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
