"""Figure rows: real key figures as they would be filed, as lines of `data/pointers/rows/`.

    {"id": "b335e9e834af", "date": "2023-05-16", "figures": [
      {"at": [18, 22], "must": true, "kind": "level", "bound": "", "year": 2022,
       "indicator": [[5, 16]], "body": [3, 5]}]}

Places are offsets into the text that `find_texts` returns; the text is never stored here. `body` is
null where the figure is nobody's, and missing where the text does not name it as it was filed;
`indicator` is missing where it was filed by another convention (`净利润` for `净利润增长`). A
number that is not listed is no key figure; one with `must` false is doubtful.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.corpus.pointers import POINTERS_FOLDER, read_tables, second_ids
from data.corpus.texts import find_texts

ROWS_FOLDER = POINTERS_FOLDER / "rows"
# Rows that no head learns from.
FRESH_FOLDER = POINTERS_FOLDER / "fresh"
Place = tuple[int, int]


@dataclass(frozen=True)
class FigureRow:
    """One key figure; see the module's head. `is_…_known` tells none from what is not said."""

    at: Place
    is_sure: bool
    kind: str
    bound: str
    year: int | None
    indicator: tuple[Place, ...]
    body: Place | None
    is_body_known: bool
    is_indicator_known: bool = True


@dataclass(frozen=True)
class RowArticle:
    """A real article with all its key figures."""

    id: str
    text: str
    date: str
    rows: tuple[FigureRow, ...]


def resolve_rows(
    folder: Path = ROWS_FOLDER, *, second: bool = False
) -> tuple[list[RowArticle], int]:
    """Return the articles whose text is at hand, and how many others there are.

    Those of the second set are left out, or are the only ones with `second`.
    """
    kept_back = second_ids()
    lines = [line for line in read_tables(folder) if (line["id"] in kept_back) is second]
    texts = find_texts(frozenset(line["id"] for line in lines))
    found = [
        RowArticle(line["id"], texts[line["id"]], line["date"] or "", tuple(_rows(line)))
        for line in lines
        if line["id"] in texts
    ]
    return found, len(lines) - len(found)


def _rows(line: dict[str, Any]) -> Iterator[FigureRow]:
    for row in line["figures"]:
        start, end = row["at"]
        body = row.get("body")
        yield FigureRow(
            at=(start, end),
            is_sure=row["must"],
            kind=row["kind"],
            bound=row["bound"],
            year=row["year"],
            indicator=tuple((first, last) for first, last in row.get("indicator", ())),
            body=(body[0], body[1]) if body else None,
            is_body_known="body" in row,
            is_indicator_known="indicator" in row,
        )
