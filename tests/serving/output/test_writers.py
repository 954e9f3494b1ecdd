"""What people open in Excel, pandas and `datasets`: sheets, rows, and no formula anywhere."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pyarrow import parquet

from data.readers import Problem
from model import Analyzer, Article, Report
from serving.output.writers import XlsxWriter, open_writer, to_record
from tests.conftest import ARTICLE

NAMES = {"prevention": "=医防融合", "alliance": "医共体", "smart": "智慧医疗", "talent": "人才"}
FORMULA = '=HYPERLINK("x")'


@pytest.fixture(scope="module")
def report(analyzer: Analyzer) -> Report:
    return analyzer.analyze(Article.from_raw(ARTICLE, id="a1", source="县报"))


@pytest.fixture(scope="module")
def hostile(report: Report) -> dict[str, Any]:
    """A report with a formula wherever a text may come from the article or its file."""
    article = replace(report.article, id=FORMULA, title=FORMULA, source=FORMULA)
    figures = tuple(
        replace(f, indicator=f"{FORMULA}{i}", body=FORMULA, base=FORMULA)
        for i, f in enumerate(report.figures)
    )
    record = to_record(replace(report, article=article, figures=figures, warnings=(FORMULA,)))
    for theme in record["themes"]:
        theme["name"] = FORMULA
        theme["evidence"][0]["text"] = FORMULA
    record["summary"]["text"] = FORMULA
    for figure in record["figures"]:
        figure["sentence"] = FORMULA
    return record | {"cluster": FORMULA}


def write(path: Path, *records: dict[str, Any], names: dict[str, str] = NAMES) -> Path:
    with closing(open_writer(path.suffix[1:], path, names)) as writer:
        for record in records:
            writer.write(record)
    return path


def test_a_workbook_has_articles_themes_figures_and_errors(report: Report, tmp_path: Path) -> None:
    problem = Problem("b.docx", "in/b.docx", "文件已损坏")
    book = load_workbook(write(tmp_path / "o.xlsx", to_record(report), to_record(problem)))
    assert book.sheetnames == ["文章", "主题", "数字", "错误", "说明"]
    tables = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    assert [row[0] for row in tables["文章"]] == ["编号", "a1"]
    theme = report.themes[0]
    evidence = "\n".join(span.of(report.article.text) for span in theme.evidence)
    about = ("云岭县：小病在镇上看", datetime(2024, 5, 16), "县报", None)
    score = pytest.approx(theme.score, abs=0.01)
    assert tables["主题"][1] == ("a1", theme.name, score, evidence, *about)
    assert tables["数字"][1][-4:] == about
    assert {row[0] for row in tables["数字"][1:]} == {"a1"}
    assert "83名" in {row[5] for row in tables["数字"]}
    assert tables["错误"][1:] == [("b.docx", "in/b.docx", "文件已损坏")]


def test_a_workbook_is_made_to_be_kept(report: Report, tmp_path: Path) -> None:
    place = {"code": "1", "name": "云岭县", "level": "county", "path": ["云岭省", "云岭县"]}
    record = to_record(report) | {"place": place}
    with closing(XlsxWriter(tmp_path / "o.xlsx", NAMES, made=date(2026, 5, 1))) as writer:
        writer.write(record)
    book = load_workbook(tmp_path / "o.xlsx")
    articles, figures = book["文章"], book["数字"]
    for sheet in (articles, figures):
        assert sheet.freeze_panes == "C2"
        assert sheet.auto_filter.ref == sheet.dimensions
    head = {cell.value: cell.column_letter for cell in articles[1]}
    assert articles.column_dimensions[head["摘要"]].width > 40
    assert articles[f"{head['摘要']}2"].alignment.wrap_text
    assert articles[f"{head['日期']}2"].is_date
    assert articles[f"{head['地区']}2"].value == "云岭省云岭县"
    values = {row[5].value: (row[3].value, row[3].number_format) for row in figures.iter_rows()}
    assert values["3260人次"] == (3260, "#,##0")
    assert values["41.5%"] == (41.5, "#,##0.####")
    notes = dict(book["说明"].iter_rows(values_only=True))
    assert (notes["制表日期"], notes["模型"]) == ("2026-05-01", report.model)
    assert {"待复核", "数值", "界限"} <= notes.keys()


def test_a_full_sheet_is_gone_on_with_in_another(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "o.xlsx"
    with closing(XlsxWriter(path, NAMES, max_rows=3)) as writer:
        for i in range(5):
            writer.write(to_record(replace(report, article=replace(report.article, id=i))))
    book = load_workbook(path)
    articles = [name for name in book.sheetnames if name.startswith("文章")]
    assert articles == book.sheetnames[:3] == ["文章", "文章2", "文章3"]
    rows = [[row[0] for row in book[name].iter_rows(values_only=True)] for name in articles]
    assert rows == [["编号", "0", "1"], ["编号", "2", "3"], ["编号", "4"]]
    figures = [sheet for sheet in book if sheet.title.startswith("数字")]
    n_figures = sum(sheet.max_row - 1 for sheet in figures)
    n_each = load_workbook(write(tmp_path / "one.xlsx", to_record(report)))["数字"].max_row - 1
    assert n_figures == 5 * n_each
    assert all(sheet.max_row <= 3 for sheet in book)


def test_no_cell_of_a_workbook_is_a_formula(hostile: dict[str, Any], tmp_path: Path) -> None:
    error = {"id": FORMULA, "source": FORMULA, "error": FORMULA}
    book = load_workbook(write(tmp_path / "o.xlsx", hostile, error))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    typed = [cell for cell in cells if str(cell.value).startswith("=")]
    assert len(typed) > 12
    assert {(cell.data_type, cell.quotePrefix) for cell in typed} == {("s", True)}
    assert not [cell.value for cell in cells if str(cell.value).startswith("'")]


def test_no_cell_of_a_csv_file_is_a_formula(hostile: dict[str, Any], tmp_path: Path) -> None:
    error = {"id": FORMULA, "source": FORMULA, "error": FORMULA}
    path = write(tmp_path / "o.csv", hostile, error)
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert not [cell for row in rows for cell in row if cell.startswith("=")]
    assert sum(cell.startswith("'=") for row in rows for cell in row) > 9


def test_parquet_is_read_back_by_arrow_and_datasets(report: Report, tmp_path: Path) -> None:
    from datasets import Dataset

    problem = to_record(Problem("b.docx", None, "文件已损坏"))
    path = write(tmp_path / "o.parquet", to_record(report), problem)
    first, second = parquet.read_table(path).to_pylist()
    assert json.loads(first["themes"]) == to_record(report)["themes"]
    assert json.loads(first["figures"]) == to_record(report)["figures"]
    assert (first["id"], first["text"], first["error"]) == ("a1", report.article.text, None)
    assert (second["id"], second["text"], second["error"]) == ("b.docx", None, "文件已损坏")
    rows = Dataset.from_parquet(str(path), cache_dir=str(tmp_path / "cache"))
    assert rows["id"][:] == ["a1", "b.docx"]


UNWRITABLE = "甲\x00\x0b\x1f\ud83d\udc00\ufdd0\ufffe\uffff\U0001fffe\U0010ffff乙"


@pytest.fixture
def odd(report: Report) -> dict[str, Any]:
    """A report with characters that no file should hold wherever a text may come from outside."""
    article = replace(report.article, id=UNWRITABLE, title=UNWRITABLE, source=UNWRITABLE)
    record = to_record(replace(report, article=article, warnings=(UNWRITABLE,)))
    record["figures"][0]["indicator"] = UNWRITABLE
    return record | {"cluster": UNWRITABLE, "text": UNWRITABLE + record["text"]}


@pytest.mark.parametrize("format", ["jsonl", "csv", "xlsx", "parquet"])
def test_no_character_stops_a_writer(odd: dict[str, Any], tmp_path: Path, format: str) -> None:
    error = {"id": UNWRITABLE, "source": UNWRITABLE, "error": UNWRITABLE}
    path = write(tmp_path / f"o.{format}", odd, error)
    if format == "jsonl":
        row, failed = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        assert len(row["text"]) == len(odd["text"])
        assert failed == dict.fromkeys(error, "甲乙")
        names = (row["id"], row["title"], row["source"], row["warnings"][0])
    elif format == "csv":
        row, failed = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
        names = (row["编号"], row["标题"], row["来源"], row["提示"])
    elif format == "xlsx":
        book = load_workbook(path)
        cells = [cell.value for cell in book["文章"][2]]
        names = (*cells[:2], cells[3], cells[book["文章"].max_column - 3])
        assert book["数字"]["B2"].value == "甲乙"
        assert [cell.value for cell in book["错误"][2]] == ["甲乙"] * 3
    else:
        row, failed = parquet.read_table(path).to_pylist()
        names = (row["id"], row["title"], row["source"], json.loads(row["warnings"])[0])
        assert len(row["text"]) == len(odd["text"])
    assert names == ("甲乙",) * 4


def test_long_ids_are_text_in_a_workbook(report: Report, tmp_path: Path) -> None:
    long = 110101199003078515
    record = to_record(replace(report, article=replace(report.article, id=long)))
    book = load_workbook(write(tmp_path / "o.xlsx", record))
    cells = [sheet["A2"] for sheet in (book["文章"], book["主题"], book["数字"])]
    assert {(cell.value, cell.data_type) for cell in cells} == {(str(long), "s")}


def test_a_record_that_cannot_be_written_is_an_error_of_its_own(
    report: Report, tmp_path: Path
) -> None:
    good = to_record(report)
    bad = good | {"id": "b", "date": {"year": 2024}}
    book = load_workbook(write(tmp_path / "o.xlsx", good, bad, good))
    assert [row[0] for row in book["文章"].iter_rows(values_only=True)] == ["编号", "a1", "a1"]
    assert "写不进工作簿" in book["错误"]["C2"].value
    assert book["错误"]["A2"].value == "b"


def test_text_that_looks_like_an_error_or_a_number_stays_text(
    report: Report, tmp_path: Path
) -> None:
    for title in ("#N/A", "-5", "+86", "@县报", "1e5", "0012"):
        article = replace(report.article, title=title)
        book = load_workbook(
            write(tmp_path / "o.xlsx", to_record(replace(report, article=article)))
        )
        assert (book["文章"]["B2"].value, book["文章"]["B2"].data_type) == (title, "s")


def test_results_on_a_console_of_few_characters_are_utf8() -> None:
    code = (
        "from serving.output.writers import open_writer;"
        "w = open_writer('jsonl', None, {});"
        "w.write({'id': '\U0001f600', 'source': None, 'error': '错'}); w.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "gbk"},
    )  # fmt: skip
    assert json.loads(done.stdout.decode("utf-8"))["id"] == "\U0001f600"
