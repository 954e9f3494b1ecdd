"""Parts: the stretches of a page under its headings, and the sentences that tell each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from model.article import Article
from model.outline import Block

OPENING = "opening"
_MIN_PARTS = 2


def heading_of(article: Article, block: Block | None) -> Block | None:
    """Return the nearest heading above a block; None where it stands under none."""
    while block is not None and block.parent is not None:
        block = article.blocks[block.parent]
        if block.level:
            return block
    return None


def find_parts(article: Article, evidence: Iterable[int]) -> dict[str, frozenset[int]]:
    """Return the sentences of each part of a page that carries a theme, by the part's name.

    The first is what stands before all headings. Empty where fewer than two parts carry one.

    Args:
        article: the page.
        evidence: the numbers of the sentences that carry themes.
    """
    heads = [_top_heading(article, row) for row in range(len(article.sentences))]
    carrying = {head.span.start for row in evidence if (head := heads[row])}
    if len(carrying) < _MIN_PARTS:
        return {}
    found: dict[str, set[int]] = defaultdict(set)
    for row, head in enumerate(heads):
        if head and head.span.start in carrying and article.may_speak(row):
            found[f"part {head.span.start}"].add(row)
    first = min(block.span.start for block in article.blocks if block.level)
    opening = frozenset(
        row for row, s in enumerate(article.sentences) if s.end <= first and article.may_speak(row)
    )
    parts = {name: frozenset(rows) for name, rows in found.items()}
    return {OPENING: opening, **parts} if opening else parts


def _top_heading(article: Article, row: int) -> Block | None:
    """The outermost heading above a sentence."""
    top, block = None, heading_of(article, article.block_of(row))
    while block is not None:
        top, block = block, heading_of(article, block)
    return top
