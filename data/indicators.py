"""The list of official indicators, `data/indicators.yaml`, and the table that the model reads.

`python -m data.indicators` writes `model/figures/indicators.tsv` anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from data.text_files import read_text
from model import InputError
from model.figures.official import TABLE_COLUMNS, TABLE_FILE, normalise
from model.validation import ContentError, validate

INDICATORS_FILE = Path(__file__).parent / "indicators.yaml"
_JOIN = "|"


@dataclass(frozen=True)
class Indicator:
    """One official or usual indicator.

    `unit` lists the units that its value may have, the usual one first; an empty one stands for a
    bare number. `also` are other names of the same measure, `near` names of another one that are
    often used for it, each with what differs. `avoid` are words beside a name that make another
    measure of it. `source` is the document and its year.
    """

    name: str
    unit: tuple[str, ...]
    counts: str
    source: str
    also: tuple[str, ...] = ()
    near: Mapping[str, str] = field(default_factory=dict)
    avoid: tuple[str, ...] = ()


def read_indicators(path: Path = INDICATORS_FILE) -> tuple[Indicator, ...]:
    """Read the list.

    Raises:
        InputError: an entry lacks a field or has an unknown one, names no known source, or two
            entries share a name or, for one unit, another name.
    """
    content = yaml.safe_load(read_text(path))
    sources = content["sources"]
    indicators = tuple(_to_indicator(row, sources, path) for row in content["indicators"])
    _check_names(indicators, path)
    return indicators


def _to_indicator(row: Any, sources: Mapping[str, str], path: Path) -> Indicator:
    try:
        indicator = validate(Indicator, {**row, "source": sources[row["source"]]})
    except (ContentError, KeyError, TypeError) as error:
        raise InputError(f"{path}：指标读不懂（{error}）：{str(row)[:60]}") from None
    if not (indicator.name and indicator.unit and indicator.counts):
        raise InputError(f"{path}：指标 {indicator.name} 的 name、unit、counts 不能为空")
    return indicator


def _check_names(indicators: tuple[Indicator, ...], path: Path) -> None:
    owners: dict[tuple[str, str], str] = {}
    for indicator in indicators:
        for form in {
            normalise(name) for name in (indicator.name, *indicator.also, *indicator.near)
        }:
            for unit in indicator.unit:
                owner = owners.setdefault((form, unit), indicator.name)
                if owner != indicator.name:
                    raise InputError(
                        f"{path}：“{form}”（{unit}）既属 {owner}，又属 {indicator.name}"
                    )


def write_table(indicators: tuple[Indicator, ...]) -> str:
    """Return the table of the model: a line for every name of every indicator."""
    lines = ["\t".join(TABLE_COLUMNS)]
    for indicator in indicators:
        units, avoid = _JOIN.join(indicator.unit), _JOIN.join(indicator.avoid)
        lines += [
            "\t".join((form, indicator.name, match, note, units, avoid))
            for form, match, note in _forms(indicator)
        ]
    return "\n".join(lines) + "\n"


def _forms(indicator: Indicator) -> Iterator[tuple[str, str, str]]:
    """Every name once, with how well it matches; what differs wins over `also`."""
    yield indicator.name, "exact", ""
    for form, note in indicator.near.items():
        yield form, "near", note
    for form in indicator.also:
        if form != indicator.name and form not in indicator.near:
            yield form, "same", ""


def main() -> None:
    """Write the table anew."""
    TABLE_FILE.write_text(write_table(read_indicators()), encoding="utf-8")


if __name__ == "__main__":
    main()
