"""Promises: met, missed, open, overdue; a ceiling is kept by a lower value."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from serving.atlas.atlas import build_atlas
from serving.atlas.promises import Outcome, follow_promises
from tests.serving.atlas.reports import RATE, make_rate, make_record, make_row

TODAY = date(2026, 5, 1)


def make_target(year: int | None = 2025, printed: str = "92%以上", **cells: Any) -> dict[str, Any]:
    text = (
        f"到{year}年底，金堂县县域内就诊率达到{printed}。"
        if year
        else f"县域内就诊率要到{printed}。"
    )
    cells = {"official": RATE, "body": "金堂县", "bound": "≥", "kind": "target", **cells}
    return make_record(text, make_row(text, printed, year=year, **cells), date="2023-03-01")


@pytest.mark.parametrize(
    ("year", "levels", "outcome"),
    [
        (2025, [(2025, "93%", "2026-02-01")], Outcome.MET),
        (2025, [(2024, "92.5%", "2025-02-01")], Outcome.MET),
        (2025, [(2025, "91%", "2026-02-01")], Outcome.MISSED),
        (2025, [(2025, "91%", "2025-07-01")], Outcome.OVERDUE),
        (2025, [(2022, "95%", "2023-02-01")], Outcome.OVERDUE),
        (2027, [(2025, "91%", "2026-02-01")], Outcome.OPEN),
        (2025, [], Outcome.OVERDUE),
        (None, [(2025, "93%", "2026-02-01")], Outcome.UNDATED),
    ],
)
def test_what_became_of_a_promise(year: int, levels: list[Any], outcome: Outcome) -> None:
    records = [make_rate(y, printed, date=day) for y, printed, day in levels]
    (promise,) = follow_promises(build_atlas([make_target(year), *records]).facts, TODAY)
    assert promise.outcome == outcome
    assert (promise.reached is not None) == (outcome in (Outcome.MET, Outcome.MISSED))
    assert promise.month == (f"{year}-12" if year else "")


def test_promises_come_by_month_and_a_month_of_their_own() -> None:
    text = "到2025年6月底，金堂县县域内就诊率达到91%。"
    row = make_row(text, "91%", official=RATE, body="金堂县", kind="target", year=2025)
    facts = build_atlas([make_target(), make_target(None), make_record(text, row)]).facts
    assert [p.month for p in follow_promises(facts, TODAY)] == ["2025-06", "2025-12", ""]


def test_a_ceiling_is_kept_by_less() -> None:
    target = make_target(2025, "8%以内", bound="≤", official=None, indicator="药占比")
    text = "2025年，金堂县药占比为7.5%。"
    row = make_row(text, "7.5%", indicator="药占比", body="金堂县", year=2025)
    reached = make_record(text, row, date="2026-01-05")
    (promise,) = follow_promises(build_atlas([target, reached]).facts, TODAY)
    assert promise.outcome == Outcome.MET


def test_another_place_keeps_no_promise() -> None:
    other = make_rate(2025, "95%", date="2026-02-01", cells={"body": "郫都区"})
    (promise,) = follow_promises(build_atlas([make_target(), other]).facts, TODAY)
    assert promise.outcome == Outcome.OVERDUE
