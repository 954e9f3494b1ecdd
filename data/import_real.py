"""Make a table of pointers from real articles labelled by sentence openings.

usage: python -m data.import_real LABELLED.jsonl data/pointers/NAME.jsonl

The input gives, for each theme, the first characters of the sentences that carry it; the table
keeps their offsets in the text, without the collection's lead, and none of the text.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from data.texts import strip_lead
from model import Article, InputError


def to_pointer(row: dict[str, Any]) -> dict[str, Any]:
    """Turn one labelled article into its pointer.

    Raises:
        InputError: a sentence opening does not occur in the text.
    """
    article = Article.from_raw(row["text"])
    spans = [article.to_raw(sentence) for sentence in article.sentences]
    raw_spans = [(span.start, span.end) for span in spans]
    return {
        "id": row["id"],
        "themes": row["themes"],
        "borderline": row["borderline"],
        "primary": row["primary"],
        "sentences": _locate_all(row, "sentences", raw_spans),
        "borderline_sentences": _locate_all(row, "borderline_sentences", raw_spans),
        "complete": not row.get("incomplete_sentences", False),
    }


def _locate_all(
    row: dict[str, Any], field: str, spans: list[tuple[int, int]]
) -> dict[str, list[list[int]]]:
    return {
        theme: [list(_locate(row, opening, spans)) for opening in openings]
        for theme, openings in row[field].items()
    }


def _locate(row: dict[str, Any], opening: str, spans: list[tuple[int, int]]) -> tuple[int, int]:
    at = row["text"].find(opening)
    if at < 0:
        raise InputError(f"{row['id']}：正文里找不到句首 {opening!r}")
    exact = [span for span in spans if row["text"].startswith(opening, span[0])]
    around = [span for span in spans if span[0] <= at < span[1]]
    start, end = (exact or around or [(at, at + len(opening))])[0]
    lead = len(row["text"]) - len(strip_lead(row["text"]))  # an opening may reach into it
    return max((start if exact else max(start, at)) - lead, 0), end - lead


def main(source: Path, target: Path) -> None:
    """Read `source`, write `target`."""
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    lines = [json.dumps(to_pointer(row), ensure_ascii=False) for row in rows]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
