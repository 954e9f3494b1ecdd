"""Overlap of training and gold: labelled articles that are near-duplicates of gold articles.

`python -m data.corpus.overlap GOLD.jsonl...` compares the corpus, and the pointers whose texts
`YIWEN_TEXTS` names, with gold articles by MinHash (`data.corpus.duplicates`). It prints each pair
of near-duplicates with its share of common shingles, and exits with 1 if there is any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from data.command import run_command
from data.corpus.duplicates import find_known, sign_text
from data.corpus.loader import load_labelled
from data.gold import GoldArticle, read_gold_articles
from data.labelled import LabelledArticle
from data.themes import read_themes


@dataclass(frozen=True)
class Twin:
    """A labelled article and its nearest gold article; `likeness` is 1 for the same words."""

    labelled: str
    gold: str
    likeness: float

    def __str__(self) -> str:
        return f"{self.labelled} 与评测文章 {self.gold} 近乎相同，相似度 {self.likeness:.2f}"


def find_twins(labelled: Sequence[LabelledArticle], golds: Sequence[GoldArticle]) -> list[Twin]:
    """Return the labelled articles that are near-duplicates of a gold article."""
    known = find_known([article.text for article in labelled], [gold.text for gold in golds])
    pairs = ((a, golds[i]) for a, i in zip(labelled, known, strict=True) if i is not None)
    return [
        Twin(a.id, gold.id, sign_text(a.text).jaccard(sign_text(gold.text))) for a, gold in pairs
    ]


def main(
    paths: Annotated[list[Path], typer.Argument(help="JSON Lines of gold articles.")],
) -> None:
    """Print labelled articles that are near-duplicates of gold articles; exit with 1 if any."""
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
    if twins:
        raise typer.Exit(1)


if __name__ == "__main__":
    run_command(main)
