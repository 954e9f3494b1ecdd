"""HTML of 图谱: the table, what a cell rests on, an answer, promises, contradictions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from serving.atlas.atlas import Atlas
from serving.atlas.contradictions import Contradiction
from serving.atlas.facts import Fact, Receipt
from serving.atlas.pivot import FactFilter, PivotRow, make_pivot
from serving.atlas.promises import Promise
from serving.atlas.questions import Answer
from serving.atlas.settlements import Settlement
from serving.atlas.tables import show_cell
from serving.page.templates import render

SHOWN_ROWS = 200
SHOWN_PROMISES = SHOWN_CONTRADICTIONS = 100


@dataclass(frozen=True)
class Passage:
    """A receipt's sentence in three parts, the number in the middle, and its article."""

    before: str
    number: str
    after: str
    about: str


@dataclass(frozen=True)
class ShownFact:
    """A value with its passages; `remark` says what is unsure or differs."""

    shown: str
    about: str
    remark: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class ShownCell:
    """A cell of the table: its text, and the key by which it is opened."""

    text: str
    key: str
    is_open: bool


@dataclass(frozen=True)
class ShownRow:
    """A row of the table; `opened` are the facts of the cell that is open."""

    place: str
    body: str
    indicator: str
    unit: str
    cells: tuple[ShownCell | None, ...]
    opened: tuple[ShownFact, ...]


def show_pivot(atlas: Atlas, wanted: FactFilter, opened: str = "") -> Markup:
    """Return the table, or what to do where there is none.

    Args:
        atlas: the atlas of the library.
        wanted: the filters.
        opened: key of the first fact of the cell that is open.
    """
    pivot = make_pivot(atlas.facts, wanted)
    rows = [_row(row, pivot.years, opened) for row in pivot.rows[:SHOWN_ROWS]]
    return render(
        "atlas/pivot.html.j2", rows=rows, years=pivot.years, n_rows=len(pivot.rows),
        n_shown=len(rows), n_doubtful=sum(wanted.takes(fact) for fact in atlas.doubtful),
        has_facts=bool(atlas.facts),
    )  # fmt: skip


def show_answer(answer: Answer) -> Markup:
    """Return an answer with its passages, or that nothing is recorded; and what stands near."""
    return render(
        "atlas/answer.html.j2", facts=[_fact(f) for f in answer.facts],
        nearby=[_fact(f) for f in answer.nearby],
    )  # fmt: skip


def show_promises(promises: Sequence[Promise]) -> Markup:
    """Return promises by the month of their end."""
    months: dict[str, list[dict[str, object]]] = {}
    for promise in promises[:SHOWN_PROMISES]:
        months.setdefault(promise.month, []).append(
            {
                "outcome": promise.outcome.name.lower(),
                "target": _fact(promise.target),
                "reached": _fact(promise.reached) if promise.reached else None,
            }
        )
    return render("atlas/promises.html.j2", months=months, n=len(promises))


def show_contradictions(
    found: Sequence[Contradiction], settlements: Mapping[str, Settlement]
) -> Markup:
    """Return contradictions with their receipts; those that are open come first."""
    ordered = sorted(found, key=lambda one: one.key in settlements)
    rows = [
        {
            "key": one.key, "kind": one.kind, "words": one.words,
            "sides": [_passage(one.one), _passage(one.other)],
            "settled": settlements.get(one.key),
        }
        for one in ordered[:SHOWN_CONTRADICTIONS]
    ]  # fmt: skip
    return render("atlas/contradictions.html.j2", rows=rows, n=len(found))


def _row(row: PivotRow, years: Iterable[int], opened: str) -> ShownRow:
    cells = tuple(_cell(row.cells.get(year, ()), opened) for year in years)
    at_hand = (f for facts in row.cells.values() if facts[0].key == opened for f in facts)
    return ShownRow(
        "".join(row.place.path), row.body, row.indicator, row.unit, cells,
        tuple(map(_fact, at_hand)),
    )  # fmt: skip


def _cell(facts: Sequence[Fact], opened: str) -> ShownCell | None:
    if not facts:
        return None
    return ShownCell(show_cell(facts), facts[0].key, facts[0].key == opened)


def _fact(fact: Fact) -> ShownFact:
    words = (fact.place_name + fact.body, fact.indicator, str(fact.year or ""), fact.period)
    return ShownFact(
        fact.bound + fact.shown if fact.bound else fact.shown, " ".join(filter(None, words)),
        "；".join(filter(None, (*fact.doubts, fact.note))), tuple(map(_passage, fact.receipts)),
    )  # fmt: skip


def _passage(receipt: Receipt) -> Passage:
    before, number, after = receipt.sentence.partition(receipt.text)
    about = " ".join(filter(None, (receipt.title or receipt.id, receipt.source, receipt.day)))
    return Passage(before, number or receipt.text, after, about)
