"""Quality floors: values that measures on the committed gold set must reach in the tests.

The floors name measures of the report by their keys, so that gate and report share definitions.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from math import isnan
from pathlib import Path

from data.gold import read_gold_articles
from eval.measuring.measures import ALL
from eval.measuring.predictions import clean_gold, predict
from eval.measuring.scoresheet import mark
from model import Analyzer

GOLD = Path(__file__).parent / "gold"
FLOORS = Path(__file__).parent / "floors.toml"


@dataclass(frozen=True)
class Failure:
    """A measure below its floor or above its ceiling."""

    key: str
    value: float
    bound: float


def read_floors(path: Path = FLOORS) -> dict[str, float]:
    """Return the bound of each measure: a floor, or a ceiling for measures where lower is better.

    Raises:
        KeyError: a key is not a measure's.
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
    predictions = predict(analyzer, [clean_gold(gold) for gold in golds])
    sheet = mark(golds, predictions, list(names))
    return {measure.key: measure.of(sheet) for measure in ALL}


def find_failures(values: dict[str, float], floors: dict[str, float]) -> list[Failure]:
    """Return the measures that miss their bound; NaN misses it."""
    ceilings = {measure.key for measure in ALL if measure.lower_is_better}
    failures = []
    for key, bound in floors.items():
        value = values[key]
        is_met = value <= bound if key in ceilings else value >= bound
        if isnan(value) or not is_met:
            failures.append(Failure(key, value, bound))
    return failures
