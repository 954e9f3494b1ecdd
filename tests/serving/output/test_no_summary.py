"""Where no sentence may stand there is no summary, and every output says so in its place."""

from __future__ import annotations

import io

import pytest
from docx import Document

from model import Analyzer, Article, Report
from model.summary import NO_SUMMARY
from serving.output.clipboard import copy_all
from serving.output.tables import NO_SUMMARY_CELL, article_row, summary_cell
from serving.output.word import write_docx

TEXT = "双方表示还要继续合作，其中有许多事要做。他说很高兴，也很感谢大家。该院也派了医生去坐诊。"


@pytest.fixture(scope="module")
def report(analyzer: Analyzer) -> Report:
    return analyzer.analyze(Article.from_raw(TEXT, id="a1"))


def test_a_report_has_an_empty_summary_and_a_warning(report: Report) -> None:
    record = report.to_dict()
    assert (record["summary"]["text"], record["summary"]["sentences"]) == ("", [])
    assert record["points"] == []
    assert NO_SUMMARY in record["warnings"]


def test_a_table_says_so_in_the_cell(report: Report, analyzer: Analyzer) -> None:
    row = article_row(report.to_dict(), analyzer.manifest.theme_names)
    assert row["摘要"] == NO_SUMMARY_CELL
    assert NO_SUMMARY in str(row["提示"])
    assert summary_cell({"summary": {"text": "县医院开诊。"}}) == "县医院开诊。"


def test_word_and_the_clipboard_say_so(report: Report, analyzer: Analyzer) -> None:
    names = analyzer.manifest.theme_names
    page = Document(io.BytesIO(write_docx(report, names)))
    assert NO_SUMMARY_CELL in [paragraph.text for paragraph in page.paragraphs]
    assert f"摘要：{NO_SUMMARY_CELL}" in copy_all(report, names).text
