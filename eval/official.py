"""How well figures are filed under official indicators.

    python -m eval.official GOLD.jsonl [--reports REPORTS.jsonl] [--show]

GOLD has `official`, the usual name that an annotator gave a figure, in the form of `data.gold`.
Without reports, indicators are those of the annotators: what the matcher makes of right words.
With reports, what a model found, paired with the marked figures by value and unit; a figure that
it missed is a missed name.

How it is counted. A name is right where both stand in one entry of `data/indicators.yaml`. Recall
is over all figures that have a name. Precision is printed three ways, since annotators named
indicators now and then: `strict` takes every name as wrong whose figure has none; `asked` only
those of indicators that annotators named elsewhere in GOLD; `named` looks at figures with a name.
Doubtful figures count like sure ones; a found figure that is not marked counts neither way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from data.command import run_command
from data.gold import GoldArticle, GoldFigure, read_gold
from data.indicators import read_indicators
from data.themes import read_themes
from eval.measuring.figure_matching import match_figures
from model import Figure
from model.figures.official import find_official, normalise
from model.report import Official
from model.spans import Span


@dataclass(frozen=True)
class Pair:
    """A marked figure and the name it got; `wanted` are the names that are right, if any."""

    gold: GoldFigure
    wanted: frozenset[str]
    official: Official | None

    @property
    def is_right(self) -> bool:
        """Whether the name is one of those wanted."""
        return self.official is not None and self.official.name in self.wanted


@dataclass(frozen=True)
class Counts:
    """The counts of the module's head."""

    n_named: int
    n_right: int
    n_wrong: int
    n_extra: int
    n_extra_asked: int

    @property
    def recall(self) -> float:
        """Share of the named figures that got their name."""
        return self.n_right / max(1, self.n_named)

    def precision(self, n_extra: int) -> float:
        """Share of right names, with so many names of figures that have none."""
        return self.n_right / max(1, self.n_right + self.n_wrong + n_extra)

    def __str__(self) -> str:
        """Return the counts as one line."""
        return (
            f"named {self.n_named}, right {self.n_right}, wrong {self.n_wrong}, "
            f"extra {self.n_extra} ({self.n_extra_asked} asked): recall {self.recall:.3f}, "
            f"precision strict {self.precision(self.n_extra):.3f}, "
            f"asked {self.precision(self.n_extra_asked):.3f}, named {self.precision(0):.3f}"
        )


def count(pairs: Sequence[Pair]) -> Counts:
    """Count right and wrong names."""
    asked = frozenset(name for pair in pairs for name in pair.wanted)
    named = [pair for pair in pairs if pair.wanted]
    extra = [pair.official.name for pair in pairs if not pair.wanted and pair.official]
    return Counts(
        n_named=len(named),
        n_right=sum(pair.is_right for pair in named),
        n_wrong=sum(pair.official is not None and not pair.is_right for pair in named),
        n_extra=len(extra),
        n_extra_asked=sum(name in asked for name in extra),
    )


def pair_words(golds: Sequence[GoldArticle]) -> Iterator[Pair]:
    """Name the marked figures by the annotators' own words."""
    names = _names()
    for gold in golds:
        for figure in gold.figures or ():
            if figure.value is not None and figure.kinds:
                yield Pair(figure, _wanted(figure, names), find_official(_as_figure(figure)))


def pair_reports(golds: Sequence[GoldArticle], reports: Path) -> Iterator[Pair]:
    """Pair the marked figures with those of reports."""
    names = _names()
    lines = [json.loads(line) for line in reports.open(encoding="utf-8")]
    found = {str(line["id"]): [_read_figure(f) for f in line["figures"]] for line in lines}
    for gold in golds:
        sure = [figure for figure in gold.figures or () if figure.must]
        match = match_figures(sure, found.get(gold.id, []))
        for figure, own in match.right:
            yield Pair(figure, _wanted(figure, names), own.official)
        for figure in match.missed:
            yield Pair(figure, _wanted(figure, names), None)


def _names() -> dict[str, frozenset[str]]:
    """Every name as it is compared, and the indicators that have it."""
    names: dict[str, frozenset[str]] = {}
    for indicator in read_indicators():
        for name in (indicator.name, *indicator.also, *indicator.near):
            key = normalise(name)
            names[key] = names.get(key, frozenset()) | {indicator.name}
    return names


def _wanted(figure: GoldFigure, names: dict[str, frozenset[str]]) -> frozenset[str]:
    if figure.official is None:
        return frozenset()
    return names.get(normalise(figure.official), frozenset({figure.official}))


def _as_figure(figure: GoldFigure) -> Figure:
    return Figure(
        figure.text, figure.indicator, figure.value or (), figure.unit, figure.kinds[0],
        figure.bound, figure.year, Span(0, 0), "",
    )  # fmt: skip


def _read_figure(row: dict[str, Any]) -> Figure:
    value, official = row["value"], row["official"]
    return Figure(
        row["text"], row["indicator"], tuple(value) if isinstance(value, list) else (value,),
        row["unit"], row["kind"], row["bound"], row["year"], Span(row["start"], row["end"]),
        row["sentence"], row["body"], row["base"], official and Official(**official),
    )  # fmt: skip


def main(
    gold: Annotated[Path, typer.Argument(help="articles with right answers")],
    reports: Annotated[Path | None, typer.Option(help="reports of the same articles")] = None,
    show: Annotated[bool, typer.Option("--show", help="list the mistakes")] = False,
) -> None:
    """Measure official names."""
    golds = read_gold(gold, frozenset(theme.key for theme in read_themes()))
    pairs = list(pair_reports(golds, reports) if reports else pair_words(golds))
    console = Console(highlight=False, soft_wrap=True, markup=False)
    console.print(str(count(pairs)))
    for pair in pairs if show else ():
        if not pair.is_right and (pair.wanted or pair.official):
            given = pair.official.name if pair.official else "—"
            wanted = "、".join(sorted(pair.wanted)) or "—"
            console.print(f"{pair.gold.text}\t{pair.gold.indicator}\t{given}\t{wanted}")


if __name__ == "__main__":
    run_command(main)
