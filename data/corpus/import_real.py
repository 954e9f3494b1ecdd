"""Import of pointers from real articles that were labelled by sentence openings.

`python -m data.corpus.import_real LABELLED.jsonl data/pointers/NAME.jsonl`

The input has, for each theme, the first characters of its sentences and, if marked, key figures
with their context and the openings of the summary's sentences. The table has offsets into the text,
without the collection's lead, and none of the text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from data.command import run_command
from data.corpus.texts import strip_lead
from model import Article, InputError


def to_pointer(row: dict[str, Any]) -> dict[str, Any]:
    """Turn one labelled article into its pointer.

    Raises:
        InputError: a sentence opening or a figure does not occur in the text.
    """
    lead = len(row["text"]) - len(strip_lead(row["text"]))
    article = Article.from_raw(row["text"])
    spans = [article.to_raw(sentence) for sentence in article.sentences]
    places = _Places(row["id"], article, lead, [(span.start, span.end) for span in spans])
    figures, openings = row.get("figures"), row.get("summary")
    return {
        "id": row["id"],
        "themes": row["themes"],
        "borderline": row["borderline"],
        "primary": row["primary"],
        "sentences": places.of_themes(row["sentences"]),
        "borderline_sentences": places.of_themes(row["borderline_sentences"]),
        "complete": not row.get("incomplete_sentences", False),
        "figures": None if figures is None else [places.of_figure(f) for f in figures],
        "summary": [list(places.of_sentence(opening)) for opening in openings or ()],
    }


@dataclass(frozen=True)
class _Places:
    """Finds an annotator's quotations; offsets do not count the collection's lead."""

    id: str
    article: Article
    lead: int
    spans: list[tuple[int, int]]

    @property
    def text(self) -> str:
        return self.article.raw

    def of_themes(self, table: dict[str, list[str]]) -> dict[str, list[list[int]]]:
        return {
            theme: [list(self.of_sentence(opening)) for opening in openings]
            for theme, openings in table.items()
        }

    def of_sentence(self, opening: str) -> tuple[int, int]:
        at = self._find_opening(opening)
        exact = [span for span in self.spans if self.text.startswith(opening, span[0])]
        around = [span for span in self.spans if span[0] <= at < span[1]]
        start, end = (exact or around or [(at, at + len(opening))])[0]
        # an opening may reach into the lead
        return max((start if exact else max(start, at)) - self.lead, 0), end - self.lead

    def _find_opening(self, opening: str) -> int:
        """Return where an opening stands in the text as it came, quoted from it or as cleaned."""
        at = self.text.find(opening)
        if at < 0 and (cleaned := self.article.text.find(opening)) >= 0:
            at = int(self.article.offsets[cleaned])
        if at < 0:
            raise InputError(f"{self.id}：正文里找不到句首 {opening!r}")
        return at

    def of_figure(self, figure: dict[str, Any]) -> dict[str, Any]:
        around = self.text.find(figure["context"])
        within = figure["context"].find(figure["text"])
        if around < 0 or within < 0:
            raise InputError(f"{self.id}：正文里找不到数字 {figure['text']!r}")
        start = around + within - self.lead
        named = {key: figure[key] for key in ("value", "unit", "kind", "bound", "year")}
        indicator = self._nearest(figure["indicator"], start + self.lead)
        return {"at": [start, start + len(figure["text"])], "indicator": indicator, **named}

    def _nearest(self, words: str, at: int) -> list[int]:
        found = [m.start() for m in re.finditer(re.escape(words), self.text)]
        if not words or not found:
            raise InputError(f"{self.id}：正文里找不到指标 {words!r}")
        start = min(found, key=lambda place: abs(place - at)) - self.lead
        return [start, start + len(words)]


def main(
    source: Annotated[Path, typer.Argument(help="JSON Lines of labelled articles.")],
    target: Annotated[Path, typer.Argument(help="The table of pointers to write.")],
) -> None:
    """Write a table of pointers from real articles that were labelled by sentence openings."""
    rows = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    lines = [json.dumps(to_pointer(row), ensure_ascii=False) for row in rows]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run_command(main)
