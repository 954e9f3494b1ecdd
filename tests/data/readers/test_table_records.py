"""A figure of a table is the same record as one of prose: indicator, whose, unit, kind, year."""

from __future__ import annotations

from pathlib import Path

import docx
import openpyxl
import pytest

from data.readers import read_file
from data.readers.grid import table_lines
from data.readers.markup import read_article
from data.readers.pasted_tables import name_cells
from model import Article
from model.figures import find_figures
from model.figures.table_rows import read_table_rows
from model.report import Figure

LEAD = "县卫生健康局公布了今年的统计数据，现将有关情况公布如下。\n"
DATE = "2025-01-10"

# Rows, a line each, cells parted by `|`; then the records that they hold.
TABLES = {
    "years": (
        "指标（单位）|2022年|2023年\n派驻医师（名）|52|83\n县域内就诊率（%）|88.6|93.4",
        "派驻医师 - 52名 level 2022; 派驻医师 - 83名 level 2023;"
        "县域内就诊率 - 88.6% level 2022; 县域内就诊率 - 93.4% level 2023",
    ),
    "a row for each town": (
        "乡镇|签约人数（人）|签约率（%）\n城关镇|12000|82.3\n石桥镇|8600|75.1",
        "签约人数 城关镇 12000人 level 2025; 签约率 城关镇 82.3% level 2025;"
        "签约人数 石桥镇 8600人 level 2025; 签约率 石桥镇 75.1% level 2025",
    ),
    "a column for each county": (
        "指标|云岭县|清河县\n床位（张）|520|480\n县域内就诊率|93.4%|91.2%",
        "床位 云岭县 520张 level 2025; 床位 清河县 480张 level 2025;"
        "县域内就诊率 云岭县 93.4% level 2025; 县域内就诊率 清河县 91.2% level 2025",
    ),
    "a column of units": (
        "指标|单位|2023年|2024年\n总诊疗人次|万人次|45.2|49.8\n床位数|张|1200|1350",
        "总诊疗人次 - 45.2万人次 level 2023; 总诊疗人次 - 49.8万人次 level 2024;"
        "床位数 - 1200张 level 2023; 床位数 - 1350张 level 2024",
    ),
    "the unit above": (
        "单位：万元|单位：万元|单位：万元\n项目|2023年|2024年\n财政投入|320|456",
        "财政投入 - 320万元 level 2023; 财政投入 - 456万元 level 2024",
    ),
    "heads of two rows": (
        "医院|门诊|门诊|住院\n医院|人次|次均费用（元）|人次\n云岭县人民医院|120000|210|9800",
        "门诊人次 云岭县人民医院 120000人次 level 2025;"
        "门诊次均费用 云岭县人民医院 210元 level 2025;"
        "住院人次 云岭县人民医院 9800人次 level 2025",
    ),
    "growth beside values": (
        "指标|2024年|同比增长（%）\n门诊人次（万人次）|12.3|8.5",
        "门诊人次 - 12.3万人次 level 2024; 门诊人次 - 8.5% change 2024",
    ),
    "growth without a unit": (
        "指标|单位|2024年|同比增长\n门诊人次|万人次|12.3|8.5",
        "门诊人次 - 12.3万人次 level 2024",
    ),
    "targets": (
        "指标|目标值|实际值\n家庭医生签约率|≥80%|82.5%",
        "家庭医生签约率 - ≥80% target None; 家庭医生签约率 - 82.5% level 2025",
    ),
    "ranks and serial numbers": (
        "序号|县（市、区）|县域内就诊率|排名\n1|云岭县|93.4%|2\n2|清河县|91.2%|5",
        "县域内就诊率 云岭县 93.4% level 2025; 县域内就诊率 清河县 91.2% level 2025",
    ),
    "houses of a town": (
        "乡镇|村卫生室（个）|床位（张）\n城关镇|18|96\n合计|42|210",
        "村卫生室 城关镇 18个 level 2025; 床位 城关镇 96张 level 2025;"
        "村卫生室 - 42个 level 2025; 床位 - 210张 level 2025",
    ),
}  # fmt: skip


def records(text: str) -> list[str]:
    article = Article.from_raw(LEAD + text, date=DATE)
    return [_show(f) for f in read_table_rows(article, find_figures(article))]


def _show(f: Figure) -> str:
    return f"{f.indicator} {f.body or '-'} {f.text} {f.kind} {f.year}"


@pytest.mark.parametrize(("table", "wanted"), TABLES.values(), ids=TABLES.keys())
def test_heads_make_indicator_body_unit_and_year(table: str, wanted: str) -> None:
    rows = [line.split("|") for line in table.split("\n")]
    assert records("\n".join(table_lines(rows))) == [one.strip() for one in wanted.split(";")]


TOWNS = "签约人数 城关镇 12000人 level 2025"


def test_a_pasted_table_and_an_html_one_give_the_same_records() -> None:
    table = TABLES["a row for each town"][0]
    assert records(name_cells(table.replace("|", "\t")))[0] == TOWNS
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in line.split('|'))}</tr>"
        for line in table.split("\n")
    )
    page = f"<html><body><p>{LEAD * 3}</p><table>{rows}</table><p>{LEAD * 2}</p></body></html>"
    article = read_article(page, id="a", date=DATE)
    found = read_table_rows(article, find_figures(article))
    assert TOWNS in [_show(figure) for figure in found]


def test_a_word_table_gives_the_same_records(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(LEAD.strip())
    table = document.add_table(rows=0, cols=3)
    for line in TABLES["a row for each town"][0].split("\n"):
        for cell, text in zip(table.add_row().cells, line.split("|"), strict=True):
            cell.text = text
    path = tmp_path / "a.docx"
    document.save(str(path))
    (article,) = read_file(path, "a.docx")
    assert isinstance(article, Article)
    found = read_table_rows(article, find_figures(article))
    assert TOWNS.replace("2025", "None") in [_show(figure) for figure in found]


def test_a_sheet_of_data_is_one_article(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["2024年各乡镇家庭医生签约情况", None, None],
        ["乡镇", "签约人数（人）", "签约率"],
        ["城关镇", 12000, 0.823],
        ["石桥镇", 8600, 0.751],
    ):
        sheet.append(row)
    for cell in sheet["C"][2:]:
        cell.number_format = "0.0%"
    book.save(tmp_path / "a.xlsx")
    (article,) = read_file(tmp_path / "a.xlsx", "a.xlsx")
    assert isinstance(article, Article)
    assert article.title == "2024年各乡镇家庭医生签约情况"
    found = [_show(f) for f in read_table_rows(article, find_figures(article))]
    assert [one.rsplit(" ", 1)[0] for one in found] == [
        "签约人数 城关镇 12000人 level",
        "签约率 城关镇 82.3% level",
        "签约人数 石桥镇 8600人 level",
        "签约率 石桥镇 75.1% level",
    ]


PROSE = [
    "局长说：“签约人数12000人，签约率82.3%。”",
    "目前情况如下：全县签约居民12000人，其中老年人3200人。",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_behind_a_colon_keeps_its_own_words(text: str) -> None:
    article = Article.from_raw(LEAD + text, date=DATE)
    figures = find_figures(article)
    assert read_table_rows(article, figures) == figures
