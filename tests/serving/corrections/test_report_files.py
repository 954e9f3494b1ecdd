"""Files of reports are measured before they are parsed, and marks are counted."""

from __future__ import annotations

import json
import time
import tracemalloc
from pathlib import Path

import pytest

from data.readers.markup import read_article
from model import Analyzer, InputError
from serving.corrections.labels import Answer, read_report
from serving.corrections.report_files import MAX_LINE_BYTES, holds_reports, read_reports
from tests.conftest import ARTICLE

MAX_SECONDS = 10  # of processor time: 3 on a slow machine, twice that where two share a core


@pytest.fixture(scope="module")
def report(analyzer: Analyzer) -> dict:
    return analyzer.analyze(read_article(ARTICLE, id="a1")).to_dict()


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_reports_are_read_and_bad_lines_named(report: dict, tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", report, {"id": "b", "error": "空"}, [], report)
    assert holds_reports(path)
    found = list(read_reports(path))
    assert [type(each) for each in found] == [Answer, str, Answer]
    assert "第 3 行：不是 yiwen tag 写的报告" in str(found[1])


def test_a_line_that_is_too_long_costs_no_memory(report: dict, tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", report)
    with path.open("ab") as stream:
        stream.write(b'{"scores": [' + b"{}, " * (4 * MAX_LINE_BYTES // 4))
        stream.write(b"{}]}\n" + json.dumps(report).encode() + b"\n")
    tracemalloc.start()
    found = list(read_reports(path))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [type(each) for each in found] == [Answer, str, Answer]
    assert "第 2 行：超过 4 MB" in str(found[1])
    assert most < 6 * MAX_LINE_BYTES


def test_a_file_of_one_huge_line_is_no_report_and_is_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b"[" + b"{}," * (2 * MAX_LINE_BYTES) + b"{}]")
    tracemalloc.start()
    assert not holds_reports(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 6 * MAX_LINE_BYTES


def test_every_place_that_tells_a_fact_is_labelled(report: dict) -> None:
    figure = report["figures"][0]
    again = {"start": figure["start"] + 1, "end": figure["end"] + 1}
    answer = read_report(report | {"figures": [figure | {"repeats": [again]}]})
    assert [f.start for f in answer.labelled.figures or ()] == [figure["start"], again["start"]]
    many = figure | {"repeats": [again] * 15_000}
    with pytest.raises(InputError, match="太多"):
        read_report(report | {"figures": [many, many]})


@pytest.mark.parametrize("n_places", [19_000, 100_000])
def test_a_report_with_countless_places_is_refused_at_once(report: dict, n_places: int) -> None:
    places = [{"start": 0, "end": len(report["text"])}] * n_places
    themes = [report["themes"][0] | {"evidence": places}] * (600_000 // n_places)
    started = time.process_time()
    with pytest.raises(InputError):
        read_report(report | {"themes": themes})
    assert time.process_time() - started < MAX_SECONDS
