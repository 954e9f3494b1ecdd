"""Counting with which words clauses go on and no sentence begins.

`python -m training.recipes.read_starts [OUT]`

It reads the texts in the files that `YIWEN_TEXTS` names, and writes the starts to OUT, by default
`model/summary/starts.tsv`. Before, it prints how many of the sentences that open picked summaries,
all of which stand by themselves, begin so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from data.command import run_command
from data.corpus.summary_picks import resolve_picks
from data.corpus.texts import named_places, read_texts
from model import InputError
from model.summary.starts import LENGTHS, MIN_ODDS, WEIGHTS, normalise
from training.summary.starts import count_starts


def write_starts(odds: dict[str, float], path: Path) -> None:
    """Write starts as `model.summary.starts.load_starts` reads them."""
    rows = [f"{start}\t{value:.2f}" for start, value in odds.items()]
    path.write_text("\n".join(["start\todds", *rows]) + "\n", encoding="utf-8")


def main(out: Annotated[Path, typer.Argument(help="the file of starts")] = WEIGHTS) -> None:
    """Count the starts."""
    texts = sorted({text for _, text in read_texts(named_places())})
    if not texts:
        raise InputError("手边没有文章（见 YIWEN_TEXTS）", code="no_articles")
    odds = count_starts(texts)
    picks, _ = resolve_picks()
    firsts = [normalise(pick.text[min(pick.parts)[0] :]) for pick in picks]
    wrong = sum(any(odds.get(first[:n], 0) >= MIN_ODDS for n in LENGTHS) for first in firsts)
    n_midway = sum(value >= MIN_ODDS for value in odds.values())
    print(f"{len(odds)} 个开头，{n_midway} 个不起句；{len(firsts)} 篇摘要有 {wrong} 篇这样开头")
    write_starts(odds, out)
    print(f"已写入 {out}")


if __name__ == "__main__":
    run_command(main)
