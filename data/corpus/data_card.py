"""The data card's tables: counts of the labelled articles.

`python -m data.corpus.data_card [FILE]` prints the tables as Markdown, or writes them to FILE,
between its two marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from data.command import run_command
from data.corpus.loader import load_labelled
from data.labelled import LabelledArticle
from data.themes import read_themes
from model import InputError

START, END = "<!-- tables: made by python -m data.corpus.data_card -->", "<!-- end of tables -->"
LENGTHS = (200, 500, 1000, 2000)
NONE = "no theme"


def make_tables(articles: Sequence[LabelledArticle]) -> str:
    """Return every table as Markdown."""
    return "\n\n".join(
        (
            _sources(articles),
            _table("theme", articles, lambda a: sorted(a.themes) or [NONE]),
            _table("looks like, but is not", articles, lambda a: sorted(a.near)),
            _table("genre", articles, lambda a: [a.genre] if a.genre else []),
            _table("year", articles, lambda a: [a.date[:4]] if a.date else [], by_name=True),
            _table("characters", articles, lambda a: [_length(len(a.text))], by_name=True),
        )
    )


def _sources(articles: Sequence[LabelledArticle]) -> str:
    rows = []
    for source in sorted({a.source for a in articles}):
        of = [a for a in articles if a.source == source]
        cells = (
            len(of),
            sum(bool(a.themes) for a in of),
            sum(bool(a.sentences) for a in of),
            sum(len(a.sentences or ()) for a in of),
            sum(a.figures is not None for a in of),
            sum(len(a.figures or ()) for a in of),
            sum(any(s.key for s in a.sentences or ()) for a in of),
        )
        rows.append((source, *map(str, cells)))
    head = (
        "source", "articles", "with a theme", "with sentence labels", "sentences",
        "with figures", "figures", "with a summary",
    )  # fmt: skip
    return _markdown(head, rows)


def _table(
    name: str,
    articles: Sequence[LabelledArticle],
    find: Callable[[LabelledArticle], Iterable[str]],
    *,
    by_name: bool = False,
) -> str:
    sources = sorted({a.source for a in articles})
    counts = {s: Counter(k for a in articles if a.source == s for k in find(a)) for s in sources}
    total: Counter[str] = sum(counts.values(), Counter())
    keys = sorted(total) if by_name else [key for key, _ in total.most_common()]
    rows = [(key, *(str(counts[s][key]) for s in sources), str(total[key])) for key in keys]
    return _markdown((name, *sources, "all"), rows)


def _length(n_chars: int) -> str:
    below = next((bound for bound in LENGTHS if n_chars < bound), None)
    return f"{below:>5}-" if below else f"{LENGTHS[-1]:>5}+"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main(
    path: Annotated[Path | None, typer.Argument(help="File to write the tables to.")] = None,
) -> None:
    """Print the tables of the data card, or write them to a file between its two marks.

    Raises:
        InputError: the file has no marks.
    """
    card = make_tables(load_labelled(read_themes()).articles)
    if path is None:
        print(card)
        return
    text = path.read_text(encoding="utf-8")
    if START not in text or END not in text:
        raise InputError(f"{path} 里没有标记 {START} 与 {END}")
    before, after = text.split(START)[0], text.split(END)[1]
    path.write_text(f"{before}{START}\n\n{card}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    run_command(main)
