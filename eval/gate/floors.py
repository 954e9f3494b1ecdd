"""Quality floors: what the committed gold set must reach before a change passes the tests.

The floors name measures of the report by their keys, so that gate and report cannot drift apart.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from math import isnan
from pathlib import Path

from data.gold import read_gold_articles
from eval.measuring.answers import ask_model, to_article
from eval.measuring.measures import ALL
from eval.measuring.sheet import mark
from model import Analyzer

GOLD = Path(__file__).parent / "gold"
FLOORS = Path(__file__).parent / "floors.toml"


@dataclass(frozen=True)
class Failure:
    """A measure that does not reach its floor, or passes its ceiling."""

    key: str
    value: float
    bound: float


def read_floors(path: Path = FLOORS) -> dict[str, float]:
    """Return the bound of each measure: a floor, or a ceiling where lower is better.

    Raises:
        KeyError: a key names no measure.
    """
    floors = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {measure.key for measure in ALL}
    if unknown := set(floors) - known:
        raise KeyError(f"no such measure: {', '.join(sorted(unknown))}")
    return {key: float(value) for key, value in floors.items()}


def measure_gold(analyzer: Analyzer) -> dict[str, float]:
    """Return every measure of the report on the committed gold set."""
    names = analyzer.manifest.theme_names
    golds = read_gold_articles(GOLD, frozenset(names))
    answers = ask_model(analyzer, [to_article(gold) for gold in golds])
    sheet = mark(golds, answers, list(names))
    return {measure.key: measure.of(sheet) for measure in ALL}


def find_failures(values: dict[str, float], floors: dict[str, float]) -> list[Failure]:
    """Return the measures that miss their bound; one that could not be measured misses it."""
    ceilings = {measure.key for measure in ALL if measure.lower_is_better}
    failures = []
    for key, bound in floors.items():
        value = values[key]
        right = value <= bound if key in ceilings else value >= bound
        if isnan(value) or not right:
            failures.append(Failure(key, value, bound))
    return failures
