"""Make pointers of figure rows labelled with places: their words are left out.

`python -m data.corpus.import_rows ROWS.jsonl data/pointers/rows/NAME.jsonl TEXTS...`

ROWS hold `id` and `figures` (`at`, `must`, `kind`, `bound`, `year`, `indicator` as parts with `at`,
`body` with `at`); TEXTS are the JSON Lines files (also gzipped) that hold the articles with `id`,
`text` and `date`.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from data.command import run_command
from data.corpus.texts import strip_lead
from model import InputError


def to_pointer(row: dict[str, Any], article: dict[str, Any]) -> dict[str, Any]:
    """Leave out the words of one article's rows; places no longer count the collection's lead."""
    text = article["text"]
    lead = len(text) - len(strip_lead(text))

    def move(place: list[int]) -> list[int]:
        return [place[0] - lead, place[1] - lead]

    figures = []
    for figure in row["figures"]:
        pointer = {name: figure[name] for name in ("must", "kind", "bound", "year")}
        pointer["at"] = move(figure["at"])
        if "indicator" in figure:
            parts = figure["indicator"]
            pointer["indicator"] = [move(part["at"]) for part in parts if part.get("at")]
        body = figure.get("body")
        if body is None:
            pointer["body"] = None
        elif body.get("at"):
            pointer["body"] = move(body["at"])
        figures.append(pointer)
    return {"id": row["id"], "date": article.get("date"), "figures": figures}


def main(
    rows: Annotated[Path, typer.Argument(help="labelled rows")],
    out: Annotated[Path, typer.Argument(help="the table of pointers")],
    texts: Annotated[list[Path], typer.Argument(help="files that hold the articles")],
) -> None:
    """Write pointers of figure rows."""
    articles = {line["id"]: line for path in texts for line in read_lines(path)}
    pointers = []
    for row in read_lines(rows):
        if row["id"] not in articles:
            raise InputError(f"{rows}：没有找到文章 {row['id']} 的原文")
        pointers.append(to_pointer(row, articles[row["id"]]))
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(pointer, ensure_ascii=False) for pointer in pointers)
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON Lines, also gzipped."""
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


if __name__ == "__main__":
    run_command(main)
