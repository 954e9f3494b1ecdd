"""Markup in plain text: HTML, Markdown and mail in files, columns and what is pasted."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from data.readers import read_file
from data.readers.markup import read_article, strip_markup
from model import Article
from model.figures import find_figures
from tests.data.readers.test_web_pages import FIRST, LAST, SECOND, THIRD, TITLE, make_page

PLAIN = f"{TITLE}\n2024年3月5日\n{FIRST}\n  {SECOND}\n> 5岁以下儿童占3成，a<b，c>d。\n1. {LAST}"


def test_plain_text_stays_as_it_is() -> None:
    assert strip_markup(PLAIN).text == PLAIN


MAIL = f"""请阅。

---------- Forwarded message ---------
发件人：小青 <qing@example.cn>
发送时间：2024年3月9日 9:12
收件人：老川 <chuan@example.cn>
主题：转发：{TITLE}

> {FIRST[:30]}
> {FIRST[30:]}
>
> 去年集团向村里派出医师41名，工资由县里发，每月都去，巡诊共计12
>60人次，县域内就诊率由71.5%提高到88.2%。
>
> {LAST[:30]}
> {LAST[30:]}
"""


@pytest.mark.parametrize("name", ["a.txt", "a.md", "pasted"])
def test_row_22_a_forwarded_mail(tmp_path: Path, name: str) -> None:
    if name == "a.txt":
        (tmp_path / name).write_text(MAIL, encoding="utf-8")
        (article,) = read_file(tmp_path / name, name)
        assert isinstance(article, Article)
    else:
        article = read_article(MAIL)
    assert (article.title, article.date) == (TITLE, "")
    assert article.text.split("\n")[0] == FIRST
    assert "巡诊共计1260人次，县域内" in article.text
    assert article.text.endswith(LAST)


def test_row_22_quoting_without_headers() -> None:
    text = f">> {FIRST}\n>>\n>> {SECOND}\n"
    assert read_article(text).text == f"{FIRST}\n{SECOND}"


def test_row_22_an_answer_above_what_it_quotes() -> None:
    head = "领导：\n请审阅。\n在 2024年3月9日，小青 <qing@example.cn> 写道：\n"
    text = f"{head}\n> {FIRST}\n>\n> {SECOND}\n"
    article = read_article(text)
    assert (article.text, article.date) == (f"{FIRST}\n{SECOND}", "")


def test_row_22_lines_of_text_that_look_like_headers_stay() -> None:
    text = f"主题：药房到村\n时间：2024年3月9日\n{FIRST}\n{SECOND}"
    assert strip_markup(text).text == text


MARKDOWN = f"""---
title: "{TITLE}"
date: 2024-03-05 08:00
tags: [药房]
---
# {TITLE}

![图](http://127.0.0.1:9/a.png)

**{FIRST}**

| 指标 | 2022 | 2023 |
|:---|---:|---|
| 派出医师（名） | 35 | 41 |

> {SECOND}

- [x] {THIRD}
* [{LAST}](http://127.0.0.1:9/)[^1]

```
print(100)  # 100名
```
[^1]: 数据来自县卫生健康局
"""


@pytest.mark.parametrize("name", ["a.md", "a.txt"])
def test_row_34_markdown(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(MARKDOWN, encoding="utf-8")
    (article,) = read_file(tmp_path / name, name)
    assert isinstance(article, Article)
    assert (article.title, article.date) == (TITLE, "2024-03-05")
    assert article.text.split("\n") == [
        TITLE, FIRST, "派出医师（名）：2022年35名，2023年41名。", SECOND, THIRD, LAST,
        "数据来自县卫生健康局",
    ]  # fmt: skip


def test_row_66_html_in_a_column(tmp_path: Path) -> None:
    text = f"<p>{FIRST}</p>&nbsp;<div>{SECOND}<br/>{THIRD}</div>&ldquo;{LAST}&rdquo;"
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": 1, "title": "给定", "text": text}), encoding="utf-8")
    (article,) = read_file(path, path.name)
    assert isinstance(article, Article)
    assert article.text.split("\n") == [FIRST, SECOND, THIRD, f"“{LAST}”"]
    assert article.title == "给定"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"&lt;p&gt;{FIRST}&lt;/p&gt;&lt;p&gt;{SECOND}&lt;/p&gt;", [FIRST, SECOND]),
        (f"{FIRST}\n<b>{SECOND}</b>\n{THIRD}", [FIRST, SECOND, THIRD]),
        (f"{FIRST}\n{SECOND}\n<p class='x'>{THIRD}\n{LAST}", [FIRST, SECOND, THIRD, LAST]),
        (f"{FIRST}<br>{SECOND}", [FIRST, SECOND]),
        (f"{FIRST}&#10;{SECOND}", [FIRST, SECOND]),
    ],
)
def test_row_66_tags_and_entities(text: str, lines: list[str]) -> None:
    assert read_article(text).text.split("\n") == lines


def test_the_source_of_a_page_pasted() -> None:
    page = make_page(f"<body><div><section>{FIRST}</section><p>{SECOND}</p></div></body>")
    article = read_article(page)
    assert (article.title, article.text) == (TITLE, f"{FIRST}\n{SECOND}")


@pytest.mark.parametrize(
    "piece",
    ["[", "![](", "[^", "**", "`", "> ", ">", "<", "<p ", "<a><b>", "&", "~~", "|", "|-", "- ",
     "---\n", "From: a\n", "主题：", "\n\n", " ", "*a", "_", "__a", "0. [", "-", "写道", "\\"],
)  # fmt: skip
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = f"{FIRST}\n" + piece * (150_000 // len(piece))
    start = time.process_time()
    strip_markup(text, markdown=True)
    strip_markup(text)
    assert time.process_time() - start < 4


HEADED = "派驻医师（名）：2022年41名，2023年76名。\n双向转诊：2022年1.2万人次，2023年2.3万人次。"


@pytest.mark.parametrize("gap", ["\t", "    ", "\u3000\u3000", "  "])
def test_row_36_a_pasted_table_is_lines_with_their_heads(gap: str) -> None:
    rows = [
        ["指标", "2022年", "2023年"],
        ["派驻医师（名）", "41", "76"],
        ["双向转诊", "1.2万人次", "2.3万人次"],
    ]
    table = "\n".join(gap.join(row) for row in rows)
    article = read_article(f"{FIRST}\n{table}\n{LAST}", date="2024-05-01")
    assert HEADED in article.text
    found = {(f.indicator, f.value[0], f.unit, f.year) for f in find_figures(article)}
    assert found >= {
        ("派驻医师", 41, "名", 2022),
        ("派驻医师", 76, "名", 2023),
        ("双向转诊", 12000, "人次", 2022),
        ("双向转诊", 23000, "人次", 2023),
    }


@pytest.mark.parametrize(
    "text",
    [
        "派驻医师\t41\t76\n双向转诊\t52\t83",  # no header says what the columns are
        "县医院　　李某\n县中医院　　张某",
        "指标    2022年    2023年",
        "甲县今年派驻医师41名，  转诊76人次。\n乙县今年派驻医师52名，  转诊83人次。",
    ],
)
def test_row_36_other_lines_with_blanks_stay(text: str) -> None:
    assert strip_markup(text).text == text


def test_row_22_quoted_lines_broken_by_hand_are_joined_where_prose_goes_on() -> None:
    mail = (
        "发件人: 小青 <xq@qingchuan.example>\n主题: 转发: 药房\n\n"
        "> 青川县把县中医院和九家卫生院并成一家集团，药品统一采购，财务统\n"
        "> 一结算，村口的药房全年配送药品，老人走几分钟就能取到药，不用跑县城了。\n"
        "> 小标题\n> 县卫生健康局说，明年还要再派出医师20名，让药房开到每一个村。"
    )
    lines = strip_markup(mail).text.strip().split("\n")
    assert [line[-3:] for line in lines] == ["城了。", "小标题", "个村。"]
