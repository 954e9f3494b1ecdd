"""Pointers: labels of real articles whose text lives elsewhere, as lines of `data/pointers/`.

    {"id": "ebf50bfea574", "themes": ["talent"], "borderline": [], "primary": null,
     "sentences": {"talent": [[412, 486]]}, "borderline_sentences": {}, "complete": true,
     "figures": [{"at": [420, 425], "indicator": [413, 418], "value": 93.4, "unit": "%",
                  "kind": "level", "bound": "", "year": 2022}], "summary": [[412, 486]]}

A sentence, a figure or an indicator is stored as its start and end in the text that `find_texts`
returns; the text itself is never stored here. `figures` is null where they were not marked.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.corpus.texts import find_texts
from data.labelled import LabelledArticle, LabelledFigure, LabelledSentence

POINTERS_FOLDER = Path(__file__).parents[1] / "pointers"
# Articles of sources that nothing is trained on: a second set to measure on, beside the dev set.
SECOND_FOLDER = POINTERS_FOLDER / "second"


@dataclass(frozen=True)
class Resolved:
    """Articles whose text was found, and the number of pointers without a text."""

    articles: tuple[LabelledArticle, ...]
    n_missing: int


def resolve_pointers(folder: Path = POINTERS_FOLDER) -> Resolved:
    """Read every table of pointers and look the texts up."""
    rows = read_tables(folder)
    texts = find_texts(frozenset(row["id"] for row in rows))
    found = tuple(to_article(row, texts[row["id"]]) for row in rows if row["id"] in texts)
    return Resolved(found, len(rows) - len(found))


def second_ids() -> frozenset[str]:
    """Return the ids of the second set, which no training may learn from."""
    return frozenset(row["id"] for row in read_tables(SECOND_FOLDER))


def read_tables(folder: Path) -> list[dict[str, Any]]:
    """Read the lines of all tables of a folder, in order of their names."""
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def to_article(row: dict[str, Any], text: str) -> LabelledArticle:
    """Make a labelled article of a pointer and its text."""
    return LabelledArticle(
        id=row["id"],
        text=text,
        source="pointer",
        themes=frozenset(row["themes"]),
        borderline=frozenset(row["borderline"]) - frozenset(row["themes"]),
        primary=row["primary"],
        sentences=_sentences(row),
        complete=row["complete"],
        figures=_figures(row.get("figures"), text),
    )


def _sentences(row: dict[str, Any]) -> tuple[LabelledSentence, ...]:
    marks: dict[tuple[int, int], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for which, table in enumerate((row["sentences"], row["borderline_sentences"])):
        for theme, spans in table.items():
            for start, end in spans:
                marks[start, end][which].add(theme)
    keys = {(start, end) for start, end in row.get("summary") or ()}
    return tuple(
        LabelledSentence(*place, frozenset(sure), frozenset(edge - sure), key=place in keys)
        for place, (sure, edge) in sorted((place, marks[place]) for place in {*marks, *keys})
    )


def _figures(rows: list[dict[str, Any]] | None, text: str) -> tuple[LabelledFigure, ...] | None:
    if rows is None:
        return None
    return tuple(
        LabelledFigure(
            start=row["at"][0],
            end=row["at"][1],
            indicator=text[slice(*row["indicator"])],
            value=tuple(row["value"]) if isinstance(row["value"], list) else (row["value"],),
            unit=row["unit"],
            kind=row["kind"],
            bound=row["bound"],
            year=row["year"],
        )
        for row in rows
    )
