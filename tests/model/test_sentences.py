from __future__ import annotations

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
