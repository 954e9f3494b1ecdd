"""Lexicons of the figure grammar: small tables beside the code, read once."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def unit_classes() -> dict[str, str]:
    """Return each unit's class: people, classifier, case, money, share, point, time, size."""
    return {row["unit"]: row["class"] for row in _rows("units.tsv")}


@cache
def bare_units() -> dict[str, str]:
    """Return the unit that a word gives to a number without one: `用户近1.69亿` counts people."""
    return {row["word"]: row["unit"] for row in _rows("bare_units.tsv")}


@cache
def bound_words(place: str) -> dict[str, str]:
    """Return the words that bound a number and the sign they stand for.

    Args:
        place: `before`, `inside` or `after` the number's unit.
    """
    return {row["word"]: row["bound"] for row in _rows("bounds.tsv") if row["place"] == place}


def any_of(words: dict[str, str]) -> str:
    """Return a regular expression that matches any of the words, longest first."""
    return "|".join(sorted(words, key=len, reverse=True))


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
