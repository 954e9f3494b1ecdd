"""The figure grammar compared with JioNLP and Recognizers-Text, and its speed.

    python -m eval.studies.figures_rivals --rivals rivals.jsonl [--texts FILE.jsonl]

`rivals.jsonl` is the output of `eval/studies/rival_readings.py`, run in an environment of its own.
Without it only Yiwen's row is shown. A case is right when all its figures are found with their
values (within one in ten thousand) and units, and nothing else with a unit; a rival is also scored
on values alone, since none of them has health counters, bounds or kinds.

`eval/studies/FIGURES.md` has the results.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from data.command import run_command
from model import Article
from model.figures import find_figures

CASES = Path("tests/model/figure_cases.txt")
LEAD = "县医院介绍今天的情况如下。"
DATE = "2024-03-01"
TOLERANCE = 1e-4
ROUNDS = 3

# The values and the unit that a tool reads.
NumberReading = tuple[tuple[float, ...], str]
# Readings by rival and text.
Rivals = dict[str, dict[str, list[NumberReading]]]


@dataclass(frozen=True)
class Case:
    """A text and its figures, each with its values and unit."""

    text: str
    figures: tuple[NumberReading, ...]


def read_cases(path: Path) -> list[Case]:
    """Read lines `text => value unit bound [kind]`, figures separated by ` ; `, none as `-`."""
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        text, arrow, prediction = line.partition(" => ")
        if not arrow or line.startswith("#"):
            continue
        parts = [] if prediction == "-" else [figure.split() for figure in prediction.split(" ; ")]
        figures = tuple((tuple(map(float, p[0].split("~"))), p[1]) for p in parts)
        cases.append(Case(text, figures))
    return cases


def read_ours(text: str) -> list[NumberReading]:
    """Return the figures that Yiwen's grammar finds in one case."""
    found = find_figures(Article.from_raw(LEAD + text, date=DATE))
    return [(figure.value, figure.unit) for figure in found]


def is_right(case: Case, readings: Sequence[NumberReading], *, units: bool = True) -> bool:
    """Whether all figures of a case are among the readings.

    Args:
        case: the text and its figures.
        readings: the figures that a tool found.
        units: whether units must be right too, and no other figure with a unit be found.
    """
    unmatched = list(readings)
    for value, unit in case.figures:
        hit = next(
            (r for r in unmatched if _same(r[0], value) and (not units or r[1] == unit)), None
        )
        if hit is None:
            return False
        unmatched.remove(hit)
    return not units or not any(unit for _, unit in unmatched)


def _same(one: Sequence[float], other: Sequence[float]) -> bool:
    close = (abs(a - b) <= TOLERANCE * max(1, abs(b)) for a, b in zip(one, other, strict=False))
    return len(one) == len(other) and all(close)


def compare_rivals(cases: Sequence[Case], rivals: Rivals) -> Table:
    """Return a table: cases right for Yiwen and each rival, and cases right for one side alone."""
    ours = {case.text: is_right(case, read_ours(case.text)) for case in cases}
    table = Table("工具", "数值与单位都对", "只看数值", "它对我们错", "我们对它错")
    table.add_row("医闻", f"{sum(ours.values())}/{len(cases)}", "", "", "")
    for name, readings in rivals.items():
        full = [c.text for c in cases if is_right(c, readings.get(c.text, []))]
        loose = [c.text for c in cases if is_right(c, readings.get(c.text, []), units=False)]
        theirs = sum(not ours[text] for text in full)
        mine = sum(ours.values()) - sum(ours[text] for text in full)
        table.add_row(name, f"{len(full)}/{len(cases)}", str(len(loose)), str(theirs), str(mine))
    return table


def read_rivals(path: Path) -> Rivals:
    """Read the output of `eval/studies/rival_readings.py`: readings by rival and text."""
    rivals: Rivals = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for name, readings in row.items():
            if name != "text":
                found = [(tuple(values), unit) for values, unit in readings]
                rivals.setdefault(name, {})[row["text"]] = found
    return rivals


def measure_speed(texts: Path) -> float:
    """Return characters a second of `find_figures` alone, best of three rounds."""
    rows = [json.loads(line) for line in texts.read_text(encoding="utf-8").splitlines() if line]
    articles = [Article.from_raw(row["text"]) for row in rows]
    n_chars = sum(len(article.text) for article in articles)
    find_figures(articles[0])  # the tables are read once
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for article in articles:
            find_figures(article)
        best = min(best, time.perf_counter() - started)
    return n_chars / best


def main(
    cases_file: Annotated[
        Path, typer.Option("--cases", help="Cases: lines of text and figures.")
    ] = CASES,
    rivals_file: Annotated[
        Path | None,
        typer.Option("--rivals", help="Output of eval/studies/rival_readings.py."),
    ] = None,
    texts: Annotated[
        Path | None, typer.Option(help="JSON Lines of articles, to measure speed on.")
    ] = None,
    verbose: Annotated[
        bool, typer.Option("-v", help="List the cases that are right for one side alone.")
    ] = False,
) -> None:
    """Print how many cases each tool gets right, and characters a second of Yiwen's grammar."""
    console = Console()
    cases = read_cases(cases_file)
    rivals = read_rivals(rivals_file) if rivals_file else {}
    if not rivals:
        console.print(
            "没有对照结果：请按 eval/studies/rival_readings.py 开头的说明另装环境，再用 --rivals"
        )
    console.print(compare_rivals(cases, rivals))
    if verbose:
        _list_differences(console, cases, rivals)
    if texts:
        console.print(f"速度：每秒 {measure_speed(texts):,.0f} 字")


def _list_differences(console: Console, cases: Sequence[Case], rivals: Rivals) -> None:
    for name, readings in rivals.items():
        for case in cases:
            mine = is_right(case, read_ours(case.text))
            theirs = is_right(case, readings.get(case.text, []))
            if mine != theirs:
                who = "只有医闻对" if mine else f"只有{name}对"
                console.print(f"{name}，{who}：{case.text}", readings.get(case.text, []))


if __name__ == "__main__":
    run_command(main)
