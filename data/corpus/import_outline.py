"""Make pointers of pages whose lines are labelled: their titles become places.

`python -m data.corpus.import_outline OUTLINE.jsonl data/pointers/outline/NAME.jsonl TEXTS...`

OUTLINE holds `id`, `in`, `labels` and `title`; pages with `in` `page` are for measuring and left
out. TEXTS are the JSON Lines files (also gzipped) that hold the articles with `id`, `text` and
`source`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from data.command import run_command
from data.corpus.import_rows import read_lines
from data.corpus.outline_pages import line_spans
from data.corpus.texts import strip_lead
from model import InputError

MEASURING = "page"


def to_pointer(row: dict[str, Any], article: dict[str, Any]) -> dict[str, Any]:
    """Leave out the words of one page's labels."""
    text = strip_lead(article["text"])
    return {
        "id": row["id"],
        "source": article.get("source") or "",
        "title": _find_title(row, text),
        "labels": row["labels"],
    }


def _find_title(row: dict[str, Any], text: str) -> list[list[int]] | None:
    """The places of the title's words in the last line that is labelled as one."""
    if not row["title"]:
        return None
    numbers = [n for first, last, kind, *_ in row["labels"] if kind == "title"
               for n in range(first, last + 1)]  # fmt: skip
    for number in reversed(numbers):
        line = line_spans(text)[number]
        at = line.of(text).find(row["title"])
        if at >= 0:
            return [[line.start + at, line.start + at + len(row["title"])]]
    at = text.find(row["title"])
    return [[at, at + len(row["title"])]] if at >= 0 else None


def main(
    outline: Annotated[Path, typer.Argument(help="labelled pages")],
    out: Annotated[Path, typer.Argument(help="the table of pointers")],
    texts: Annotated[list[Path], typer.Argument(help="files that hold the articles")],
) -> None:
    """Write pointers of labelled pages."""
    rows = [row for row in read_lines(outline) if row.get("in") != MEASURING]
    wanted = {row["id"] for row in rows}
    articles = {line["id"]: line for path in texts for line in read_lines(path)
                if line["id"] in wanted}  # fmt: skip
    if missing := wanted - set(articles):
        raise InputError(f"{outline}：没有找到文章 {min(missing)} 的原文")
    out.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(to_pointer(row, articles[row["id"]]), ensure_ascii=False) for row in rows)
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run_command(main)
