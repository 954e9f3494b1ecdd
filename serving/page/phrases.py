"""Phrases of the interface in Chinese and English, from `wording.toml`: one table a tab."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from markupsafe import Markup

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


def phrase(key: str, language: str, **values: object) -> str:
    """Return the phrase `tab.key` as text in one language."""
    return read_phrases()[key][language].format(**values)


def both(key: str, **values: object) -> Markup:
    """Return the phrase `tab.key` as HTML that holds both languages; the page shows the chosen one.

    Args:
        key: the phrase.
        values: what its `{name}` stand for; text is escaped, `Markup` is taken as it is.
    """
    return bilingual(
        {language: Markup(text).format(**values) for language, text in read_phrases()[key].items()}  # noqa: S704
    )


def bilingual(texts: dict[str, str]) -> Markup:
    """Return a text that is there in every language as HTML; what is not `Markup` is escaped."""
    return Markup().join(
        Markup("<span class='yw-{}'>{}</span>").format(language, text)
        for language, text in texts.items()
    )


def attribute(name: str, key: str, **values: object) -> Markup:
    """Return an HTML attribute whose value is a phrase: Chinese, with the English beside it.

    `page.js` puts `data-en-NAME` in the place of NAME on an English page.
    """
    return bilingual_attribute(name, *(phrase(key, language, **values) for language in LANGUAGES))


def bilingual_attribute(name: str, chinese: str, english: str) -> Markup:
    """Return an HTML attribute in Chinese with the English beside it."""
    return Markup("{0}='{1}' data-en-{0}='{2}'").format(name, chinese, english)
