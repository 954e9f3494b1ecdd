"""Split into training and held-out articles: deterministic, with no story on both sides."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from data.corpus.duplicates import find_clusters, group_by_cluster
from data.labelled import LabelledArticle
from data.labels.user import SOURCE


def split_held_out(
    articles: Sequence[LabelledArticle], share: float, seed: int
) -> tuple[list[LabelledArticle], list[LabelledArticle]]:
    """Split into (train, held out), alike in themes and source.

    Near-duplicates and articles of one `cluster` stay on one side. A story's place follows from
    the hash of its first text in order and the seed, among stories of like themes and source.
    """
    strata: dict[tuple[str, tuple[str, ...]], dict[str, list[int]]] = defaultdict(dict)
    for members in group_articles(articles):
        themes = frozenset[str]().union(*(articles[i].themes for i in members))
        key = min(_key(articles[i], seed) for i in members)
        strata[articles[members[0]].source, tuple(sorted(themes))][key] = members
    held_out: set[int] = set()
    for stories in strata.values():
        for key in sorted(stories)[: round(len(stories) * share)]:
            held_out.update(stories[key])
    train = [a for i, a in enumerate(articles) if i not in held_out]
    return train, [articles[i] for i in sorted(held_out)]


def split_beside(
    articles: Sequence[LabelledArticle], held_out_ids: frozenset[str], share: float, seed: int
) -> tuple[list[LabelledArticle], list[LabelledArticle]]:
    """Split into (train, held out), consistent with an earlier split.

    Articles that were held out stay held out. Users' articles are split among themselves, except
    those whose story is in the corpus as well, which go to its side.
    """
    sides: dict[int, bool] = {}
    free: list[int] = []
    for members in group_articles(articles):
        ours = [i for i in members if articles[i].source != SOURCE]
        before = any(articles[i].id in held_out_ids for i in members)
        if ours or before:
            sides.update(dict.fromkeys(members, before))
        else:
            free += members
    _, drawn = split_held_out([articles[i] for i in free], share, seed)
    chosen = {article.id for article in drawn}
    sides.update({i: articles[i].id in chosen for i in free})
    train, held_out = (
        [a for i, a in enumerate(articles) if sides[i] is side] for side in (False, True)
    )
    return train, held_out


def group_articles(articles: Sequence[LabelledArticle]) -> list[list[int]]:
    """Return the indices of the articles of each story."""
    clusters = [(article.cluster,) if article.cluster else () for article in articles]
    return group_by_cluster(find_clusters([article.text for article in articles], clusters))


def _key(article: LabelledArticle, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{article.text}".encode()).hexdigest()
