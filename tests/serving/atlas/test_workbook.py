"""`yiwen atlas`: the workbook, CSV, pictures, and what the command prints."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from serving.cli.main import app
from tests.serving.atlas.reports import RATE, make_rate, make_record, make_row

FORMULA = "=1+1"


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    text = "到2025年，金堂县县域内就诊率达到95%。"
    target = make_row(text, "95%", official=RATE, body="金堂县", kind="target", year=2025)
    records = [
        make_rate(2023, "90.6%", title=FORMULA),
        make_rate(2023, "92.2%", source="甲报"),
        make_rate(2021, "82.3%"),
        make_rate(2023, "88%", cells={"body": "郫都区"}),
        make_rate(2022, "80%", cells={"body": None}),
        make_record(text, target),
        {"id": "x", "source": None, "error": "读不出"},
    ]
    path = tmp_path / "reports.jsonl"
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def run(*words: Any) -> Any:
    return CliRunner().invoke(app, ["atlas", *map(str, words)], catch_exceptions=False)


def test_the_workbook_leads_from_the_table_to_the_receipt(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "图谱.xlsx"
    assert run(reports, "-o", out, "--today", "2026-05-01").exit_code == 0
    book = load_workbook(out)
    names = ["图谱", "其他指标", "事实", "出处", "承诺", "矛盾", "待核", "说明"]
    assert book.sheetnames == names
    sheet = book["图谱"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows == [
        ("地区", "主体", "指标", "单位", "2021年", "2023年"),
        ("四川省成都市郫都区", None, RATE, "%", None, 88),
        ("四川省成都市金堂县", None, RATE, "%", 82.3, "90.6% / 92.2%"),
    ]
    link = sheet["E3"].hyperlink.location
    name, cell = link.replace("'", "").split("!")
    fact = book[name][cell]
    assert [c.value for c in book[name][fact.row]][13] == 82.3
    name, cell = fact.hyperlink.location.replace("'", "").split("!")
    receipt = [c.value for c in book[name][book[name][cell].row]]
    assert receipt[5:7] == ["82.3%", "2021年，金堂县县域内就诊率达到82.3%。"]
    titles = [row[7] for row in book["出处"].iter_rows(values_only=True)]
    assert FORMULA in titles
    assert all(cell.data_type != "f" for row in book["出处"].iter_rows() for cell in row)
    assert [row[:2] for row in book["承诺"].iter_rows(min_row=2, values_only=True)] == [
        ("2025-12", "到期未见报道")
    ]
    assert [row[4] for row in book["矛盾"].iter_rows(min_row=2, values_only=True)] == ["90.6%"]
    (doubt,) = book["待核"].iter_rows(min_row=2, values_only=True)
    assert "没有写明主体" in doubt


def test_a_row_a_fact_as_csv(reports: Path, tmp_path: Path) -> None:
    out = tmp_path / "facts.csv"
    assert run(reports, "-o", out, "--place", "金堂", "--since", "2023").exit_code == 0
    with out.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["年份"], row["数值"], row["类别"]) for row in rows] == [
        ("2023", "90.6", "现值"),
        ("2023", "92.2", "现值"),
        ("2025", "95", "目标"),
    ]
    assert rows[0]["标题"] == f"'{FORMULA}"


def test_a_question_has_its_receipts_or_no_record(reports: Path) -> None:
    asked = ("--ask", "--place", "金堂县", "--indicator", RATE, "--year")
    answered = run(reports, *asked, 2021)
    assert answered.exit_code == 0
    assert answered.stdout.splitlines()[0].strip() == "82.3%"
    cited = "2021年，金堂县县域内就诊率达到82.3%。（2021年，金堂县县域内，四川日报，2024-05-16）"
    assert cited in answered.stdout
    missing = run(reports, *asked, 2022)
    assert (missing.exit_code, missing.stdout.strip()) == (3, "无记载")
    assert "没有写明主体" in missing.stderr


def test_rankings_series_and_tables_are_printed(reports: Path) -> None:
    ranked = run(reports, "--rank", "--indicator", RATE, "--year", 2023, "--place", "四川").stdout
    assert ranked.index("金堂县") < ranked.index("郫都区")
    assert "82.3%" in run(reports, "--series", "--place", "金堂县").stdout
    assert "90.6%" in run(reports, "--place", "金堂").stdout


def test_the_library_is_a_source(reports: Path, tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["library", "add", str(reports)]).exit_code == 0
    out = tmp_path / "a.xlsx"
    assert run("library", "-o", out).exit_code == 0
    assert load_workbook(out)["图谱"].max_row == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-o", "a.doc"), "不认识 .doc"),
        (("--ask", "--place", "金堂县"), "请给全"),
        (("--rank", "--indicator", RATE), "请给全"),
        (("--series",), "--place"),
        (("--today", "昨天", "-o", "a.xlsx"), "--today"),
    ],
)
def test_what_is_missing_is_said(reports: Path, words: tuple[str, ...], message: str) -> None:
    with pytest.raises(Exception, match=message):
        run(reports, *words)


@pytest.mark.skipif(
    not shutil.which("fc-list")
    or not subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout,
    reason="no Chinese font",
)
def test_pictures_are_drawn(reports: Path, tmp_path: Path) -> None:
    bars, line = tmp_path / "bars.svg", tmp_path / "line.png"
    assert run(reports, "--rank", "--indicator", RATE, "--year", 2023, "-o", bars).exit_code == 0
    assert run(reports, "--series", "--place", "金堂县", "-o", line).exit_code == 0
    assert bars.read_text(encoding="utf-8").startswith("<?xml")
    assert line.read_bytes().startswith(b"\x89PNG")
