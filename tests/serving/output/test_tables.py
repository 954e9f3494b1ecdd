from __future__ import annotations

from dataclasses import replace

import pytest

from model import Analyzer, Article, Report
from serving.output.tables import FIGURE_COLUMNS, figure_row, make_inert, table_figures

TEXT = (
    "安吉县县域内就诊率达93.4%\n"
    "2023年，安吉县卫健局介绍，县域内就诊率达93.4%，较2020年提高4.8个百分点。"
    "每次补助30—50元，惠及居民1.2万人。安吉县人民医院接诊1.2万人次，德清县人民医院接诊1.2万人次。"
    "这些数字写进了今年的年报，群众也看得见。"
)


@pytest.fixture
def report(analyzer: Analyzer) -> Report:
    return analyzer.analyze(Article.from_raw(TEXT, id="a1", date="2023-12-01"))


def test_each_fact_stands_once_in_order_of_the_text(report: Report) -> None:
    shuffled = replace(report, figures=report.figures[::-1])
    for given in (report, shuffled):
        table = table_figures(given.to_dict()["figures"])
        assert [f["text"] for f in table].count("93.4%") == 1
        assert [f["start"] for f in table] == sorted(f["start"] for f in table)
    (rate,) = (f for f in report.figures if f.text == "93.4%")
    assert [span.of(report.article.text) for span in rate.repeats] == ["93.4%"]


def test_an_older_report_tells_each_fact_once_in_tables(report: Report) -> None:
    (rate,) = (f for f in report.to_dict()["figures"] if f["text"] == "93.4%")
    del rate["repeats"]
    again = rate | {"indicator": "安吉县县域内就诊率", "start": rate["start"] + 20}
    (kept,) = table_figures([rate, again])
    assert kept["indicator"] == "安吉县县域内就诊率"


def test_two_bodies_with_one_number_are_two_facts(report: Report) -> None:
    bodies = [f["body"] for f in table_figures(report.to_dict()["figures"]) if f["unit"] == "人次"]
    assert bodies == ["安吉县人民医院", "德清县人民医院"]


def test_a_row_has_the_value_as_printed_and_in_base_units(report: Report) -> None:
    rows = [figure_row(f) for f in table_figures(report.to_dict()["figures"])]
    assert all(tuple(row) == FIGURE_COLUMNS for row in rows)
    served = next(row for row in rows if row["单位"] == "人")
    assert (served["数值"], served["原文"]) == (12000, "1.2万人")
    point = next(row for row in rows if row["单位"] == "个百分点")
    assert (point["比较基准"], point["主体"], point["类别"]) == ("较2020年", "安吉县", "变化")
    rate = next(row for row in rows if row["数值"] == 93.4)
    assert rate["官方指标"] == "县域内就诊率"
    span = next(row for row in rows if row["单位"] == "元")
    assert span["数值"] == "30–50"


@pytest.mark.parametrize("cell", ["=1+1", "+86", "-5%", "@x", "\t=1", "\n=1", "＝1+1"])
def test_no_cell_is_run_as_a_formula(report: Report, cell: str) -> None:
    assert make_inert(cell) == "'" + cell
    figure = report.to_dict()["figures"][0] | {"indicator": cell, "body": cell, "base": cell}
    assert [make_inert(c) for c in figure_row(figure).values()].count("'" + cell) == 3


def test_numbers_stay_numbers() -> None:
    assert make_inert(-5) == -5
