"""Lexicons of names: words that end names or point back to one, and names of their own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from model.word_lists import read_table

_FOLDER = Path(__file__).parent


@cache
def body_words() -> dict[str, str]:
    """Return the words that end the name of a body, or point to one, and its level."""
    return {row["word"]: row["level"] for row in read_table(_FOLDER / "words.tsv")}


@cache
def strict_words() -> frozenset[str]:
    """Return those of the words that end nothing but names, and point back surely."""
    rows = read_table(_FOLDER / "words.tsv")
    return frozenset(row["word"] for row in rows if row["strict"] == "yes")


@cache
def own_names() -> dict[str, str]:
    """Return names that need no word before them and their levels: countries, ministries."""
    return {row["name"]: row["level"] for row in read_table(_FOLDER / "own_names.tsv")}
