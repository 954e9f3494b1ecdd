"""Lexicons of the figure grammar: small tables beside the code, read once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from model.word_lists import read_table

_FOLDER = Path(__file__).parent


@cache
def unit_classes() -> dict[str, str]:
    """Return each unit's class: people, classifier, case, money, share, point, time, size…"""
    return {row["unit"]: row["class"] for row in _rows("units.tsv")}


@cache
def bare_units() -> dict[str, str]:
    """Return the unit that a word gives to a number without one: `用户近1.69亿` counts people."""
    return {row["word"]: row["unit"] for row in _rows("bare_units.tsv")}


@cache
def noun_end_pattern() -> str:
    """Return a regular expression for the words that end the noun behind a number."""
    rows = sorted(_rows("noun_ends.tsv"), key=lambda row: len(row["word"]), reverse=True)
    return "|".join(_guarded(row) for row in rows)


@cache
def bound_words(place: str) -> dict[str, str]:
    """Return the words that bound a number and the sign they stand for.

    Args:
        place: `before` the number or `after` its unit.
    """
    return {row["word"]: row["bound"] for row in _rows("bounds.tsv") if row["place"] == place}


@cache
def bound_pattern(place: str) -> str:
    """Return a regular expression for the words that bound a number in one place.

    The table's `not_after` and `not_before` list characters that make another word of it:
    `签约` is no `约`.
    """
    rows = [row for row in _rows("bounds.tsv") if row["place"] == place]
    rows.sort(key=lambda row: len(row["word"]), reverse=True)
    firsts = "".join(sorted({re.escape(row["word"][0]) for row in rows}))
    return rf"(?=[{firsts}])(?:{'|'.join(_guarded(row) for row in rows)})"


def _guarded(row: dict[str, str]) -> str:
    """One word of a table as a pattern, with the characters it must not stand beside."""
    behind = f"(?<![{row['not_after']}])" if row["not_after"] else ""
    before = f"(?![{row['not_before']}])" if row["not_before"] else ""
    return behind + re.escape(row["word"]) + before


def _rows(name: str) -> list[dict[str, str]]:
    return read_table(_FOLDER / name)
