"""Figures side by side with JioNLP and Recognizers-Text, and the grammar's speed.

    python -m eval.studies.figures_rivals --rivals rivals.jsonl [--texts FILE.jsonl]

`rivals.jsonl` is what `eval/studies/rival_readings.py` writes in an environment of its own. Without
it only our own column is shown. A case counts as got when every figure of it is found with its
value (within one in ten thousand) and its unit and nothing else with a unit is; a rival is also
counted on value alone, as none of them has health counters, bounds or kinds.

`eval/studies/FIGURES.md` tells what came out.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from model import Article
from model.figures import find_figures

CASES = Path("tests/model/figure_cases.txt")
LEAD = "县医院介绍今天的情况如下。"
DATE = "2024-03-01"
TOLERANCE = 1e-4
ROUNDS = 3

Reading = tuple[tuple[float, ...], str]


@dataclass(frozen=True)
class Case:
    """A text and the figures in it, each with its value and unit."""

    text: str
    figures: tuple[Reading, ...]


def read_cases(path: Path) -> list[Case]:
    """Read `text => value unit bound [kind]`, figures apart by ` ; `, none as `-`."""
    cases = []
    for line in path.read_text(encoding="utf-8").splitlines():
        text, arrow, answer = line.partition(" => ")
        if not arrow or line.startswith("#"):
            continue
        parts = [] if answer == "-" else [figure.split() for figure in answer.split(" ; ")]
        figures = tuple((tuple(map(float, p[0].split("~"))), p[1]) for p in parts)
        cases.append(Case(text, figures))
    return cases


def read_ours(text: str) -> list[Reading]:
    """Return what our grammar finds in one case."""
    found = find_figures(Article.from_raw(LEAD + text, date=DATE))
    return [(figure.value, figure.unit) for figure in found]


def is_got(case: Case, readings: Sequence[Reading], *, units: bool = True) -> bool:
    """Whether all figures of a case were read, and none where it has none.

    Args:
        case: the text and its figures.
        readings: what was read.
        units: whether the unit must be right too, and nothing more be found.
    """
    left = list(readings)
    for value, unit in case.figures:
        hit = next((r for r in left if _same(r[0], value) and (not units or r[1] == unit)), None)
        if hit is None:
            return False
        left.remove(hit)
    return not units or not any(unit for _, unit in left)


def _same(one: Sequence[float], other: Sequence[float]) -> bool:
    close = (abs(a - b) <= TOLERANCE * max(1, abs(b)) for a, b in zip(one, other, strict=False))
    return len(one) == len(other) and all(close)


def compare(cases: Sequence[Case], rivals: dict[str, dict[str, list[Reading]]]) -> Table:
    """Return a table: cases got by us and by each rival, and what only one side gets."""
    ours = {case.text: is_got(case, read_ours(case.text)) for case in cases}
    table = Table("工具", "数值与单位都对", "只看数值", "它对我们错", "我们对它错")
    table.add_row("医闻", f"{sum(ours.values())}/{len(cases)}", "", "", "")
    for name, readings in rivals.items():
        full = [c.text for c in cases if is_got(c, readings.get(c.text, []))]
        loose = [c.text for c in cases if is_got(c, readings.get(c.text, []), units=False)]
        theirs = sum(not ours[text] for text in full)
        mine = sum(ours.values()) - sum(ours[text] for text in full)
        table.add_row(name, f"{len(full)}/{len(cases)}", str(len(loose)), str(theirs), str(mine))
    return table


def read_rivals(path: Path) -> dict[str, dict[str, list[Reading]]]:
    """Read the lines of `eval/studies/rival_readings.py`: by rival, by text, the readings."""
    rivals: dict[str, dict[str, list[Reading]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for name, readings in row.items():
            if name != "text":
                found = [(tuple(values), unit) for values, unit in readings]
                rivals.setdefault(name, {})[row["text"]] = found
    return rivals


def measure_speed(texts: Path) -> float:
    """Return characters a second of `find_figures` without cleaning and encoder, best of three."""
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


def main() -> None:
    """Print the comparison, the cases that only one side gets, and the speed."""
    parser = argparse.ArgumentParser(description="数字识别与 JioNLP、Recognizers-Text 对照")
    parser.add_argument("--cases", type=Path, default=CASES)
    parser.add_argument("--rivals", type=Path, help="eval/studies/rival_readings.py 的输出")
    parser.add_argument("--texts", type=Path, help="JSON Lines 文章，用于测速度")
    parser.add_argument("-v", action="store_true", help="列出只有一方读对的例子")
    options = parser.parse_args()
    console = Console()
    cases = read_cases(options.cases)
    rivals = read_rivals(options.rivals) if options.rivals else {}
    if not rivals:
        console.print(
            "没有对照结果：请按 eval/studies/rival_readings.py 开头的说明另装环境，再用 --rivals"
        )
    console.print(compare(cases, rivals))
    if options.v:
        _list_differences(console, cases, rivals)
    if options.texts:
        console.print(f"速度：每秒 {measure_speed(options.texts):,.0f} 字")


def _list_differences(
    console: Console, cases: Sequence[Case], rivals: dict[str, dict[str, list[Reading]]]
) -> None:
    for name, readings in rivals.items():
        for case in cases:
            mine = is_got(case, read_ours(case.text))
            theirs = is_got(case, readings.get(case.text, []))
            if mine != theirs:
                who = "只有医闻对" if mine else f"只有{name}对"
                console.print(f"{name}，{who}：{case.text}", readings.get(case.text, []))


if __name__ == "__main__":
    main()
