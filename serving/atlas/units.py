"""Units as they are compared: `名` and `人` are one, `‰` is a tenth of `%`; what is shown stays."""

from __future__ import annotations

from functools import cache

from model.figures.official import TABLE_FILE
from model.word_lists import read_table

_SAME = {"名": "人", "位": "人", "所": "家", "间": "家", "例次": "例", "％": "%", "周岁": "岁"}
_COUNTERS = frozenset({"个", "家", "人", "人次", "例", "台", "张", "支", "项", "辆"})
RATES = frozenset({"%", "/10万", "岁"})
_PER_MILLE = 10


def compare_as(
    value: tuple[float, ...], unit: str, official: str = ""
) -> tuple[tuple[float, ...], str]:
    """Return a value and its unit as they are compared.

    Args:
        value: the value in base units, two ends for a range.
        unit: its unit in the text.
        official: the official indicator, whose counts may be told in several units.
    """
    if unit == "‰":
        return tuple(round(end / _PER_MILLE, 6) for end in value), "%"
    unit = _SAME.get(unit, unit)
    usual = _usual_units().get(official, ())
    if unit in _COUNTERS and unit in usual and usual[0] in _COUNTERS:
        unit = usual[0]
    return value, unit


@cache
def _usual_units() -> dict[str, tuple[str, ...]]:
    """The units of every official indicator, the usual one first."""
    return {
        row["name"]: tuple(_SAME.get(unit, unit) for unit in row["units"].split("|"))
        for row in read_table(TABLE_FILE)
    }
