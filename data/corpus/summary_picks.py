"""Summary picks: summaries that can be filed unedited, as lines of `data/pointers/picks/`.

    {"id": "b335e9e834af", "date": "2023-05-16", "parts": [[20, 28], [46, 81]]}

Places are offsets into the text that `find_texts` returns; the text is never stored here. The parts
are sentences and clauses of the article in the order of the summary.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from data.corpus.pointers import POINTERS_FOLDER
from data.corpus.texts import find_texts

PICKS_FOLDER = POINTERS_FOLDER / "picks"
Place = tuple[int, int]


@dataclass(frozen=True)
class PickArticle:
    """A real article with the parts of it that its summary is made of."""

    id: str
    text: str
    date: str
    parts: tuple[Place, ...]


def resolve_picks(folder: Path = PICKS_FOLDER) -> tuple[list[PickArticle], int]:
    """Return the articles whose text is at hand, and how many others there are."""
    lines = [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    texts = find_texts(frozenset(line["id"] for line in lines))
    found = [
        PickArticle(
            line["id"],
            texts[line["id"]],
            line["date"] or "",
            tuple((start, end) for start, end in line["parts"]),
        )
        for line in lines
        if line["id"] in texts
    ]
    return found, len(lines) - len(found)
