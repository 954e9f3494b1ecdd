"""Outline pages: real pages with the kind of every line, as lines of `data/pointers/outline/`.

    {"id": "2cff3c9c22ff", "source": "kingname/GeneralNewsExtractor", "title": [[312, 340]],
     "labels": [[0, 57, "furniture"], [58, 58, "title"]]}

`labels` are first line, last line and kind, over the lines of the text that are not blank; `cont`
has a fourth member, the first line of the paragraph that it continues. `title` are the places of
the title in the text that `find_texts` returns; null where the page has none. The text itself is
never stored here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.corpus.pointers import POINTERS_FOLDER
from data.corpus.texts import find_texts
from model import Span

OUTLINE_FOLDER = POINTERS_FOLDER / "outline"
# What the labels call otherwise than the outline does.
_NAMES = {"para": "paragraph", "list": "list_item", "table": "table_row", "cont": "paragraph"}
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True)
class LabelledLine:
    """A line of a page, without the white space around it, and its kind.

    `continues` is the number of the line whose paragraph it continues, or None.
    """

    span: Span
    kind: str
    continues: int | None = None


@dataclass(frozen=True)
class OutlinePage:
    """A page with the kind of every line; `title` is empty where it has none."""

    id: str
    source: str
    text: str
    title: str
    lines: tuple[LabelledLine, ...]


def resolve_pages(folder: Path = OUTLINE_FOLDER) -> tuple[list[OutlinePage], int]:
    """Return the pages whose text is at hand, and how many others there are."""
    rows = [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.open()]
    texts = find_texts(frozenset(row["id"] for row in rows))
    pages = [to_page(row, texts[row["id"]]) for row in rows if row["id"] in texts]
    return pages, len(rows) - len(pages)


def to_page(row: dict[str, Any], text: str) -> OutlinePage:
    """Make a page of a pointer and its text."""
    title = row["title"]
    if isinstance(title, list):
        title = " ".join(text[start:end] for start, end in title)
    return OutlinePage(row["id"], row["source"], text, title or "", read_lines(row["labels"], text))


def read_lines(labels: Iterable[list[Any]], text: str) -> tuple[LabelledLine, ...]:
    """Return the labelled lines of a text, in order; a line without a label is `other`."""
    spans = line_spans(text)
    lines = [LabelledLine(span, "other") for span in spans]
    for first, last, kind, *continues in labels:
        for number in range(first, last + 1):
            lines[number] = LabelledLine(
                spans[number], _NAMES.get(kind, kind), continues[0] if continues else None
            )
    return tuple(lines)


def line_spans(text: str) -> list[Span]:
    """Return the lines of a raw text that are not blank, without the white space around them."""
    spans = []
    for match in _LINE.finditer(text):
        words = match[0].strip()
        if words:
            start = match.start() + match[0].index(words)
            spans.append(Span(start, start + len(words)))
    return spans
