"""Mail that was pasted whole: heads, and quoted lines."""

from __future__ import annotations

import pytest

from model import Article
from model.figures import find_figures

BODY = "县人民医院的大夫每周二到镇卫生院坐诊，今年共看了三百多位病人。"
FORWARDED = """发件人：小陈 <chen@example.com>
发送时间：2024年6月3日 9:12
收件人：周老师
主题：转发：河湾县家庭医生上门

> 河湾县：家庭医生送药上门
> 2024年5月30日 河湾县融媒体中心
>
> 河湾县今年组建了45支家庭医生团队，上门随访高血压患者52
>60人次，规范管理率达到91.4%，群众说“药送到家，心里踏
> 实”。
> 县卫生健康局说，下一步让更多老人在家门口看上病。

发自我的手机
"""


def test_a_forwarded_message_is_read_as_what_it_quotes() -> None:
    article = Article.from_raw(FORWARDED)
    assert (article.title, article.date) == ("河湾县：家庭医生送药上门", "2024-05-30")
    assert article.text.split("\n")[2:] == [
        "河湾县今年组建了45支家庭医生团队，上门随访高血压患者5260人次，规范管理率达到91.4%，"
        "群众说“药送到家，心里踏实”。",
        "县卫生健康局说，下一步让更多老人在家门口看上病。",
    ]
    assert {f.text for f in find_figures(article)} == {"45支", "5260人次", "91.4%"}


@pytest.mark.parametrize(
    "head",
    [
        "From: Chen <c@example.com>\nDate: Mon, 3 Jun 2024\nTo: a@example.com\n",
        "---------- 原始邮件 ----------\n发件人: 小陈\n收件人: 老周\n",
        "在 2024年6月3日，小陈 <c@example.com> 写道：\n",
    ],
)
def test_heads_of_messages_go(head: str) -> None:
    assert Article.from_raw(f"{head}\n{BODY}").text == BODY


@pytest.mark.parametrize(
    "text",
    [f">60岁的老人占12%。\n{BODY}", f">60岁：12人\n>70岁：8人\n{BODY}", f"主题：健康河湾\n{BODY}"],
)
def test_what_compares_or_names_a_topic_stays(text: str) -> None:
    assert Article.from_raw(text).text == text
