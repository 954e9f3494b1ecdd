from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Article, InputError, Span
from model.cleaning import MAX_CHARS

BODY = "县人民医院的大夫每周二到镇卫生院坐诊，今年共看了三百多位病人。"
DIRT = st.lists(
    st.sampled_from(
        [
            *(BODY, "\n", " ", "\u3000", "\u200b", "１２％", "醫(yī)共體", "\r\n"),
            *("进⼀步", "\x00", "“", "”", "。", "(", ")", ",", "😀", "責任編輯：王"),
            *("返回搜狐，查看更多", "上一篇 下一篇",),
        ]
    ),
    min_size=1, max_size=30,
)  # fmt: skip


def clean(raw: str) -> str:
    return Article.from_raw(raw).text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f"１２％的病人，{BODY}", f"12%的病人，{BODY}"),
        (f"进⼀步\u200b推进。{BODY}", f"进一步推进。{BODY}"),
        ("醫(yī)共體建設(shè)讓群眾看病更方便,更省錢。", "医共体建设让群众看病更方便，更省钱。"),
        (f"原标题：{BODY}返回搜狐，查看更多责任编辑：", BODY),
        (f"2023-07-27 16:01，正文：{BODY}", BODY),
        (f"7-28 20:10，正文：{BODY}", BODY),
        (f"，正文：{BODY}", BODY),
        (f"{BODY}新闻线索报料通道：应用市场下载“某某”APP，或搜索微信小程序，等你来报料！", BODY),
        (f"{BODY}患者进了重症监护室（icu）。", f"{BODY}患者进了重症监护室（icu）。"),
        (f"上一版 下一版\n{BODY}\n责任编辑：王某", BODY),
        (f"{BODY}\n镇卫生院外景。李某 摄", BODY),
        (f"吉林乾安县的{BODY}", f"吉林乾安县的{BODY}"),
        (f"增长 15 张床位，{BODY}", f"增长15张床位，{BODY}"),
    ],
)
def test_each_kind_of_dirt_is_cleaned(raw: str, expected: str) -> None:
    assert clean(raw) == expected


@pytest.mark.parametrize("unit", ["上一篇1234", "原标题：", "（", "责任编辑：", "2023年"])
def test_cleaning_time_does_not_explode(unit: str) -> None:
    started = time.perf_counter()
    Article.from_raw(BODY + "\n" + unit * 2_000 + "正文")
    Article.from_raw(BODY + "\n" + unit * 15 + "一二三四五六七八九十")
    assert time.perf_counter() - started < 2


def test_place_names_survive_conversion_from_traditional() -> None:
    text = clean("吉林省乾安縣醫院與鄉鎮衛生院聯合開展簽約服務，隨著團隊下鄉，群眾看病更方便。")
    assert text.startswith("吉林省乾安县医院与乡镇卫生院")
    assert "随着" in text


def test_title_and_date_are_found() -> None:
    article = Article.from_raw(f"小病在镇上看\n2024年5月16日 县融媒体中心\n{BODY}")
    assert (article.title, article.date) == ("小病在镇上看", "2024-05-16")


def test_a_given_title_and_date_win() -> None:
    article = Article.from_raw(f"题\n2024年5月16日\n{BODY}", title="别的", date="2020-01-02")
    assert (article.title, article.date) == ("别的", "2020-01-02")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("", "没有文字"),
        ("  \n", "没有文字"),
        ("医共体", "太短"),
        ("The hospital opened a new wing on Monday.", "不是中文"),
        ("医" * (MAX_CHARS + 1), "过长"),
        ("\x00\x01\x02" * 50, "太短"),
    ],
)
def test_bad_input_gets_a_clear_message(raw: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Article.from_raw(raw)


@settings(max_examples=150, deadline=None)
@given(DIRT)
def test_offsets_are_monotone_and_cleaning_is_idempotent(parts: list[str]) -> None:
    raw = BODY + "".join(parts)
    article = Article.from_raw(raw)
    offsets = article.offsets[:-1]
    assert len(offsets) == len(article.text)
    assert np.all(np.diff(offsets) > 0)
    assert clean(article.text) == article.text


@settings(max_examples=100, deadline=None)
@given(DIRT)
def test_a_span_maps_to_the_characters_it_came_from(parts: list[str]) -> None:
    raw = "".join(parts) + BODY
    article = Article.from_raw(raw)
    at = article.text.index("三百多位")
    span = article.to_raw(Span(at, at + 4))
    assert raw[span.start : span.end] == "三百多位"


@settings(max_examples=100, deadline=None)
@given(DIRT)
def test_sentences_cover_all_but_white_space(parts: list[str]) -> None:
    article = Article.from_raw(BODY + "".join(parts))
    covered = "".join(s.of(article.text) for s in article.sentences)
    assert "".join(covered.split()) == "".join(article.text.split())
