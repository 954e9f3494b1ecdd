"""`Span` and `Turn`: places in a cleaned text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Character offsets into `Article.text`, end-exclusive."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the characters that the span covers."""
        return text[self.start : self.end]


@dataclass(frozen=True)
class Turn:
    """What one speaker of a round table or an interview says: `某医院院长张某：我们……`.

    `speaker` covers the name with post and body, without the colon; `stretch` the words.
    """

    speaker: Span
    stretch: Span
