"""Phrases of the interface in Chinese and English, from `wording.toml`: one table a tab."""

from __future__ import annotations

import tomllib
from functools import cache
from html import escape
from pathlib import Path

LANGUAGES = ("zh", "en")
_FILE = Path(__file__).with_name("wording.toml")


@cache
def read_phrases() -> dict[str, dict[str, str]]:
    """Return for each key, `tab.key`, its text by language."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        f"{tab}.{key}": dict(zip(LANGUAGES, texts, strict=True))
        for tab, entries in tables.items()
        for key, texts in entries.items()
    }


def both(key: str, **values: object) -> str:
    """Return the phrase `tab.key` as HTML that holds both languages; the page shows the chosen one.

    Args:
        key: the phrase.
        values: what its `{name}` stand for; shown as text, whatever they hold.
    """
    filled = {name: escape(str(value)) for name, value in values.items()}
    return "".join(
        f"<span class='yw-{language}'>{text.format(**filled)}</span>"
        for language, text in read_phrases()[key].items()
    )
