"""Tables as spreadsheet programs and other people's exports leave them: nothing changes unseen."""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from data.readers import Item, Problem, read_file
from model import Article
from tests.data.readers.make_files import TEXT, save

OTHER = "青河区人民医院今年开了夜间门诊，家住城郊的老人不用起早排队了。"
THIRD = "南山镇卫生院添了一台彩超，镇上的孕妇不必再跑县城做检查。"


def read(folder: Path, name: str, data: bytes) -> list[Item]:
    path = folder / name
    path.write_bytes(data)
    return list(read_file(path, name))


def read_articles(folder: Path, name: str, data: bytes) -> list[Article]:
    items = read(folder, name, data)
    assert all(isinstance(item, Article) for item in items), items
    return [item for item in items if isinstance(item, Article)]


def make_book(*rows: list[object], merged: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    return save(book.save)


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16"])
def test_every_line_end_of_csv(tmp_path: Path, end: str, encoding: str) -> None:
    lines = ["id,正文", f"a,{TEXT}", f'b,"{OTHER}{end}{THIRD}"', f"c,{THIRD}"]
    articles = read_articles(tmp_path, "a.csv", end.join(lines).encode(encoding))
    assert [(a.id, a.text) for a in articles] == [
        ("a", TEXT), ("b", f"{OTHER}\n{THIRD}"), ("c", THIRD),
    ]  # fmt: skip


def test_every_line_end_of_json_lines(tmp_path: Path) -> None:
    rows = [json.dumps({"id": n, "text": TEXT}) for n in range(3)]
    assert [a.id for a in read_articles(tmp_path, "a.jsonl", "\r".join(rows).encode())] == [0, 1, 2]


def test_cells_merged_over_rows_hold_for_each(tmp_path: Path) -> None:
    data = make_book(
        ["编号", "正文", "日期", "来源"],
        [1, TEXT, datetime(2023, 3, 8), "青河日报"],
        [2, OTHER, None, None],
        [],
        [3, THIRD, None, "南山晚报"],
        merged=("C2:C5", "D2:D3"),
    )
    articles = read_articles(tmp_path, "a.xlsx", data)
    assert [a.date for a in articles] == ["2023-03-08"] * 3
    assert [a.source for a in articles] == ["青河日报", "青河日报", "南山晚报"]


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        (45000, "2023-03-15"), ("45000", "2023-03-15"), (45000.75, "2023-03-15"),
        (20230315, "2023-03-15"), ("20230315", "2023-03-15"), ("20230315101500", "2023-03-15"),
        (1678845600, "2023-03-15"), ("1678845600000", "2023-03-15"), ("2023.3.15", "2023-03-15"),
        ("2023年3月15日 10:15", "2023-03-15"), (datetime(2023, 3, 15, 23, 59), "2023-03-15"),
    ],
)  # fmt: skip
def test_dates_as_spreadsheets_keep_them(tmp_path: Path, cell: object, date: str) -> None:
    (article,) = read_articles(tmp_path, "a.xlsx", make_book(["正文", "日期"], [TEXT, cell]))
    assert (article.date, article.warnings) == (date, ())


@pytest.mark.parametrize("cell", [20231345, "150", 12, "去年春天"])
def test_what_is_no_date_is_said(tmp_path: Path, cell: object) -> None:
    (article,) = read_articles(tmp_path, "a.xlsx", make_book(["正文", "日期"], [TEXT, cell]))
    assert article.date == ""
    assert "读不懂" in article.warnings[0]


def test_long_ids_stay_as_they_are_or_are_said_to_be_lost(tmp_path: Path) -> None:
    long = "110101199003078515"
    rows: list[list[object]] = [
        ["编号", "正文"],
        [long, TEXT],
        [7, OTHER],
        [1.10101199003079e17, THIRD],
    ]
    text, number, rounded = read_articles(tmp_path, "a.xlsx", make_book(*rows))
    assert (text.id, number.id, rounded.id) == (long, 7, "a.xlsx:4")
    assert "1.10101199003079e+17" in rounded.warnings[0]
    csv = f'id,text\n{long},{TEXT}\n="{long}",{OTHER}\n1.10101E+17,{THIRD}\n'
    *same, lost = read_articles(tmp_path, "a.csv", csv.encode())
    assert [a.id for a in same] == [long, long]
    assert (lost.id, len(lost.warnings)) == ("a.csv:4", 1)


@pytest.mark.parametrize(
    "header",
    [
        ["文章标题", "文章正文", "发布日期", "媒体名称", "文章编号"],
        ["新闻标题", "新闻内容", "刊发时间", "新闻来源", "序号"],
        [" 标 题 ", "　正文　", "发布 日期", "来源（媒体）", "编号*"],
        ["报道标题", "报道全文", "报道日期", "刊载媒体", "稿件编号"],
    ],
)
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_titles_above_a_header_of_other_names(
    tmp_path: Path, header: list[str], suffix: str
) -> None:
    top = [["三月舆情剪报", "", "", "", ""], ["填报单位：青河区", "", "", "", "内容"]]
    rows = [*top, header, ["夜间门诊", TEXT, "2023-03-15", "青河日报", "x9"]]
    csv = "\n".join(",".join(row) for row in rows).encode()
    data = make_book(*[list(row) for row in rows]) if suffix == ".xlsx" else csv
    (article,) = read_articles(tmp_path, f"a{suffix}", data)
    found = (article.title, article.text, article.date, article.source, article.id)
    assert found == ("夜间门诊", TEXT, "2023-03-15", "青河日报", "x9")


TORN = {
    "after a comma": "青河区开了夜间门诊，\n老人不用起早了，今年看了60人。",
    "within a word": "青河区今年开了夜间门诊，在12家乡镇卫生\n院设了服务点。",
    "before a number": "青河区开了夜间门诊，就诊率由\n70.5%提高到\r\n81.2%。",
    "counted below": "青河区开了夜间门诊，老人不用起早了。今年看了60\n人。",
    "escaped": "青河区开了夜间门诊，_x000D_\n老人不用起早了。_x000D_\n今年看了60人。",
    "before a stop": "青河区开了夜间门诊\n。老人不用起早了。",
}


@pytest.mark.parametrize("cell", TORN.values(), ids=TORN)
def test_breaks_within_a_sentence_are_joined(tmp_path: Path, cell: str) -> None:
    data = make_book(["标题", "正文"], ["夜间\n门诊", cell])
    (article,) = read_articles(tmp_path, "a.xlsx", data)
    whole = cell.replace("_x000D_", "").replace("\r", "").replace("。\n", "。¶").replace("\n", "")
    assert article.text == whole.replace("¶", "\n")
    assert article.title == "夜间门诊"


@pytest.mark.parametrize(
    "cell",
    [
        "夜间门诊开了，老人方便了\n2023年3月15日 青河日报\n青河区人民医院开了夜间门诊。",
        "青河区开了夜间门诊。\n一、老人不用起早\n二、孩子不用请假",
        "主要数据如下，请看：\n床位12\n34名医师\n医师56",
    ],
)
def test_breaks_between_paragraphs_and_numbers_stay(tmp_path: Path, cell: str) -> None:
    (article,) = read_articles(tmp_path, "a.xlsx", make_book(["正文"], [cell]))
    assert article.raw == cell


def test_an_unclosed_quote_is_said_and_swallows_nothing(tmp_path: Path) -> None:
    rows = ["id,text", f'1,"{TEXT}', f"2,{OTHER}", f'3,"{THIRD}"', f'4,"{TEXT}', f"5,{OTHER}"]
    items = read(tmp_path, "a.csv", "\n".join(rows).encode())
    assert [item.id for item in items] == ["a.csv:2", "2", "3", "a.csv:5", "5"]
    assert ["引号没有配对" in i.message for i in items if isinstance(i, Problem)] == [True, True]
    assert [i.text for i in items if isinstance(i, Article)] == [OTHER, THIRD, OTHER]


def test_quotes_that_csv_allows(tmp_path: Path) -> None:
    cells = ['"他说""好"""', '""', '"一""\n\n""二"', '他"说"', '"" ']
    rows = [f'{n},{cell},"{TEXT}\n\n""{OTHER}"""' for n, cell in enumerate(cells)]
    items = read(tmp_path, "a.csv", "\n".join(["id,标题,正文", *rows]).encode())
    assert [i.raw for i in items if isinstance(i, Article)] == [f'{TEXT}\n\n"{OTHER}"'] * 5


@pytest.mark.parametrize("n_lines", [20_000, 40_000])
def test_unclosed_quotes_take_linear_time(tmp_path: Path, n_lines: int) -> None:
    data = "id,text\n" + 'a,"b\n' * n_lines
    assert len(read(tmp_path, "a.csv", data.encode())) == n_lines


def test_a_row_wider_than_its_header_is_said(tmp_path: Path) -> None:
    data = f"id,text\n1,青河区开了夜间门诊,老人不用起早,看了60人\n2,{OTHER},,\n3,{THIRD}\n"
    wide, *articles = read(tmp_path, "a.csv", data.encode())
    assert isinstance(wide, Problem)
    assert wide.id == "a.csv:2"
    assert "4 格，表头只有 2 格" in wide.message
    assert [item.id for item in articles] == ["2", "3"]


def test_the_header_decides_on_the_delimiter(tmp_path: Path) -> None:
    data = f"剪报，三月\n1,2,3\n编号;标题;正文\n9;门诊;{TEXT}\n"
    (article,) = read_articles(tmp_path, "a.csv", data.encode())
    assert (article.id, article.title) == ("9", "门诊")


ROWS = [{"id": 0, "text": TEXT}, {"id": "b", " 正文 ": OTHER}]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("content", [ROWS, {"code": 0, "data": ROWS}])
def test_json_in_one_piece(tmp_path: Path, name: str, indent: int | None, content: object) -> None:
    text = json.dumps(content, ensure_ascii=False, indent=indent)
    if indent is None and isinstance(content, dict):
        text = text.replace("{", "{\n", 1)
    for encoding in ("utf-8", "utf-8-sig", "gbk", "utf-16"):
        articles = read_articles(tmp_path, name, text.encode(encoding))
        assert [(a.id, a.text) for a in articles] == [(0, TEXT), ("b", OTHER)]


def test_json_that_is_torn_is_said_once(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, "a.json", json.dumps(ROWS, indent=1)[:-5].encode())
    assert isinstance(problem, Problem)
    assert "不完整" in problem.message
    (article,) = read_articles(tmp_path, "b.json", json.dumps(ROWS[0], indent=2).encode())
    assert article.id == 0


def test_what_came_before_a_bad_place_is_read(tmp_path: Path) -> None:
    stream = io.BytesIO(f"正文\n{TEXT}\n".encode() + b"\xff\xfe\xff\n")
    article, problem = read(tmp_path, "a.csv", stream.getvalue())
    assert isinstance(article, Article)
    assert isinstance(problem, Problem)
