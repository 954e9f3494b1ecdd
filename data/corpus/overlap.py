"""Gold apart from training: no labelled article may tell what a gold article tells.

usage: python -m data.corpus.overlap GOLD.jsonl...

Compares the corpus, and the pointers whose texts `YIWEN_TEXTS` names, with gold articles as
`data.corpus.duplicates` does. Prints each labelled article that is a near-duplicate of one with
the share of shingles that both have, and ends with status 1 where there is any.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.corpus.duplicates import find_known, sign_text
from data.corpus.loader import load_labelled
from data.gold import GoldArticle, read_gold_articles
from data.labelled import LabelledArticle
from data.themes import read_themes


@dataclass(frozen=True)
class Twin:
    """A labelled article and the gold article most like it; `likeness` is 1 for the same words."""

    labelled: str
    gold: str
    likeness: float

    def __str__(self) -> str:
        return f"{self.labelled} 与评测文章 {self.gold} 近乎相同，相似度 {self.likeness:.2f}"


def find_twins(labelled: Sequence[LabelledArticle], golds: Sequence[GoldArticle]) -> list[Twin]:
    """Return labelled articles that are the same as a gold article or nearly so."""
    known = find_known([article.text for article in labelled], [gold.text for gold in golds])
    pairs = ((a, golds[i]) for a, i in zip(labelled, known, strict=True) if i is not None)
    return [
        Twin(a.id, gold.id, sign_text(a.text).jaccard(sign_text(gold.text))) for a, gold in pairs
    ]


def main(paths: Sequence[Path]) -> int:
    """Compare; return the exit status.

    Raises:
        InputError: a file is missing or does not parse.
    """
    themes = read_themes()
    keys = frozenset(theme.key for theme in themes)
    golds = [gold for path in paths for gold in read_gold_articles(path, keys)]
    labelled = load_labelled(themes)
    twins = find_twins(labelled.articles, golds)
    for twin in twins:
        print(twin)
    if not twins:
        missing = f"（另有 {labelled.n_missing} 篇的原文不在手边）" if labelled.n_missing else ""
        n_labelled = len(labelled.articles)
        print(f"{n_labelled} 篇标注文章{missing}与 {len(golds)} 篇评测文章比过，没有相同或近似的")
    return int(bool(twins))


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("用法：python -m data.corpus.overlap GOLD.jsonl...")
    sys.exit(main([Path(path) for path in sys.argv[1:]]))
