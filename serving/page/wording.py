"""Wording of gradio's components in the language that the page is set to."""

from __future__ import annotations

from functools import cache
from typing import Any

import gradio as gr

from serving.page.phrases import LANGUAGES, read_phrases


@cache
def wording() -> gr.I18n:
    """Return all wording, for `Blocks.launch`."""
    by_language = {
        language: {key: texts[language] for key, texts in read_phrases().items()}
        for language in LANGUAGES
    }
    return gr.I18n(**by_language, **{"zh-CN": by_language["zh"]})


def say(key: str) -> Any:
    """Return the wording `tab.key` for a component; for HTML there is `phrases.both`."""
    return wording()(key)
