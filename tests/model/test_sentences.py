from __future__ import annotations

import time

import pytest

from model.sentences import split_sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("第一句。第二句！", ["第一句。", "第二句！"]),
        ("他说：“好了。”大家散去。", ["他说：“好了。”", "大家散去。"]),
        ("举办“你好！”的活动。完了。", ["举办“你好！”的活动。", "完了。"]),
        ("标题\n正文一。\n\n正文二", ["标题", "正文一。", "正文二"]),
        ("真的吗？！是的。", ["真的吗？！", "是的。"]),
        ("增长15.3%，达到2.1万人。", ["增长15.3%，达到2.1万人。"]),
        ("接诊2万人次……正在扩大。", ["接诊2万人次……正在扩大。"]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [span.of(text) for span in split_sentences(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "来自县医院的医师（共15名。含中医3名）在坐诊。完了。",
            ["来自县医院的医师（共15名。含中医3名）在坐诊。", "完了。"],
        ),
        (
            "院长说：“派驻15名。转诊260人次。”他又说，好。",
            ["院长说：“派驻15名。转诊260人次。”", "他又说，好。"],
        ),
        ("他说：“先看病。再付钱。大家散去。", ["他说：“先看病。", "再付钱。", "大家散去。"]),
        ("先看病。）再付钱。”散去。", ["先看病。）", "再付钱。”", "散去。"]),
        ("“一。\n二。”三。", ["“一。", "二。”", "三。"]),
        ("“他说‘好。不错’。”“再来。”", ["“他说‘好。不错’。”", "“再来。”"]),
    ],
)
def test_a_sentence_ends_where_pairs_are_closed(text: str, expected: list[str]) -> None:
    assert [span.of(text) for span in split_sentences(text)] == expected


def test_a_long_quotation_is_split_all_the_same() -> None:
    said = "先看病，再付钱，大家都说这样很方便。" * 20
    assert len(split_sentences(f"他说：“{said}”")) == 20


def test_a_long_line_without_stops_is_split_at_its_blanks() -> None:
    words = "河湾县近年来推进紧密型医疗集团建设 由县人民医院牵头 把十二家卫生院纳入统一管理"
    text = f"{words} 去年派驻医师45名 双向转诊5260人次 群众在镇上就能看县里的医生"
    sentences = [span.of(text) for span in split_sentences(text)]
    assert len(sentences) > 1
    assert " ".join(sentences) == text


def test_splitting_takes_linear_time_whatever_is_repeated() -> None:
    for unit in ("…", "“", "（“", "”）", "？", ".", "《》"):
        started = time.process_time()
        split_sentences(unit * (200_000 // len(unit)) + "好。")
        assert time.process_time() - started < 3
