"""The measure of the atlas: right, missed, another value, none; plants are found where they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.atlas import main
from eval.atlas_plants import plant_contradictions
from serving.atlas.atlas import build_atlas
from tests.serving.atlas.reports import RATE, make_rate, make_record, make_row
from tests.serving.atlas.test_promises import make_target


def write(path: Path, *rows: dict[str, Any]) -> Path:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def make_question(year: int, value: float | None) -> dict[str, Any]:
    return {
        "place": "金堂县", "indicator": RATE, "year": year, "value": value, "articles": ["a"],
    }  # fmt: skip


def test_the_measure_counts_what_was_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = [
        make_rate(2023, "90.6%", id="a"),
        make_rate(2021, "82.3%", id="b"),
        make_rate(2023, "92.9%", id="c", source="甲报"),
        {**make_target(2025), "id": "t"},
    ]
    questions = [
        make_question(2023, 90.6), make_question(2021, 80), make_question(2022, 85),
        make_question(2023, None) | {"values": [92.9, 90.6]},
    ]  # fmt: skip
    pair = {
        "a": {"article": "a", "quote": "达到90.6%"}, "b": {"article": "c", "quote": "达到92.9%"},
    }  # fmt: skip
    alike = {"a": {"article": "b", "quote": "82.3%"}, "b": pair["b"], "kind": "none"}
    promise = {"target": {"article": "t", "quote": "达到92%以上"}, "state": "met"}
    main(
        write(tmp_path / "r.jsonl", *records),
        write(tmp_path / "q.jsonl", *questions, make_question(2020, None)),
        write(tmp_path / "p.jsonl", promise),
        write(tmp_path / "c.jsonl", pair, alike),
        plant=2, half="all", show=True, today="2026-05-01",
    )  # fmt: skip
    printed = capsys.readouterr().out
    assert "recorded 4, right 2, another value 1, missed 1" in printed
    assert "not recorded 1, rightly none 1, invented 0" in printed
    assert "promises 1: found 1, right 1 (precision 1.000)" in printed
    assert (
        "real contradictions 1: found 1; look like one and are none 1: found 0; all found"
        in printed
    )
    assert "found 1, of them known 1" in printed
    assert "planted 2: recall 1.000 {'across': '2/2'}" in printed


def test_a_plant_changes_text_and_row_alike() -> None:
    text = "金堂县县域内就诊率由2021年的82.3%提高到2023年的90.6%，提高8.3个百分点。"
    cells = {"official": RATE, "body": "金堂县"}
    record = make_record(
        text,
        make_row(text, "82.3%", kind="from", year=2021, **cells),
        make_row(text, "90.6%", year=2023, **cells),
        make_row(text, "8.3个百分点", unit="个百分点", kind="change", year=2023, **cells),
    )
    plants = plant_contradictions([record], 10)
    assert {plant.kind for plant in plants} == {"across", "pair", "way"}
    for plant in plants:
        (made,) = plant.records
        assert made["text"] != text
        for row in made["figures"]:
            assert made["text"][row["start"] : row["end"]] == row["text"]
            assert row["sentence"] in made["text"]
        others = [] if plant.replaces else [record]
        found = build_atlas([*others, made]).contradictions
        assert any(plant.is_told_by(one) for one in found), plant.kind
