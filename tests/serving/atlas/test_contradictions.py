"""Contradictions within and across articles; rounding, bounds and other days are none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from model import InputError
from serving.atlas.atlas import build_atlas
from serving.atlas.collecting import LibraryAtlas
from serving.atlas.pivot import make_pivot
from serving.atlas.settlements import (
    REFUSED,
    Verdict,
    apply_settlements,
    read_settlements,
    settle,
)
from serving.atlas.tables import show_cell
from serving.home.database import open_store
from serving.library.articles import forget_all, keep_records
from tests.serving.atlas.reports import RATE, make_rate, make_record, make_row


@pytest.fixture
def store(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    store = open_store(store_url)
    yield store
    store.dispose()


def find(*records: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = build_atlas(records).contradictions
    return [(one.kind, one.one.text, one.other.text) for one in found]


def test_two_articles_on_a_year_that_was_over() -> None:
    assert find(make_rate(2023, "90.6%"), make_rate(2023, "91.9%", source="甲报")) == [
        ("values", "90.6%", "91.9%")
    ]


@pytest.mark.parametrize(
    ("printed", "facts"),
    [
        ("91%", {}),  # rounded
        ("90%以上", {"cells": {"bound": "≥", "value": 90}}),
        ("85%", {"date": "2023-03-01"}),  # of the year as it was in March
        ("85%", {"date": None}),
        ("85%", {"cells": {"body": "郫都区"}}),
    ],
)
def test_what_may_both_be_right(printed: str, facts: dict[str, Any]) -> None:
    assert find(make_rate(2023, "90.6%"), make_rate(2023, printed, source="甲报", **facts)) == []


def test_reports_of_one_week_in_the_running_year() -> None:
    days = ("2023-06-01", "2023-06-04")
    records = [
        make_rate(2023, p, date=day, source=day)
        for p, day in zip(("90.6%", "88%"), days, strict=True)
    ]
    assert find(*records) == [("values", "90.6%", "88%")]


def test_a_change_between_two_years_that_the_levels_do_not_come_to() -> None:
    text = "2023年，金堂县县域内就诊率比上年提高9.9个百分点。"
    row = make_row(
        text, "9.9个百分点", official=RATE, unit="个百分点", kind="change", base="比上年",
        year=2023, body="金堂县",
    )  # fmt: skip
    levels = (make_rate(2022, "88.1%", date="2023-02-01"), make_rate(2023, "90.6%"))
    assert find(*levels, make_record(text, row)) == [("change", "90.6%", "9.9个百分点")]
    right = text.replace("9.9", "2.5")
    row = {**row, "text": "2.5个百分点", "value": 2.5, "sentence": right}
    assert find(*levels, make_record(right, row)) == []
    fell = right.replace("提高", "下降")
    assert find(*levels, make_record(fell, {**row, "sentence": fell})) != []


def test_a_share_that_its_parts_do_not_come_to() -> None:
    def check(share: str) -> list[Any]:
        text = f"2023年，全县门诊100万人次，其中基层60万人次，占{share}。"
        cells = {"year": 2023, "body": "金堂县", "indicator": "门诊"}
        rows = [
            make_row(text, "100万人次", unit="人次", **{**cells, "value": 1_000_000}),
            make_row(text, "60万人次", unit="人次", **{**cells, "value": 600_000}),
            make_row(text, share, **{**cells, "indicator": "占比"}),
        ]
        return find(make_record(text, *rows))

    assert check("65%") == [("share", "100万人次", "65%")]
    assert check("60%") == []


def test_a_rise_to_a_lower_value() -> None:
    def check(way: str) -> list[Any]:
        text = f"金堂县县域内就诊率由2021年的92.3%{way}2023年的90.6%。"
        cells = {"official": RATE, "body": "金堂县"}
        rows = [
            make_row(text, "92.3%", kind="from", year=2021, **cells),
            make_row(text, "90.6%", year=2023, **cells),
        ]
        return find(make_record(text, *rows))

    assert check("提高到") == [("direction", "92.3%", "90.6%")]
    assert check("下降到") == []


def test_a_settlement_is_kept_and_the_refused_value_leaves_the_table(store: Engine) -> None:
    keep_records(store, [make_rate(2023, "90.6%"), make_rate(2023, "91.9%", source="甲报")])
    library = LibraryAtlas(store)
    (found,) = library.read().contradictions
    settle(store, found.key, Verdict.OTHER, "王")
    settled = read_settlements(store)
    assert (settled[found.key].verdict, settled[found.key].by) == (Verdict.OTHER, "王")
    atlas = library.read()
    (row,) = make_pivot(atlas.facts).rows
    assert show_cell(row.cells[2023]) == "91.9%"
    assert [fact.doubts for fact in atlas.doubtful] == [(REFUSED,)]
    settle(store, found.key, Verdict.NEITHER, "李")
    assert library.read().doubtful == ()
    settle(store, found.key, Verdict.OPEN, "李")
    assert read_settlements(store) == {}
    with pytest.raises(InputError, match="没有“也许”"):
        settle(store, found.key, "也许")


def test_the_atlas_follows_the_library(store: Engine) -> None:
    library = LibraryAtlas(store)
    assert library.read().facts == ()
    keep_records(store, [make_rate(2023, "90.6%")])
    assert [fact.shown for fact in library.read().facts] == ["90.6%"]
    again = make_rate(2023, "90.6%")
    again["figures"] = []
    keep_records(store, [again])
    assert library.read().facts == ()
    keep_records(store, [make_rate(2022, "88%")])
    assert len(library.read().facts) == 1
    forget_all(store)
    assert library.read().facts == ()


def test_settlements_of_other_contradictions_change_nothing(store: Engine) -> None:
    atlas = build_atlas([make_rate(2023, "90.6%")])
    settle(store, "0" * 16, Verdict.ONE)
    assert apply_settlements(atlas, read_settlements(store)) is atlas


def test_a_count_that_grows_within_days_is_none() -> None:
    def tell(count: str, day: str) -> dict[str, Any]:
        text = f"今年，金堂县已建成健康小屋{count}。"
        row = make_row(text, count, indicator="健康小屋", unit="个", body="金堂县", year=2023)
        return make_record(text, row, date=day, source=day)

    assert find(tell("36个", "2023-06-01"), tell("38个", "2023-06-04")) == []
    assert find(tell("38个", "2023-06-01"), tell("36个", "2023-06-04")) != []
