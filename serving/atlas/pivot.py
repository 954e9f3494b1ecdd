"""The table of places by indicators by years, the series of one place, the ranking of places.

Cells hold levels alone. Where articles differ a cell holds every value, the one with most receipts
first; a value of part of a year says so and stands behind those of the whole year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from model.names import Place
from serving.atlas.facts import LEVEL, Fact
from serving.atlas.whose import NATION

_CODE_CHARS = 6


@dataclass(frozen=True)
class FactFilter:
    """Facts to take; an empty field takes all.

    `place` is part of a name or a code, with what lies in it; `only_places` leaves out bodies,
    `only_official` indicators in the text's own words.
    """

    place: str = ""
    indicator: str = ""
    since: int | None = None
    until: int | None = None
    only_places: bool = False
    only_official: bool = False

    def takes(self, fact: Fact) -> bool:
        """Whether a fact is one of them."""
        return (
            self._takes_place(fact)
            and (not self.indicator or self.indicator in fact.indicator + " " + fact.official)
            and (self.since is None or (fact.year is not None and fact.year >= self.since))
            and (self.until is None or (fact.year is not None and fact.year <= self.until))
            and not (self.only_places and fact.body)
            and (fact.is_official or not self.only_official)
        )

    def _takes_place(self, fact: Fact) -> bool:
        if not self.place:
            return True
        if self.place.isascii() and self.place.isdigit():
            return fact.place is not None and fact.place.code.startswith(head_of(self.place))
        return self.place in fact.place_name + fact.body


@dataclass(frozen=True)
class PivotRow:
    """An indicator of a place or body in one unit: its facts by year, the best first."""

    place: Place
    body: str
    indicator: str
    is_official: bool
    unit: str
    cells: Mapping[int, tuple[Fact, ...]]

    @property
    def name(self) -> str:
        """Whose the row is, as people say it: the place, or the body."""
        return self.body or self.place.name


@dataclass(frozen=True)
class Pivot:
    """Rows by place, body and indicator; `years` are those of any row, in order."""

    rows: tuple[PivotRow, ...]
    years: tuple[int, ...]


@dataclass(frozen=True)
class Ranked:
    """A place in a ranking: its rank, and what its cell holds."""

    rank: int
    place: Place
    facts: tuple[Fact, ...]


def make_pivot(facts: Iterable[Fact], wanted: FactFilter | None = None) -> Pivot:
    """Return the table of merged facts; those in doubt have no place in it."""
    wanted = wanted or FactFilter()
    groups: dict[tuple[str, ...], dict[int, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        if fact.kind == LEVEL and fact.is_sure and fact.year is not None and wanted.takes(fact):
            groups[fact.series][fact.year].append(fact)
    rows = [_make_row(cells) for cells in groups.values()]
    rows.sort(key=_order)
    years = sorted({year for row in rows for year in row.cells})
    return Pivot(tuple(rows), tuple(years))


def rank_places(
    facts: Iterable[Fact], indicator: str, year: int, within: str = "", level: str = ""
) -> list[Ranked]:
    """Return the places of one indicator and year, the highest value first.

    Args:
        facts: merged facts.
        indicator: its name, whole.
        year: the year.
        within: part of a name, or a code, of what the places lie in.
        level: province, city or county; empty for all.
    """
    wanted = FactFilter(within, "", year, year, only_places=True)
    rows = [
        row
        for row in make_pivot(facts, wanted).rows
        if row.indicator == indicator and row.place != NATION and level in ("", row.place.level)
    ]
    whole = [(row, _of_whole_year(row.cells[year])) for row in rows]
    found = sorted(
        ((row, cell) for row, cell in whole if cell), key=lambda one: -one[1][0].compared[-1]
    )
    values = [cell[0].compared for _, cell in found]
    return [Ranked(values.index(cell[0].compared) + 1, row.place, cell) for row, cell in found]


def make_series(facts: Iterable[Fact], name: str, indicator: str = "") -> tuple[PivotRow, ...]:
    """Return the rows of one place or body, by its name or code."""
    pivot = make_pivot(facts, FactFilter(indicator=indicator))
    return tuple(row for row in pivot.rows if name in (row.name, row.place.code, row.body))


def head_of(code: str) -> str:
    """Return the part of a code that what lies in the place begins with: 33 of 330000."""
    code = code[:_CODE_CHARS]
    if code == NATION.code:
        return code
    return code.removesuffix("00").removesuffix("00") if len(code) == _CODE_CHARS else code


def _make_row(cells: Mapping[int, list[Fact]]) -> PivotRow:
    first = next(iter(cells.values()))[0]
    assert first.place is not None  # noqa: S101 # a fact that is sure has a place
    ordered = {year: tuple(sorted(cells[year], key=_likeliest)) for year in sorted(cells)}
    return PivotRow(
        first.place, first.body, first.indicator, first.is_official, first.unit, ordered
    )


def _likeliest(fact: Fact) -> tuple[bool, int, str]:
    """Order the facts of a cell: of the whole year first, then by receipts, the newest first."""
    newest = max(receipt.day for receipt in fact.receipts)
    return bool(fact.period), -len(fact.receipts), "".join(chr(0x10FFFF - ord(c)) for c in newest)


def _of_whole_year(cell: Sequence[Fact]) -> tuple[Fact, ...]:
    return tuple(fact for fact in cell if not fact.period)


def _order(row: PivotRow) -> tuple[object, ...]:
    return row.place.code, bool(row.body), row.body, not row.is_official, row.indicator, row.unit
