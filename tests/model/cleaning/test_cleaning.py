from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Article, InputError, Span
from model.article import removed_spans
from model.cleaning import MAX_CHARS

BODY = "县人民医院的大夫每周二到镇卫生院坐诊，今年共看了三百多位病人。"
LINES = (
    "县医院把专家派到镇上，", "患者在镇卫生院就能看上病。", "“家门口就能看病",
    "真方便。”李大爷说。",
    "一 专家下沉", "小病在镇上看", "基层医院变了样", "多家医院参加。记者 王某 通讯员 李某",
    "某某日报记者 王小明 通讯员 李小红", "县医院外景。王小明 摄", "（完）",
    "编辑：王小明 校对 李小红",
    "首页 > 新闻 > 正文", "上一篇 下一篇", "3上一篇  下一篇4", "第03版：要闻",
    "2024年05月16日 21:22 来源：某网",
    "版权所有 未经授权 不得转载", "# 小病在镇上看", "广告 便宜好用 ×", "猜你喜欢",
    "分享让更多人看到",
    "县医院院长王小明：我们每周都去。", "主持人：欢迎各位。", "今年共看了三百多位病人，本周为65",
    "岁以上老人体检。", "医(yī)共體建設(shè)",
    "難題(tí)！敝齑鬆斦f(shuō)。", "吉林省乾安縣醫院",
)  # fmt: skip
DIRT = st.lists(
    st.one_of(
        st.sampled_from([BODY, "\n", "\n\n", " ", "\u3000", "\u200b", "１２％", "\r\n", "进⼀步"]),
        st.sampled_from([*LINES, *(f"{line}\n" for line in LINES)]),
        st.sampled_from("“”‘’（）()《》【】[]。，、！？：；…—,.!?:;·#*|>×摄"),
        st.sampled_from(["😀", "\ud83d", "\udc00", "\ufeff", "責任編輯：王", "返回搜狐，查看更多"]),
        st.text(alphabet="0123456789", min_size=1, max_size=60),
        st.text(max_size=12),
        st.text(alphabet="一二上下医院病人的在了记者摄编辑来源完", min_size=1, max_size=20),
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


@pytest.mark.parametrize(
    "unit",
    [
        *("“", "”", "（", "[", "《", "!", "。", "，", "9", "乾安", "!敝齑鬆斦f", "广告 ", "\n“\n"),
        *(
            "记者 王小明 ",
            "王小明 摄",
            "编辑：王小明",
            "县医院院长王小明：",
            "上一篇:",
            "首页 ",
            "\n医院，",
        ),
    ],
)
def test_cleaning_time_is_linear(unit: str) -> None:
    started = time.process_time()
    Article.from_raw(BODY + "\n" + unit * (50_000 // len(unit)) + "\n" + BODY)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("unit", ["上一篇1234", "原标题：", "（", "责任编辑：", "2023年"])
def test_cleaning_time_does_not_explode(unit: str) -> None:
    started = time.process_time()
    Article.from_raw(BODY + "\n" + unit * 2_000 + "正文")
    Article.from_raw(BODY + "\n" + unit * 15 + "一二三四五六七八九十")
    assert time.process_time() - started < 2


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


@settings(max_examples=300, deadline=None)
@given(DIRT)
def test_cleaning_is_idempotent(parts: list[str]) -> None:
    text = clean(BODY + "\n" + "".join(parts))
    assert clean(text) == text


@settings(max_examples=300, deadline=None)
@given(DIRT)
def test_offsets_are_in_range_and_rise_unless_a_warning_says_otherwise(parts: list[str]) -> None:
    article = Article.from_raw(BODY + "\n" + "".join(parts))
    offsets = article.offsets[:-1]
    assert len(offsets) == len(article.text) == len(set(offsets.tolist()))
    assert not len(offsets) or (offsets.min() >= 0 and offsets.max() < len(article.raw))
    moved = any("跨段接回" in warning for warning in article.warnings)
    assert moved or np.all(np.diff(offsets) > 0)


@settings(max_examples=200, deadline=None)
@given(DIRT)
def test_kept_and_removed_make_up_the_pasted_text(parts: list[str]) -> None:
    article = Article.from_raw(BODY + "\n" + "".join(parts))
    removed = {i for span in removed_spans(article) for i in range(span.start, span.end)}
    assert removed | set(article.offsets[:-1].tolist()) == set(range(len(article.raw)))
    assert len(removed) + len(article.text) == len(article.raw)


@settings(max_examples=200, deadline=None)
@given(DIRT, st.data())
def test_every_span_maps_to_characters_that_clean_to_it(
    parts: list[str], data: st.DataObject
) -> None:
    article = Article.from_raw(BODY + "\n" + "".join(parts))
    start = data.draw(st.integers(0, len(article.text) - 1))
    end = data.draw(st.integers(start + 1, len(article.text)))
    found = article.to_raw(Span(start, end))
    held = article.offsets[start:end]
    assert (found.start, found.end) == (held.min(), held.max() + 1)


@settings(max_examples=100, deadline=None)
@given(DIRT)
def test_a_span_maps_to_the_characters_it_came_from(parts: list[str]) -> None:
    raw = "".join(parts) + "\n" + BODY
    article = Article.from_raw(raw)
    at = article.text.index("三百多位")
    span = article.to_raw(Span(at, at + 4))
    assert raw[span.start : span.end] == "三百多位"


@settings(max_examples=100, deadline=None)
@given(DIRT)
def test_sentences_cover_all_but_white_space(parts: list[str]) -> None:
    article = Article.from_raw(BODY + "\n" + "".join(parts))
    covered = "".join(s.of(article.text) for s in article.sentences)
    assert "".join(covered.split()) == "".join(article.text.split())
