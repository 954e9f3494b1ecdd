"""Word lists: tables of words beside the code, and patterns made of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a tab-separated table by the names of its columns."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def any_of(words: Iterable[str]) -> str:
    """Return a regular expression that matches any of the words, longest first."""
    return "|".join(sorted(words, key=len, reverse=True))
