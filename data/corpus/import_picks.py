"""Make pointers of summaries picked from articles' own clauses: their words are left out.

`python -m data.corpus.import_picks PICKS.jsonl data/pointers/picks/NAME.jsonl TEXTS...`

PICKS hold `id`, `summary` (parts with `at`) and `skip`, which says why an article has no summary;
such articles are left out. TEXTS are the JSON Lines files (also gzipped) that hold the articles
with `id`, `text` and `date`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from data.command import run_command
from data.corpus.import_rows import read_lines
from data.corpus.texts import strip_lead
from model import InputError


def to_pointer(pick: dict[str, Any], article: dict[str, Any]) -> dict[str, Any]:
    """Leave out the words of one summary; places no longer count the collection's lead."""
    text = article["text"]
    lead = len(text) - len(strip_lead(text))
    parts = [[start - lead, end - lead] for start, end in (part["at"] for part in pick["summary"])]
    return {"id": pick["id"], "date": article.get("date"), "parts": parts}


def main(
    picks: Annotated[Path, typer.Argument(help="summaries as parts with places")],
    out: Annotated[Path, typer.Argument(help="the table of pointers")],
    texts: Annotated[list[Path], typer.Argument(help="files that hold the articles")],
) -> None:
    """Write pointers of summaries."""
    articles = {line["id"]: line for path in texts for line in read_lines(path)}
    pointers = []
    for pick in read_lines(picks):
        if pick["skip"]:
            continue
        if pick["id"] not in articles:
            raise InputError(f"{picks}：没有找到文章 {pick['id']} 的原文")
        pointers.append(to_pointer(pick, articles[pick["id"]]))
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(pointer, ensure_ascii=False) for pointer in pointers)
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run_command(main)
