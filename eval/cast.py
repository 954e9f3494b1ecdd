"""`python -m eval.cast`: how well the cast knows whom figures, and where articles, are about.

Bodies are those of labelled rows (`data/pointers/rows`), places those of
`data/pointers/places.jsonl`; their texts are looked up in what `YIWEN_TEXTS` names.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from data.command import run_command
from data.corpus.body_rows import PARTS, BodyArticle, BodyRow, body_articles, is_near
from data.corpus.pointers import POINTERS_FOLDER
from data.corpus.texts import find_texts
from model import Article
from model.names import Cast, read_cast
from model.names.subjects import OF_FIGURE, Target
from model.spans import Span

PLACES = POINTERS_FOLDER / "places.jsonl"
_AROUND_CHARS = 12


@dataclass
class Tally:
    """Right answers among all, by name of the measure, and what was wrong."""

    right: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def count(self, measure: str, is_right: bool) -> None:
        """Count one answer."""
        self.right[measure] += is_right
        self.total[measure] += 1

    def to_table(self) -> Table:
        """Return the shares as a table."""
        table = Table("measure", "share", "of")
        for measure, total in self.total.items():
            table.add_row(measure, f"{self.right[measure] / total:.3f}", str(total))
        return table


def measure_bodies(articles: Iterable[BodyArticle]) -> Tally:
    """Count which bodies of rows are candidates, and which are found.

    They are looked for as subject of the sentence and as body of the figure; `near` counts a name
    with or without what stands before it.
    """
    tally = Tally()
    for found in articles:
        cast = read_cast(found.article)
        text = found.article.text
        names = {span.of(text) for span in cast.candidates}
        tally.right["candidates a 100 characters"] += len(cast.candidates)
        tally.total["candidates a 100 characters"] += len(text) // 100
        for row in found.rows:
            _measure_row(found, row, cast, names, tally)
    return tally


def _measure_row(
    found: BodyArticle, row: BodyRow, cast: Cast, names: set[str], tally: Tally
) -> None:
    text = found.article.text
    chosen = cast.finder.choose(Target(row.number, row.at.start, OF_FIGURE))
    guesses = {
        "subject of its sentence": cast.subjects[row.number],
        "body": cast.finder.span_of(chosen, row.at.start),
    }
    if row.body is None:
        tally.count("nobody's", guesses["body"] is None)
        return
    wanted = row.body.of(text)
    tally.count("candidates", wanted in names)
    tally.count("candidates, near", any(is_near(name, wanted) for name in names))
    for measure, span in guesses.items():
        name = span.of(text) if span else ""
        tally.count(measure, name == wanted)
        tally.count(f"{measure}, near", is_near(name, wanted))
    if wanted not in names:
        tally.wrong.append(f"{found.article.id} {wanted} | {_around(text, row.body)}")


def measure_places(part: str) -> Tally:
    """Count the places of articles that are right; `forced` are names where none was sure."""
    labels = [json.loads(line) for line in PLACES.open(encoding="utf-8")]
    labels = [label for label in labels if part in ("all", label["part"])]
    texts = find_texts(frozenset(label["id"] for label in labels))
    tally = Tally()
    for label in labels:
        if label["id"] not in texts:
            continue
        place = read_cast(Article.from_raw(texts[label["id"]])).place
        name, wanted = place.name if place else None, label["places"]
        tally.count("place", name in wanted)
        if wanted[0] in (place.path if place else ()):
            tally.count("too coarse or fine, of those in the right place", name not in wanted)
        tally.count(
            "forced",
            name not in wanted and (not place or wanted[0] not in place.path) and place is not None,
        )
        if name not in wanted:
            tally.wrong.append(f"{label['id']} {wanted} but {place and '/'.join(place.path)}")
    return tally


def _around(text: str, span: Span) -> str:
    before = text[max(0, span.start - _AROUND_CHARS) : span.start]
    around = f"{before}[{span.of(text)}]{text[span.end : span.end + _AROUND_CHARS]}"
    return around.replace("\n", "⏎")


def main(
    part: Annotated[str, typer.Option(help="written, reported or all")] = "reported",
    errors: Annotated[int, typer.Option(help="how many errors to print")] = 0,
) -> None:
    """Measure the cast on labelled rows and places."""
    console = Console()
    parts = PARTS if part == "all" else (part,)
    for tally in (measure_bodies(body_articles(parts)), measure_places(part)):
        console.print(tally.to_table())
        for line in tally.wrong[:errors]:
            console.print(line, highlight=False, markup=False, soft_wrap=True)


if __name__ == "__main__":
    run_command(main)
