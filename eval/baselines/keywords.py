"""Keyword lists: a theme holds where enough of its words stand in the text."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

LISTS = Path(__file__).parent / "keywords.tsv"


def read_keywords(path: Path = LISTS) -> dict[str, tuple[str, ...]]:
    """Return the words of each theme."""
    words: dict[str, list[str]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            words[row["theme"]].append(row["word"])
    return {theme: tuple(found) for theme, found in words.items()}


def find_themes(text: str, words: dict[str, tuple[str, ...]], n_hits: int) -> frozenset[str]:
    """Return the themes with at least `n_hits` occurrences of their words."""
    return frozenset(
        theme for theme, found in words.items() if sum(map(text.count, found)) >= n_hits
    )
