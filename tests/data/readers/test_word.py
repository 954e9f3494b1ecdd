"""Word: tables of data, what is hidden or raised, digests of several articles."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml

from data.readers import read_file
from model import Analyzer, Article
from tests.data.readers.make_files import TEXT, save

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
LONG = "青河区人民医院今年开了夜间门诊，家住城郊的老人不用起早排队了。"


def read(folder: Path, document: docx.document.Document) -> list[Article]:
    path = folder / "a.docx"
    path.write_bytes(save(document.save))
    items = list(read_file(path, path.name))
    assert all(isinstance(item, Article) for item in items), items
    return [item for item in items if isinstance(item, Article)]


def read_lines(folder: Path, document: docx.document.Document) -> list[str]:
    (article,) = read(folder, document)
    return [line for line in article.raw.split("\n") if line]


def add_table(document: docx.document.Document, *rows: str) -> docx.table.Table:
    cells = [row.split("|") for row in rows]
    table = document.add_table(len(cells), len(cells[0]))
    for row, texts in zip(table.rows, cells, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return table


TABLES = {
    "unit at the row": (
        ["指标|2021年|2022年", "床位（张）|52|83", "就诊率（%）|70.5|81.2", "出诊|1.2万次|3.4万次"],
        [
            "床位（张）：2021年52张，2022年83张。",
            "就诊率（%）：2021年70.5%，2022年81.2%。",
            "出诊：2021年1.2万次，2022年3.4万次。",
        ],
    ),
    "unit at the column": (
        ["序号|单位|床位（张）|门诊（万人次）", "1|青河院|100|30.5", "2|南山院|52|—"],
        ["青河院：床位100张，门诊30.5万人次。", "南山院：床位52张。"],
    ),
    "unit in brackets with a name": (
        ["年份|支出（单位：亿元）", "2021|1.5", "2022|2,350"],
        ["2021年：支出1.5亿元。", "2022年：支出2,350亿元。"],
    ),
    "ages in heads": (
        ["地区|0—6岁（人）|65岁以上（人）", "青河|300|52", "南山|12|83"],
        ["青河：0—6岁300人，65岁以上52人。", "南山：0—6岁12人，65岁以上83人。"],
    ),
    "words": (
        ["姓名|单位|专长", "张三|青河院|骨科", "李四|南山院|儿科"],
        ["姓名｜单位｜专长", "张三｜青河院｜骨科", "李四｜南山院｜儿科"],
    ),
    "figures without a header": (
        ["床位|52|83", "门诊|30|40", "出诊|52 83|12"],
        ["床位：52｜83", "门诊：30｜40", "出诊：52 83｜12"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "lines"), TABLES.values(), ids=TABLES)
def test_a_row_is_a_line_that_names_its_figures(
    tmp_path: Path, rows: list[str], lines: list[str]
) -> None:
    document = docx.Document()
    document.add_paragraph(TEXT)
    add_table(document, *rows)
    document.add_paragraph(LONG)
    assert read_lines(tmp_path, document) == [TEXT, *lines, LONG]


def test_merged_heads_hold_for_all_and_a_merged_figure_stands_once(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(TEXT)
    table = add_table(
        document,
        "各县床位（单位：张）|||",
        "地区|2021年||2022年",
        "|县级|乡级|县级",
        "青河|10|20|30",
        "南山|11||31",
        "东林|12|22|32",
    )
    for first, last in [((0, 0), (0, 3)), ((1, 0), (2, 0)), ((1, 1), (1, 2)), ((3, 3), (4, 3))]:
        table.cell(*last).text = ""
        text = table.cell(*first).text
        table.cell(*first).merge(table.cell(*last)).text = text
    assert read_lines(tmp_path, document) == [
        TEXT,
        "各县床位（单位：张）",
        "青河：2021年县级10张，2021年乡级20张，2022年县级30张。",
        "南山：2021年县级11张。",
        "东林：2021年县级12张，2021年乡级22张，2022年县级32张。",
    ]


def test_a_table_that_lays_out_prose_stays_prose(tmp_path: Path) -> None:
    document = docx.Document()
    add_table(document, f"夜间门诊|{TEXT}", f"2023年|{LONG}{LONG}")
    assert read_lines(tmp_path, document) == ["夜间门诊", TEXT, "2023年", LONG + LONG]


def test_figures_of_a_table_have_their_indicator_and_year(
    tmp_path: Path, analyzer: Analyzer
) -> None:
    document = docx.Document()
    document.add_paragraph(TEXT)
    add_table(document, "指标|2021年|2022年", "签约居民（人）|2.1万|4.2万", "床位|52张|83张")
    (article,) = read(tmp_path, document)
    figures = analyzer.analyze(article).figures
    found = {(f.indicator, f.value, f.unit, f.year) for f in figures}
    assert {
        ("签约居民", (21000.0,), "人", 2021), ("签约居民", (42000.0,), "人", 2022),
        ("床位", (52.0,), "张", 2021), ("床位", (83.0,), "张", 2022),
    } <= found  # fmt: skip


def run(text: str, look: str = "") -> str:
    return f"<w:r {W}><w:rPr>{look}</w:rPr><w:t>{text}</w:t></w:r>"


RAISED, LOWERED = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
RUNS = {
    "hidden": ([run("看了12人"), run("实为34人", "<w:vanish/>"), run("次。")], "看了12人次。"),
    "not hidden": ([run("看了"), run("12人次。", '<w:vanish w:val="0"/>')], "看了12人次。"),
    "hidden by style": ([run("看了"), run("99", '<w:rStyle w:val="Quiet"/>'), run("人")], "看了人"),
    "square": ([run("占地3万m"), run("2", RAISED), run("。")], "占地3万m²。"),
    "power": ([run("1.5×10"), run("4", RAISED), run("人次")], "1.5×10⁴人次"),
    "base": ([run("每10"), run("5", RAISED), run("人口")], "每10⁵人口"),
    "note": ([run("看了12人次"), run("[3]", RAISED), run("。")], "看了12人次。"),
    "note without brackets": ([run("看了60%"), run("1,2", RAISED), run("。")], "看了60%。"),
    "lowered": ([run("CO"), run("2", LOWERED), run("机")], "CO₂机"),
    "ruby": (
        [f"<w:r {W}><w:ruby><w:rt><w:r><w:t>zhěn</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>诊</w:t>"
         "</w:r></w:rubyBase></w:ruby></w:r>", run("室")], "诊室",
    ),
    "hyphen": ([f"<w:r {W}><w:t>12</w:t><w:noBreakHyphen/><w:t>34人</w:t></w:r>"], "12-34人"),
    "soft hyphen": ([f"<w:r {W}><w:t>12</w:t><w:softHyphen/><w:t>名</w:t></w:r>"], "12名"),
    "tab": ([f"<w:r {W}><w:t>12</w:t><w:tab/><w:t>34</w:t></w:r>"], "12\t34"),
    "formula": ([f"<m:oMath {M}><m:r><m:t>60.5%</m:t></m:r></m:oMath>", run("的人")], "60.5%的人"),
    "fraction": (
        [f"<m:oMath {M}><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>3</m:t></m:r>"
         "</m:den></m:f></m:oMath>", run("的人")], "1/3的人",
    ),
    "power in a formula": (
        [f"<m:oMath {M}><m:sSup><m:e><m:r><m:t>10</m:t></m:r></m:e><m:sup><m:r><m:t>4</m:t></m:r>"
         "</m:sup></m:sSup></m:oMath>", run("人")], "10⁴人",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("runs", "text"), RUNS.values(), ids=RUNS)
def test_what_is_hidden_raised_or_drawn(tmp_path: Path, runs: list[str], text: str) -> None:
    document = docx.Document()
    style = (
        f'<w:style {W} w:type="character" w:styleId="Quiet"><w:rPr><w:vanish/></w:rPr></w:style>'
    )
    document.styles.element.append(parse_xml(style))
    document.add_paragraph(TEXT)
    paragraph = document.add_paragraph()
    for xml in runs:
        paragraph._p.append(parse_xml(xml))
    assert read_lines(tmp_path, document) == [TEXT, text]


def add_article(document: docx.document.Document, n: int, style: str, dateline: str) -> None:
    document.add_paragraph(f"青河区夜间门诊第{n}家开诊", style=style)
    document.add_paragraph(dateline)
    document.add_paragraph(LONG + LONG)
    document.add_paragraph(TEXT)


def test_a_digest_with_headings_is_split(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("三月舆情剪报")
    for n in range(1, 4):
        add_article(document, n, "Heading 1", f"2023年3月1{n}日 来源：青河日报")
    document.add_paragraph("附注", style="Heading 1")
    document.add_paragraph("以上由办公室整理。")
    first, second, third = read(tmp_path, document)
    assert [a.id for a in (first, second, third)] == ["a.docx:1", "a.docx:2", "a.docx:3"]
    assert [a.date for a in (first, second, third)] == ["2023-03-11", "2023-03-12", "2023-03-13"]
    assert second.title == "青河区夜间门诊第2家开诊"
    assert second.text.count("夜间门诊第") == 1
    assert "三月舆情剪报" in first.warnings[0]
    assert "以上由办公室整理" in third.text
    assert "有 3 篇文章" in first.warnings[0]


def test_a_digest_without_headings_is_said(tmp_path: Path) -> None:
    document = docx.Document()
    for n in range(1, 4):
        add_article(document, n, "Normal", f"来源：青河日报 2023年3月1{n}日")
    (article,) = read(tmp_path, document)
    assert "3 处日期、来源行，像是几篇文章" in article.warnings[0]


def test_one_article_with_headings_is_one_article(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("青河区夜间门诊开诊", style="Title")
    document.add_paragraph("2023年3月11日 来源：青河日报")
    for heading in ("老人不用起早", "孩子不用请假"):
        document.add_paragraph(heading, style="Heading 1")
        document.add_paragraph(LONG + TEXT)
    document.add_paragraph("来源：青河日报 2023年3月11日")
    (article,) = read(tmp_path, document)
    assert article.warnings == ()
    assert (article.id, article.title) == ("a.docx", "青河区夜间门诊开诊")
