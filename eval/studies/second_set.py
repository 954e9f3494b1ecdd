"""The second set: real articles of sources that no model was trained on.

`python -m eval.studies.second_set MODEL... [--gold GOLD.jsonl]`

Prints themes of every model with 95% intervals, and by how much each differs from the first, on the
same resamples. The set is `data/pointers/second/`, its texts are looked up by `YIWEN_TEXTS`; with
`--gold` the same is printed for another set.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from data.command import run_command
from data.corpus.pointers import SECOND_FOLDER, resolve_pointers
from data.gold import GoldArticle, read_gold, to_gold
from data.themes import read_themes
from eval.measuring.bootstrap import Estimate, estimate, estimate_difference
from eval.measuring.measures import THEMES, theme_measures
from eval.measuring.predictions import clean_gold, predict
from eval.measuring.scoresheet import Scoresheet, mark
from model import Analyzer, InputError


def read_second_set() -> list[GoldArticle]:
    """Return the articles of the second set.

    Raises:
        InputError: the text of one is not at hand.
    """
    resolved = resolve_pointers(SECOND_FOLDER)
    if resolved.n_missing:
        raise InputError(f"第二测试集有 {resolved.n_missing} 篇的原文不在手边（见 YIWEN_TEXTS）")
    return [to_gold(article) for article in resolved.articles]


def measure(models: Sequence[Path], golds: Sequence[GoldArticle], console: Console) -> None:
    """Measure models on the same articles and print a table."""
    names = {theme.key: theme.name for theme in read_themes()}
    measures = (*THEMES, *theme_measures(list(names), names))
    articles = [clean_gold(gold) for gold in golds]
    sheets: list[Scoresheet] = []
    table = Table("指标", title=f"{len(golds)} 篇")
    columns = []
    for number, folder in enumerate(models):
        analyzer = Analyzer.load(folder)
        sheets.append(mark(golds, predict(analyzer, articles), list(names)))
        table.add_column(analyzer.manifest.version)
        columns.append(estimate(sheets[-1], measures))
        if number:
            table.add_column("与第一个之差")
            columns.append(estimate_difference(sheets[0], sheets[-1], measures))
    for one in measures:
        table.add_row(one.name, *(_show(column[one.key]) for column in columns))
    console.print(table)


def _show(found: Estimate) -> str:
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def main(
    models: Annotated[list[Path], typer.Argument(metavar="MODEL...", help="model folders")],
    gold: Annotated[Path | None, typer.Option(help="another set, as JSON Lines")] = None,
) -> None:
    """Measure models on articles of sources that they were not trained on."""
    keys = frozenset(theme.key for theme in read_themes())
    golds = read_gold(gold, keys) if gold else read_second_set()
    measure(models, golds, Console(width=160))


if __name__ == "__main__":
    run_command(main)
