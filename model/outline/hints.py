"""Hints: what a file says of its lines, by tags, styles or the size of the type.

Readers give them with the raw text. The outline hands each to the lines that most of whose
characters came from its stretch, so that they outlive cleaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.outline.shape import Line
from model.spans import Span

HINTED = ("title", "heading", "list_item", "caption", "quote", "table_row")
# A kind that marks more of a text than this says nothing: a site that sets all of it as a list.
MAX_SHARE = {"title": 0.3, "heading": 0.4, "list_item": 0.85, "caption": 0.5, "quote": 0.5}
# So many lines are too few to know.
MIN_LINES = 4
_MAJORITY = 0.5
# What a line's own words say better than any tag.
_OWN_WORDS = frozenset({"byline", "dateline", "caption", "table_row", "question"})
# Kinds that are not asked of a line which the file sets apart.
_WEAKLY_READ = frozenset({"paragraph", "list_item", "furniture", "other"})
_HEAD_MAX_CHARS = 60
_WEAK_HEAD_MAX_CHARS = 45


@dataclass(frozen=True)
class Hint:
    """What a file says of a stretch of its text.

    `span` is in the raw text, `kind` one of `HINTED`. `level` is that of a heading in the file (1
    for `<h1>` and `标题 1`), 0 where the file gives none. `origin` is html, markdown, word or pdf.
    One that is not sure (bold type, small type) counts only where shape and neighbours leave room.
    """

    span: Span
    kind: str
    level: int = 0
    origin: str = "html"
    is_sure: bool = True


def hint_lines(
    lines: Sequence[Line], offsets: npt.NDArray[np.int32], hints: Sequence[Hint]
) -> list[Hint | None]:
    """Return for each line the hint that most of its characters are under, or None.

    Args:
        lines: lines of the cleaned text.
        offsets: where each character of the cleaned text stood in the raw one.
        hints: of the raw text; where two overlap, the later one counts.
    """
    if not hints:
        return [None] * len(lines)
    at = np.full(int(offsets.max(initial=0)) + 1, -1, dtype=np.int32)
    for number, hint in enumerate(hints):
        at[hint.span.start : hint.span.end] = number
    found: list[Hint | None] = []
    for line in lines:
        votes = Counter(at[offsets[line.span.start : line.span.end]].tolist())
        number, n_votes = votes.most_common(1)[0]
        is_most = n_votes > _MAJORITY * (line.span.end - line.span.start)
        found.append(hints[number] if number >= 0 and is_most else None)
    return _drop_overused(lines, found)


def _drop_overused(lines: Sequence[Line], hints: Sequence[Hint | None]) -> list[Hint | None]:
    """Leave out kinds that mark most of the text."""
    n_chars = Counter[str]()
    for line, hint in zip(lines, hints, strict=True):
        if hint is not None:
            n_chars[hint.kind] += len(line.text)
    total = sum(len(line.text) for line in lines)
    is_long = len(lines) >= MIN_LINES
    bad = {k for k, n in n_chars.items() if is_long and n > MAX_SHARE.get(k, 1.0) * total}
    return [None if hint is None or hint.kind in bad else hint for hint in hints]


def settle(hint: Hint, line: Line, own: str, kind: str) -> str:
    """Return the kind that a hint gives a line, or "" where words and shape speak against it.

    Args:
        hint: what the file says of the line.
        line: the line.
        own: the kind that its words settle, or "".
        kind: the kind that it has without the hint.
    """
    if own in _OWN_WORDS and hint.kind != own:
        return ""
    if hint.kind in ("title", "heading"):
        return hint.kind if _may_head(hint, line, kind) else ""
    if hint.kind == "caption":
        return "caption" if hint.is_sure or kind in ("heading", "subheading") else ""
    if hint.kind == "list_item":
        return "list_item" if hint.is_sure or kind == "paragraph" else ""
    if hint.kind == "quote":
        return "quote" if kind in ("paragraph", "lead") else ""
    return hint.kind


def _may_head(hint: Hint, line: Line, kind: str) -> bool:
    """Whether a line is short and open enough to head others."""
    words = line.text
    if hint.is_sure:
        return len(words) <= _HEAD_MAX_CHARS and not ("。" in words and line.is_ended)
    is_open = not line.is_ended and words[-1] not in "，、,：:"
    return is_open and len(words) <= _WEAK_HEAD_MAX_CHARS and kind in _WEAKLY_READ
