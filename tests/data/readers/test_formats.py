"""What each format gives: text, title, date, ids, in whatever encoding."""

from __future__ import annotations

import io
import json
import socket
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import docx
import openpyxl
import pyarrow as pa
import pytest
from docx.oxml import parse_xml
from pyarrow import parquet

from data.readers import Item, Problem, read_file, read_inputs
from model import Article
from tests.data.readers.make_files import (
    TEXT,
    Line,
    draw_pdf,
    flow,
    make_csv,
    make_docx,
    make_html,
    make_jsonl,
    make_parquet,
    make_pdf,
    make_text,
    make_zip,
    save,
    set_column,
    zip_files,
)

TITLE = "云岭县的小病在镇上看"
PARAGRAPHS = [
    "云岭县把县人民医院和十六家乡镇卫生院编成一家，药品一起采购，大夫轮流下乡坐诊。",
    "镇上的老人说，以前看病要坐两小时的车，现在走路十分钟就到。",
    "从2021年6月1日起，县医院给每个镇派了三名医师，住满一年才能回城，夜里也有人值班。",
    "去年下乡的大夫看了一万多人次。",
]
BODY = "\n".join(PARAGRAPHS)
TRADITIONAL = "縣人民醫院的大夫每週二到鎮衛生院坐診，今年共看了三百多位病人，大家都說好。"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(folder: Path, name: str, data: bytes) -> list[Item]:
    path = folder / name
    path.write_bytes(data)
    return list(read_file(path, name))


def read_article(folder: Path, name: str, data: bytes) -> Article:
    (article,) = read(folder, name, data)
    assert isinstance(article, Article), article
    return article


ENCODINGS = [
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb2312", "gbk", "gb18030", "big5",
]  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("suffix", [".txt", ".html", ".csv", ".jsonl"])
def test_encodings_that_are_not_declared(tmp_path: Path, suffix: str, encoding: str) -> None:
    makers = {".txt": make_text, ".html": make_html, ".csv": make_csv, ".jsonl": make_jsonl}
    text = TRADITIONAL if encoding == "big5" else TEXT
    page = makers[suffix](text).decode().replace("<meta charset='utf-8'>", "")
    if encoding == "big5":
        page = page.replace("编号", "id")
    article = read_article(tmp_path, f"a{suffix}", page.encode(encoding))
    assert article.text.startswith("县人民医院的大夫")


@pytest.mark.parametrize(
    ("declared", "encoding", "character"),
    [("gb2312", "gbk", "镕"), ("GBK", "gb18030", "䶮"), ("big5", "big5hkscs", "啲")],
)
def test_a_declared_encoding_is_widened(
    tmp_path: Path, declared: str, encoding: str, character: str
) -> None:
    text = (TRADITIONAL if declared == "big5" else TEXT) + f"记者朱{character}。".replace("记", "")
    page = make_html(text).decode().replace("charset='utf-8'", f"charset={declared}")
    article = read_article(tmp_path, "a.html", page.encode(encoding))
    assert f"朱{character}" in article.raw


def test_a_wrong_declaration_does_no_harm(tmp_path: Path) -> None:
    assert read_article(tmp_path, "a.html", make_html().decode().encode("gbk")).text == TEXT


def make_portal(body: str) -> str:
    links = "".join(
        f"<li><a href='/{i}'>图书馆夜间开放受欢迎</a> 2024-03-0{i}</li>" for i in range(1, 7)
    )
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<title>{TITLE}--卫生频道--某某网</title>
<link rel="stylesheet" href="http://127.0.0.1:9/a.css"><script src="http://127.0.0.1:9/a.js"></script>
</head><body><div class="nav"><ul>{links}</ul></div><h1>{TITLE}</h1>
<div class="info">2024年03月05日08:17 来源：某某日报 <img src="http://127.0.0.1:9/a.png"></div>
<div class="content">{body}</div><div class="hot"><h3>热点推荐</h3><ul>{links}</ul></div>
</body></html>"""


BODIES = {
    "paragraphs": "".join(f"<p>　　{p}</p>" for p in PARAGRAPHS),
    "breaks": "<br><br>".join(f"&nbsp;&nbsp;{p}" for p in PARAGRAPHS),
    "sections": "".join(f"<section><span>{p}</span></section>" for p in PARAGRAPHS),
    "divisions": "".join(f"<div>{p}</div>" for p in PARAGRAPHS),
    "layout table": "<table><tr><td>"
    + "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
    + "</td></tr></table>",
}


@pytest.mark.parametrize("body", BODIES)
def test_the_whole_body_of_a_page(
    tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a page was fetched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    article = read_article(tmp_path, "a.html", make_portal(BODIES[body]).encode())
    lines = [line.strip() for line in article.raw.split("\n")]
    assert [p for p in PARAGRAPHS if p not in lines] == []
    assert (article.title, article.date) == (TITLE, "2024-03-05")
    assert "图书馆" not in article.text
    assert article.source == str(tmp_path / "a.html")


def test_a_date_in_the_prose_is_not_the_page_s(tmp_path: Path) -> None:
    page = (
        make_portal(BODIES["paragraphs"]).replace("2024年03月05日08:17", "").replace(" 2024-03", "")
    )
    assert read_article(tmp_path, "a.html", page.encode()).date == ""


def test_word_keeps_order_and_what_was_inserted(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "旧模板的标题"
    document.add_paragraph(PARAGRAPHS[0])
    table = document.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "床位", "三百张"
    last = document.add_paragraph("去年")
    for xml in (
        f"<w:ins {W}><w:r><w:t>下乡的大夫</w:t></w:r></w:ins>",
        f"<w:del {W}><w:r><w:delText>没有人</w:delText></w:r></w:del>",
        f"<w:r {W}><w:t>看了一万多人次。</w:t></w:r>",
    ):
        last._p.append(parse_xml(xml))
    article = read_article(tmp_path, "a.docx", save(document.save))
    lines = [line for line in article.raw.split("\n") if line]
    assert lines == [PARAGRAPHS[0], "床位", "三百张", PARAGRAPHS[3]]
    assert article.title == ""


def read_pdf(folder: Path, pages: list[list[Line]], title: str = "") -> list[str]:
    return read_article(folder, "a.pdf", draw_pdf(pages, title=title)).raw.split("\n")


def number(name: str, n: int) -> list[str]:
    """Digits are narrow: without them every line of a column is as long as the others."""
    return [f"{name}{i}段。{PARAGRAPHS[i % 2]}{PARAGRAPHS[3]}" for i in range(n)]


def test_newspaper_columns_are_read_in_order(tmp_path: Path) -> None:
    """A heading over three columns, under it one over two, whose gutters are elsewhere."""
    first, second = number("甲", 9), number("乙", 6)
    page = [
        (130.0, 760.0, 24.0, TITLE),
        *flow(set_column(first, 30, 0, 16), [30, 215, 400], 730),
        (60.0, 380.0, 20.0, "乙县的检查结果在各家医院都能用"),
        *flow(set_column(second, 30, 0, 25), [30, 310], 350),
        (295.0, 20.0, 8.0, "- 3 -"),
    ]
    want = [TITLE, *first, "乙县的检查结果在各家医院都能用", *second]
    assert read_pdf(tmp_path, [page], title=TITLE) == want


def test_a_short_heading_parts_two_stories(tmp_path: Path) -> None:
    """It leaves the last gutter free, and yet the last column ends where it stands."""
    first, second = number("甲", 8), number("乙", 8)
    xs = [30.0, 170.0, 310.0, 450.0]
    page = [
        *flow(set_column(first, 30, 0, 13), xs, 760),
        (60.0, 480.0, 20.0, "乙县的检查结果各家都认"),
        *flow(set_column(second, 30, 0, 13), xs, 450),
    ]
    assert read_pdf(tmp_path, [page]) == [*first, "乙县的检查结果各家都认", *second]


def test_a_column_beside_a_heading_over_two_others(tmp_path: Path) -> None:
    side, main = number("丙", 10), number("丁", 8)
    page = [
        *set_column(side, 30, 760, 14),
        (220.0, 750.0, 22.0, TITLE),
        *flow(set_column(main, 210, 0, 16), [210, 395], 720),
    ]
    assert read_pdf(tmp_path, [page]) == [*side, TITLE, *main]


def test_a_sentence_goes_on_over_a_page_number(tmp_path: Path) -> None:
    lines = set_column(number("戊", 8), 50, 750, 30)
    pages = [[*lines[:9], (290.0, 20.0, 8.0, "第 1 页")], flow(lines[9:], [50], 750)]
    pages[1] = [(x + (20 if t.startswith("戊") else 0), y, s, t) for x, y, s, t in pages[1]]
    assert [line for line in read_pdf(tmp_path, pages) if "页" in line] == []


def test_a_table_is_read_row_by_row(tmp_path: Path) -> None:
    rows = [
        ("县名", "床位（张）", "就诊（人次）"),
        ("甲县", "100", "3000"),
        ("乙县", "101", "3001"),
    ]
    page = [
        (60.0 + 150 * c, 740.0 - 16 * r, 10.0, cell)
        for r, row in enumerate(rows)
        for c, cell in enumerate(row)
    ]
    got = read_pdf(tmp_path, [[(50.0, 770.0, 10.0, PARAGRAPHS[3]), *page]])
    assert got[1:] == ["甲县：床位100张，就诊3000人次。", "乙县：床位101张，就诊3001人次。"]


def test_excel_gives_values_and_names_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "新闻"
    for row in (
        ["本周剪报"],
        ["编号", "标题", "日期", "来源", "正文"],
        [7, TITLE, datetime(2024, 3, 5, 8, 17), "某报", BODY],
        [],
        [None, None, None, None, BODY],
        [9, None, None, None, '=WEBSERVICE("http://127.0.0.1:9/")'],
    ):
        sheet.append(row)
    book.create_sheet("说明").append(["只有说明"])
    first, second, formula = read(tmp_path, "a.xlsx", save(book.save))
    assert isinstance(first, Article)
    assert (first.id, first.title, first.date, first.source) == (7, TITLE, "2024-03-05", "某报")
    assert [second.id, formula.id] == ["a.xlsx:新闻:5", 9]
    assert isinstance(formula, Problem)


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_with_any_delimiter_and_breaks_in_cells(tmp_path: Path, delimiter: str) -> None:
    data = f'标题{delimiter}内容\r\n{TITLE}{delimiter}"{BODY}"\r\n{delimiter}{TEXT}\r\n'
    first, second = read(tmp_path, "a.csv", data.encode("gbk"))
    assert isinstance(first, Article)
    assert (first.title, first.raw) == (TITLE, BODY)
    assert (second.id, first.id) == ("a.csv:3", "a.csv:2")


def test_parquet_is_read_in_batches(tmp_path: Path) -> None:
    stream = io.BytesIO()
    table = pa.table({"id": range(200), "other": [{"a": 1}] * 200, "正文": [TEXT] * 200})
    parquet.write_table(table, stream, row_group_size=70)
    items = read(tmp_path, "a.parquet", stream.getvalue())
    assert [item.id for item in items] == list(range(200))


def test_lines_are_read_one_by_one(tmp_path: Path) -> None:
    """The first article is there before a later line is read."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(make_jsonl() * 5_000)
    items = read_file(path, path.name)
    assert isinstance(next(items), Article)
    path.write_bytes(b"")
    assert len(list(items)) < 4_000


def test_members_of_archives_have_the_path_as_id(tmp_path: Path) -> None:
    inner = zip_files({"内/b.jsonl": json.dumps({"text": TEXT}).encode()})
    files = {"c.docx": make_docx(), "in.zip": inner, "d.png": b"\x89PNG", "__MACOSX/._a.txt": b"x"}
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.zip").write_bytes(zip_files({"a.txt": TEXT.encode(), **files}))
    *items, pictures = read_inputs([str(tmp_path)])
    ids = ["a.txt", "c.docx", "in.zip/内/b.jsonl:1"]
    assert [item.id for item in items] == [f"sub/a.zip/{name}" for name in ids]
    assert {item.source for item in items} == {str(tmp_path / "sub" / "a.zip")}
    assert all(isinstance(item, Article) for item in items)
    assert isinstance(pictures, Problem)
    assert pictures.id == "sub/a.zip"
    assert "1 张图片没有读（如 d.png）" in pictures.message


def test_names_that_chinese_windows_zips(tmp_path: Path) -> None:
    data = zip_files({"NAME.txt": TEXT.encode()}, zipfile.ZIP_STORED)
    gbk = data.replace(b"NAME", "新闻".encode("gbk"))
    assert read_article(tmp_path, "a.zip", gbk).id == "a.zip/新闻.txt"


@pytest.mark.parametrize(
    "data",
    [
        make_text(),
        make_html(),
        make_docx(),
        make_pdf(),
        make_csv(),
        make_jsonl(),
        make_parquet(),
        make_zip(),
    ],
    ids=["txt", "html", "docx", "pdf", "csv", "jsonl", "parquet", "zip"],
)
def test_standard_input_is_known_by_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    path = tmp_path / "piped"
    path.write_bytes(data)
    with path.open("rb") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        (article,) = read_inputs(["-"])
    assert isinstance(article, Article)
    assert article.text == TEXT
