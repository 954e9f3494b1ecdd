"""Web pages: every block is kept, tables keep their cells apart, dates come from scripts too."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest

from data.readers import Item, Problem, read_file
from data.readers.grid import table_lines
from model import Article

TITLE = "青川县的药房搬到了村口"
FIRST = "青川县把县中医院和九家卫生院并成一家集团，药品统一采购，财务统一结算。"
SECOND = "去年集团向村里派出医师41名，巡诊1260人次，县域内就诊率由71.5%提高到88.2%。"
THIRD = "村口的药房全年配送药品3.4万份，老人走几分钟就能取到药。"
LAST = "县卫生健康局说，明年还要再派出医师20名，让药房开到每一个村。"
ALL = [FIRST, SECOND, THIRD, LAST]


def read(folder: Path, data: bytes | str, name: str = "a.html") -> list[Item]:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(read_file(path, name))


def read_article(folder: Path, data: bytes | str, name: str = "a.html") -> Article:
    (article,) = read(folder, data, name)
    assert isinstance(article, Article), article
    return article


def make_page(body: str, head: str = "") -> str:
    return f"<html><head><meta charset='utf-8'><title>{TITLE}</title>{head}</head>{body}</html>"


def spans(text: str) -> str:
    return "".join(f"<span style='font-size:15px'>{c}</span>" for c in text)


P = f"<p>{THIRD}</p><p>{LAST}</p>"
BODIES = {
    "section": f"<section>{FIRST}</section><section>{SECOND}</section>{P}",
    "span and br": f"<section><span>{FIRST}</span><br><br><span>{SECOND}</span></section>{P}",
    "a span each": f"<section><section>{spans(FIRST)}</section></section><p>{SECOND}</p>{P}",
    "div": f"<div>{FIRST}</div><div>{SECOND}</div>{P}",
    "font": f"<font size=3>{FIRST}<br>{SECOND}</font>{P}",
    "bare text": f"{FIRST}<br>{SECOND}{P}",
    "item": f"<p>{FIRST}</p><ul><li><p>{SECOND}</p></li></ul><div>{THIRD}</div><p>{LAST}</p>",
    "strong in div": f"<p><b>{FIRST}</b></p><div><strong>{SECOND}</strong></div>{P}",
    "cell": f"<table><tr><td>{FIRST}<br>{SECOND}</td></tr></table>{P}",
    "form": f"<form>{FIRST}<div>{SECOND}</div>{P}</form>",
    "quote": f"<blockquote><section>{FIRST}</section>{SECOND}</blockquote>{P}",
    "section in p": f"<p><section>{FIRST}</section></p><center>{SECOND}</center>{P}",
    "terms": f"<dl><dt>采购</dt><dd>{FIRST}</dd><dt>医师</dt><dd>{SECOND}</dd></dl>{P}",
}


@pytest.mark.parametrize("body", BODIES)
def test_row_1_every_block_outside_p_is_kept(tmp_path: Path, body: str) -> None:
    article = read_article(tmp_path, make_page(f"<body><div>{BODIES[body]}</div></body>"))
    lines = article.text.split("\n")
    assert [text for text in ALL if lines.count(text) != 1] == []
    assert article.warnings == ()


def test_row_1_what_the_extractor_leaves_out_is_read_and_said(tmp_path: Path) -> None:
    """A block whose class is that of a page's foot to the extractor."""
    lost = f"<div class='footer'><p>{FIRST}</p><p>{SECOND}</p></div>"
    article = read_article(tmp_path, make_page(f"<body><div>{lost}{P}</div></body>"))
    assert [text for text in ALL if text not in article.text] == []
    assert "请对照原页" in article.warnings[0]


@pytest.mark.parametrize("name", ["content", "c1"])
def test_row_1_summaries_of_other_articles_stay_out(tmp_path: Path, name: str) -> None:
    other = "邻县的医院也来看过，回去以后照着做，把九家卫生院都并成了一家，老人很高兴。"
    teasers = "".join(
        f"<div><h3><a href='/{i}'>邻县也把药房搬到村口（{i}）</a></h3><div>{other}</div></div>"
        for i in range(4)
    )
    body = f"<div class='{name}'>{BODIES['section']}</div><div class='more'>{teasers}</div>"
    article = read_article(tmp_path, make_page(f"<body><h1>{TITLE}</h1><div>{body}</div></body>"))
    assert [line for line in article.text.split("\n") if line != TITLE] == ALL
    assert article.warnings == ()


def test_row_2_the_style_of_wechat_hides_nothing(tmp_path: Path) -> None:
    style = "visibility: hidden; opacity: 0"
    body = f"<body><div id='js_content' style='{style}'>{BODIES['section']}</div>"
    assert FIRST in read_article(tmp_path, make_page(body)).text


@pytest.mark.parametrize(
    "head",
    [
        "<script>var ct = '1709622000'; var createTime = '2024-03-05 15:00';</script>",
        '<script>window.data = {"publish_time": 1709622000000, "id": 3}</script>',
        '<script type="application/ld+json">[{"datePublished": "2024-03-05T15"}]</script>',
        "<script>var publishTime='2024-03-05';</script>",
    ],
)
def test_row_3_dates_in_scripts(tmp_path: Path, head: str) -> None:
    page = make_page(
        f"<body><div>今天是2026年11月30日 星期一</div><div>{BODIES['div']}</div>", head
    )
    assert read_article(tmp_path, page).date == "2024-03-05"


def test_row_3_dates_of_several_articles_are_none_of_this_one(tmp_path: Path) -> None:
    head = "<script>var list=[{publishTime:'2024-03-05'},{publishTime:'2024-03-06'}]</script>"
    assert read_article(tmp_path, make_page(f"<body><div>{BODIES['div']}</div>", head)).date == ""


TABLE = """<table><tr><th>指标</th><th>2022年</th><th>2023年</th></tr>
<tr><td>派出医师（名）</td><td>35</td><td>41</td></tr>
<tr><td>就诊率（%）</td><td>71.5</td><td>88.2</td></tr></table>"""


def test_row_4_figures_of_a_table_stand_with_their_heads(tmp_path: Path) -> None:
    page = make_page(f"<body><div><p>{FIRST}</p>{TABLE}<p>{LAST}</p></div></body>")
    lines = read_article(tmp_path, page).text.split("\n")
    assert "派出医师（名）：2022年35名，2023年41名。" in lines
    assert "就诊率（%）：2022年71.5%，2023年88.2%。" in lines


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([["县", "床位（张）", "门诊（万人次）"], ["甲县", "100", "3.2"], ["乙县", "98", "-"]],
         ["甲县：床位100张，门诊3.2万人次。", "乙县：床位98张。"]),
        ([["指标", "2022", "2023"], ["医师（名）", "35", "41"]],
         ["医师（名）：2022年35名，2023年41名。"]),
        ([["序号", "指标", "单位", "数量"], ["1", "床位", "张", "300"]], ["床位：数量300张。"]),
        ([["县", "2023", "2023"], ["县", "上半年", "全年"], ["甲县", "1家", "2家"]],
         ["甲县：2023年上半年1家，2023年全年2家。"]),
        ([["床位", "300张"], ["医师（名）", "83"]], ["床位：300张", "医师（名）：83名"]),
        ([["甲", "35", "41"], ["乙", "52", "83"]], ["甲：35｜41", "乙：52｜83"]),
        ([["指标", "2022", "2023"], ["收入（单位：万元）", "3~5", "约1.2"], ["床位", "无", "83张"]],
         ["收入（单位：万元）：2022年3~5万元，2023年约1.2万元。", "床位：2023年83张。"]),
        ([["表2（单位：张）"] * 3, ["年份", "床位", "0—6岁"], ["2022", "1.2万", "52"]],
         ["表2（单位：张）", "2022年：床位1.2万张，0—6岁52张。"]),
        ([["姓名", "职务"], ["张三", "主任"]], ["姓名｜职务", "张三｜主任"]),
        ([["表1", "表1"], ["A", "第2", ], ["B", "3"]], ["表1", "A：第2", "B：3"]),
    ],
)  # fmt: skip
def test_row_4_lines_of_a_table(rows: list[list[str]], lines: list[str]) -> None:
    assert table_lines(rows) == lines


@pytest.mark.parametrize("seed", range(30))
def test_row_4_no_digit_of_a_table_joins_another_cell_s(seed: int) -> None:
    """Heads of every kind before cells of every kind: the numbers are those of the cells."""
    chance = random.Random(seed)
    heads = [
        "2023",
        "2023年",
        "3月",
        "增长（%）",
        "床位（张）",
        "第2",
        "A1",
        "十",
        "占比",
        "",
        "甲县",
    ]
    cells = ["52", "-3.5", "1,234.5", "83%", "2.1万份", "3—5", "+7", "无", "", "—", "第3名", "2024"]
    rows = [[chance.choice(heads) for _ in range(4)] for _ in range(chance.choice([1, 2]))]
    rows += [
        [chance.choice(heads), *(chance.choice(cells) for _ in range(3))]
        for _ in range(chance.choice([1, 3]))
    ]
    number = re.compile(r"\d[\d,.]*")
    there = {n for row in rows for cell in row for n in number.findall(cell)}
    assert {n for line in table_lines(rows) for n in number.findall(line)} <= there


def test_row_4_merged_cells_stand_in_every_place(tmp_path: Path) -> None:
    table = """<table><tr><td rowspan=2>县</td><td colspan=2>2023年</td></tr>
    <tr><td>床位（张）</td><td>医师（名）</td></tr>
    <tr><td>甲县</td><td>100</td><td>41</td></tr></table>"""
    page = make_page(f"<body><div><p>{FIRST}</p>{table}<p>{LAST}</p></div></body>")
    assert "甲县：2023年床位100张，2023年医师41名。" in read_article(tmp_path, page).text


def test_row_4_a_figure_of_a_merged_cell_stands_once(tmp_path: Path) -> None:
    table = """<table><tr><td>县</td><td>县级（张）</td><td>乡级（张）</td></tr>
    <tr><td>甲县</td><td>100</td><td rowspan=2>41</td></tr><tr><td>乙县</td><td>90</td></tr>
    <tr><td>丙县</td><td colspan=2>83</td></tr></table>"""
    page = make_page(f"<body><div><p>{FIRST}</p>{table}<p>{LAST}</p></div></body>")
    text = read_article(tmp_path, page).text
    assert "甲县：县级100张，乡级41张。\n乙县：县级90张。\n丙县：县级83张。" in text


def test_row_5_layout_tables(tmp_path: Path) -> None:
    nav = "<tr><td><a href=1>主页</a>｜<a href=2>公开</a>｜<a href=3>互动</a></td></tr>"
    main = "<br>".join(f"<font>　　{text}</font>" for text in ALL)
    foot = "<tr><td>【打印本文】　【关闭页面】</td></tr>"
    page = make_page(
        f"<body><table>{nav}<tr><td><table><tr><td>{TITLE}</td></tr><tr><td>发布时间：2024-03-05"
        f"</td></tr><tr><td>{main}</td></tr></table></td></tr>{foot}</table></body>"
    )
    article = read_article(tmp_path, page)
    assert [line for line in article.text.split("\n") if line != TITLE] == ALL
    assert article.date == "2024-03-05"


def make_mhtml(page: str) -> bytes:
    head = (
        "From: <Saved by Blink>\r\nSubject: =?utf-8?Q?a?=\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="--b--"\r\n\r\n'
        "----b--\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    coded = "".join(f"={byte:02X}" for byte in page.encode())
    cut = "=\r\n".join(coded[i : i + 75] for i in range(0, len(coded), 75))
    return f"{head}{cut}\r\n----b----\r\n".encode()


@pytest.mark.parametrize("name", ["a.mhtml", "a.mht", "a.html", "a.txt"])
def test_row_11_a_page_saved_as_one_file(tmp_path: Path, name: str) -> None:
    page = make_page(f"<body><div>{BODIES['section']}</div></body>")
    article = read_article(tmp_path, make_mhtml(page), name)
    assert (article.title, article.text.split("\n")) == (TITLE, ALL)


def test_row_11_one_without_a_page_says_what_it_is(tmp_path: Path) -> None:
    data = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b--\n"
    (problem,) = read(tmp_path, data, "a.html")
    assert isinstance(problem, Problem)
    assert "MHTML" in problem.message


def test_row_11_parts_nested_without_end(tmp_path: Path) -> None:
    parts = "".join(
        f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n' for i in range(5_000)
    )
    start = time.monotonic()
    (item,) = read(tmp_path, f"MIME-Version: 1.0\n{parts}" + "\n" * 1_000_000, "a.mht")
    assert isinstance(item, Problem)
    assert time.monotonic() - start < 30


def test_row_12_hidden_noise_stays_out(tmp_path: Path) -> None:
    noise = f"<section>{FIRST[:9]}<span style='display:none'>转载必究77</span>{FIRST[9:]}</section>"
    remark = "<div class='comments'><p>网友说，看一次病要花300元，太贵了。</p></div>"
    page = make_page(f"<body><div>{noise}<p>{SECOND}</p>{P}{remark}</div></body>")
    assert read_article(tmp_path, page).text.split("\n") == ALL


def test_row_13_readings_stay_out(tmp_path: Path) -> None:
    page = make_page(
        f"<body><div><ruby>青川<rp>(</rp><rt>qīng chuān</rt><rp>)</rp></ruby>{FIRST[2:]}{P}"
    )
    assert read_article(tmp_path, page).text.startswith(FIRST)


def test_row_14_a_page_of_scripts_is_said(tmp_path: Path) -> None:
    (item,) = read(tmp_path, make_page(f"<body><div id=app></div><script>x='{FIRST}'</script>"))
    assert isinstance(item, Problem)


def test_row_15_headings_and_lists_are_kept(tmp_path: Path) -> None:
    body = (
        f"<h2>药房到村</h2><p>{FIRST}</p><ol><li>派出医师41名；</li><li>巡诊1260人次。</li></ol>{P}"
    )
    lines = read_article(tmp_path, make_page(f"<body><div>{body}</div></body>")).text.split("\n")
    assert lines == ["药房到村", FIRST, "派出医师41名；", "巡诊1260人次。", THIRD, LAST]


def test_row_16_raised_and_lowered_signs(tmp_path: Path) -> None:
    text = (
        "院区3.2万m<sup>2</sup>，每10<sup>5</sup>人有医师245<sub>名</sub>，接诊1.5×10<sup>4</sup>人次"
        "<sup>[1]</sup>，H<sub>2</sub>S监测点12个<sup><a href=#n>2</a></sup>。"
    )
    page = make_page(f"<body><div><p>{FIRST}</p><p>{text}</p>{P}</div></body>")
    want = "院区3.2万m²，每10⁵人有医师245名，接诊1.5×10⁴人次，H₂S监测点12个。"
    assert want in read_article(tmp_path, page).raw


@pytest.mark.parametrize("declared", ["idna", "undefined", "utf-16", "utf-7", "hex", "iso-8859-1"])
def test_a_declared_encoding_that_is_none(tmp_path: Path, declared: str) -> None:
    page = make_page(f"<body><p>{FIRST}</p>{P}").replace("charset='utf-8'", f"charset={declared}")
    assert FIRST in read_article(tmp_path, page.encode("gbk")).text
