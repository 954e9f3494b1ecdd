"""Small reports for tests of the library and of briefs, made without a model."""

from __future__ import annotations

import re
from typing import Any

NAMES = {"alliance": "医共体", "talent": "人才"}


def make_report(
    text: str, *, theme: str | None = None, picks: tuple[str, ...] = (), **facts: Any
) -> dict[str, Any]:
    """Return a report on a text: its picked sentences, and every percentage as a figure."""
    sentences = [
        {"start": text.index(pick), "end": text.index(pick) + len(pick), "cuts": [],
         "kept": [{"start": text.index(pick), "end": text.index(pick) + len(pick)}]}
        for pick in picks
    ]  # fmt: skip
    figures = [
        {"text": found.group(), "indicator": facts.get("indicator", "县域内就诊率"),
         "value": float(found.group(1)), "unit": "%", "kind": "level", "bound": "", "year": None,
         "start": found.start(), "end": found.end(), "sentence": "", "speaker": None,
         "body": None, "base": None}
        for found in re.finditer(r"(\d+(?:\.\d+)?)%", text)
    ]  # fmt: skip
    themes = [{"theme": theme, "name": NAMES[theme], "score": 0.9, "evidence": []}] if theme else []
    return {
        "id": facts.get("id", text[:6]), "source": facts.get("source"), "date": facts.get("date"),
        "title": facts.get("title"), "text": text, "themes": themes,
        "scores": {key: 0.9 if key == theme else 0.1 for key in NAMES},
        "primary": theme, "review": [], "figures": figures,
        "summary": {"text": "".join(picks), "sentences": sentences, "main_figure": None,
                    "by_theme": {}, "rewritten": None},
        "warnings": [], "model": facts.get("model", "m1"),
        **({"place": facts["place"]} if "place" in facts else {}),
    }  # fmt: skip
