"""`Block`: a line or part of a line of the article, with its part on the page."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from model.spans import Span

KINDS = (
    "title", "kicker", "byline", "dateline", "lead", "heading", "subheading", "paragraph",
    "list_item", "caption", "sidebar", "quote", "speaker", "turn", "table_row", "question",
    "furniture", "other",
)  # fmt: skip
# What stands around the news and is no part of its text.
ENVELOPE = frozenset({"title", "kicker", "byline", "dateline", "furniture"})
# What is never evidence or a sentence of a summary: nobody reports anything there.
SILENT = ENVELOPE | {"heading", "subheading", "caption", "speaker", "question"}


@dataclass(frozen=True)
class Block:
    """A stretch of an article and its part on the page.

    `level` is 1 for a heading of the article, 2 and more for those below it, and 0 for what is no
    heading. `parent` is the index, in `Article.blocks`, of the heading or of the line that opens
    the list under which the block stands; None at the top. `origin` says what the kind was read
    from: `shape`, `learned`, or what the file says: `html`, `markdown`, `word` or `pdf`.
    """

    kind: str
    span: Span
    level: int = 0
    parent: int | None = None
    origin: str = "shape"

    @property
    def may_speak(self) -> bool:
        """Whether a sentence of the block may stand for the article's news."""
        return self.kind not in SILENT


def block_at(blocks: Sequence[Block], at: int) -> int | None:
    """Return the index of the block that holds the character at `at`, or None between blocks."""
    number = bisect_right(blocks, at, key=lambda block: block.span.start) - 1
    return number if number >= 0 and at < blocks[number].span.end else None
