"""What people open in Excel, pandas and `datasets`: sheets, rows, and no formula anywhere."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from dataclasses import replace
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
    assert book.sheetnames == ["文章", "主题", "数字", "错误"]
    tables = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    assert [row[0] for row in tables["文章"]] == ["编号", "a1"]
    theme = report.themes[0]
    evidence = "\n".join(span.of(report.article.text) for span in theme.evidence)
    assert tables["主题"][1] == ("a1", theme.name, pytest.approx(theme.score, abs=0.01), evidence)
    assert {row[0] for row in tables["数字"][1:]} == {"a1"}
    assert "83名" in {row[5] for row in tables["数字"]}
    assert tables["错误"][1:] == [("b.docx", "in/b.docx", "文件已损坏")]


def test_a_full_sheet_is_gone_on_with_in_another(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "o.xlsx"
    with closing(XlsxWriter(path, NAMES, max_rows=3)) as writer:
        for i in range(5):
            writer.write(to_record(replace(report, article=replace(report.article, id=i))))
    book = load_workbook(path)
    articles = [name for name in book.sheetnames if name.startswith("文章")]
    assert articles == book.sheetnames[:3] == ["文章", "文章2", "文章3"]
    rows = [[row[0] for row in book[name].iter_rows(values_only=True)] for name in articles]
    assert rows == [["编号", 0, 1], ["编号", 2, 3], ["编号", 4]]
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
    assert sum(str(cell.value).startswith("'=") for cell in cells) > 12


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
