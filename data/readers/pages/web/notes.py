"""HTML notes: what the tags say of each line, before extraction makes paragraphs of everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from data.readers.hints import LineNote
from data.readers.pages.web.blocks import Run, find_runs, is_block
from data.readers.pages.web.tables import ROW

_HEADINGS = {"h1": ("title", 1), **{f"h{n}": ("heading", n) for n in range(2, 7)}}
_TAGS = {
    **_HEADINGS,
    "figcaption": ("caption", 0),
    "li": ("list_item", 0),
    "blockquote": ("quote", 0),
}
_CAPTION = re.compile(r"(?:^|[\s_-])(?:img|pic|photo|image)?-?_?caption(?:$|[\s_-])", re.IGNORECASE)
_BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_BOLD_TAGS = {"b", "strong"}
_HEAD_MAX_CHARS = 60


@dataclass(frozen=True)
class _Place:
    """What the elements around a line say."""

    kind: str = ""
    level: int = 0
    is_sure: bool = True
    is_bold: bool = False


def note_lines(body: Any, holders: set[Any]) -> list[LineNote]:
    """Return notes on the lines of a page, in order.

    Args:
        body: the element, its tables already lines.
        holders: what has a block or a break in it.
    """
    places: dict[Any, _Place] = {body: _Place()}
    notes = []
    for element in body.iter():
        if not isinstance(element.tag, str):
            continue
        place = places.setdefault(element, _read(element, places.get(element.getparent())))
        if is_block(element, holders):
            notes += [note for run in find_runs(element, holders) for note in _note(run, place)]
    return notes


def _read(element: Any, around: _Place | None) -> _Place:
    """What an element says, or those around it."""
    around = around or _Place()
    is_bold = around.is_bold or _is_bold(element)
    kind, level = _TAGS.get(element.tag, ("", 0))
    is_sure = True
    if element.get(ROW) is not None:
        kind = "table_row"
    elif not kind and _CAPTION.search(element.get("class") or ""):
        kind = "caption"
    elif element.tag == "li":  # one alone is how some pages set a heading
        beside = (element.getprevious(), element.getnext())
        is_sure = any(other is not None and other.tag == "li" for other in beside)
    if kind:
        return _Place(kind, level, is_sure, is_bold)
    return _Place(around.kind, around.level, around.is_sure, is_bold)


def _note(run: Run, place: _Place) -> Iterator[LineNote]:
    words = " ".join(run.text.split())
    if not words:
        return
    if place.kind:
        yield LineNote(words, place.kind, place.level, "html", place.is_sure)
    elif len(words) <= _HEAD_MAX_CHARS and (place.is_bold or _is_all_bold(run)):
        yield LineNote(words, "heading", 0, "html", is_sure=False)


def _is_all_bold(run: Run) -> bool:
    outside = run.lead + "".join(part.tail or "" for part in run.parts)
    return not outside.strip() and bool(run.parts) and all(map(_holds_bold, run.parts))


def _holds_bold(element: Any) -> bool:
    """Whether all words of an element are bold, or it has none."""
    stack = [element]
    while stack:
        top = stack.pop()
        if isinstance(top.tag, str) and _is_bold(top):
            continue
        outside = (top.text or "") + "".join(child.tail or "" for child in top)
        if outside.strip():
            return False
        stack += list(top)
    return True


def _is_bold(element: Any) -> bool:
    return element.tag in _BOLD_TAGS or bool(_BOLD.search(element.get("style") or ""))
