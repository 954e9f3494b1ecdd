"""Pointers: labels of real articles whose text lives elsewhere, as lines of `data/pointers/`.

    {"id": "ebf50bfea574", "themes": ["talent"], "borderline": [], "primary": null,
     "sentences": {"talent": [[412, 486]]}, "borderline_sentences": {}, "complete": true}

A sentence is given by its start and end in the text that `find_texts` gives, which is never
stored here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.labelled import LabelledArticle, LabelledSentence
from data.texts import find_texts

POINTERS_FOLDER = Path(__file__).parent / "pointers"


@dataclass(frozen=True)
class Resolved:
    """Articles whose text was found, and how many were not."""

    articles: tuple[LabelledArticle, ...]
    n_missing: int


def resolve_pointers(folder: Path = POINTERS_FOLDER) -> Resolved:
    """Read every table of pointers and look the texts up."""
    rows = [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    texts = find_texts(frozenset(row["id"] for row in rows))
    found = tuple(_to_article(row, texts[row["id"]]) for row in rows if row["id"] in texts)
    return Resolved(found, len(rows) - len(found))


def _to_article(row: dict[str, Any], text: str) -> LabelledArticle:
    return LabelledArticle(
        id=row["id"],
        text=text,
        source="pointer",
        themes=frozenset(row["themes"]),
        borderline=frozenset(row["borderline"]) - frozenset(row["themes"]),
        primary=row["primary"],
        sentences=_sentences(row["sentences"], row["borderline_sentences"]),
        complete=row["complete"],
    )


def _sentences(
    sure: dict[str, list[list[int]]], edge: dict[str, list[list[int]]]
) -> tuple[LabelledSentence, ...]:
    marks: dict[tuple[int, int], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for which, table in enumerate((sure, edge)):
        for theme, spans in table.items():
            for start, end in spans:
                marks[start, end][which].add(theme)
    return tuple(
        LabelledSentence(start, end, frozenset(themes), frozenset(borderline - themes))
        for (start, end), (themes, borderline) in sorted(marks.items())
    )
