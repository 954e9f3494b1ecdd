"""Hints of readers: what a file's tags, styles or type say of a line, until its text is whole.

While a page is taken apart nobody knows where a line will stand, so a reader notes its words; in
the whole text the lines of these words are found again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from model.outline import Hint
from model.spans import Span


@dataclass(frozen=True)
class LineNote:
    """What a file says of the line with these words; see `Hint`."""

    words: str
    kind: str
    level: int = 0
    origin: str = "html"
    is_sure: bool = True


def place_notes(text: str, notes: Iterable[LineNote]) -> tuple[Hint, ...]:
    """Find the lines that notes are on; of one that is noted as two things nothing is known.

    Args:
        text: as it goes to `Article.from_raw`.
        notes: what the file says; blanks in its words do not count.
    """
    known: dict[str, LineNote | None] = {}
    for note in notes:
        words = _bare(note.words)
        other = known.setdefault(words, note)
        if other is None or (other.kind, other.level) != (note.kind, note.level):
            known[words] = None
    known.pop("", None)
    hints = []
    start = 0
    for line in text.split("\n") if known else ():
        found = known.get(_bare(line))
        if found is not None:
            span = Span(start, start + len(line))
            hints.append(Hint(span, found.kind, found.level, found.origin, found.is_sure))
        start += len(line) + 1
    return tuple(hints)


def write_notes(notes: Sequence[LineNote]) -> str:
    """Return notes as text, for a reader in a process apart."""
    return json.dumps([astuple(note) for note in notes], ensure_ascii=False) if notes else ""


def read_notes(written: str) -> tuple[LineNote, ...]:
    """Return what `write_notes` wrote."""
    return tuple(LineNote(*fields) for fields in json.loads(written or "[]"))


def _bare(words: str) -> str:
    return "".join(words.split())
