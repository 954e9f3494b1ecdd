"""Lexicons of names: the places of China, and the words that end names or point back to one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from model.word_lists import read_table

_FOLDER = Path(__file__).parent


@cache
def places() -> dict[str, str]:
    """Return China's provinces, cities and counties and the level of each."""
    return {row["name"]: row["level"] for row in read_table(_FOLDER / "places.tsv")}


@cache
def place_openings() -> frozenset[str]:
    """Return the first two characters of every place, to look no further where none can be."""
    return frozenset(name[:2] for name in places())


@cache
def body_words() -> dict[str, str]:
    """Return the words that end the name of a body, or point to one, and its level."""
    return {row["word"]: row["level"] for row in read_table(_FOLDER / "bodies.tsv")}
