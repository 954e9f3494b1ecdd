"""Wording of the interface in Chinese and English, from `wording.toml`: one table a tab."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import gradio as gr

_FILE = Path(__file__).with_suffix(".toml")
_LANGUAGES = ("zh", "en")


@cache
def wording() -> gr.I18n:
    """Return all wording, for `Blocks.launch`."""
    tables = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    by_language: dict[str, dict[str, str]] = {language: {} for language in _LANGUAGES}
    for tab, entries in tables.items():
        for key, texts in entries.items():
            for language, text in zip(_LANGUAGES, texts, strict=True):
                by_language[language][f"{tab}.{key}"] = text
    return gr.I18n(**by_language, **{"zh-CN": by_language["zh"]})


def say(key: str) -> Any:
    """Return the wording `tab.key` in the language that the reader's browser asks for."""
    return wording()(key)
