"""Split: which articles are held out, the same ones every time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from data.labelled import LabelledArticle


def split_held_out(
    articles: Sequence[LabelledArticle], share: float, seed: int
) -> tuple[list[LabelledArticle], list[LabelledArticle]]:
    """Split into (train, held out), alike in themes and source; one text stays on one side.

    An article's place follows from the hash of its text and the seed among those like it.
    """
    groups: dict[tuple[str, frozenset[str]], list[LabelledArticle]] = defaultdict(list)
    for article in articles:
        groups[article.source, article.themes].append(article)
    held_out: set[str] = set()
    for members in groups.values():
        order = sorted({_key(a, seed) for a in members})
        held_out.update(order[: round(len(order) * share)])
    train = [a for a in articles if _key(a, seed) not in held_out]
    return train, [a for a in articles if _key(a, seed) in held_out]


def _key(article: LabelledArticle, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{article.text}".encode()).hexdigest()
