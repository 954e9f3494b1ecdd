"""Events: retold reports are grouped, alike ones are not; copies, changed figures, news."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from data.events.changes import find_changes
from data.events.grouping import EventArticle, find_new, group_events
from data.events.likeness import contained, is_one_event
from data.events.sketch import find_numbers, sketch

DAY = date(2024, 5, 16)
FIRST = (
    "5月15日，云岭县人民医院与16家乡镇卫生院组成的紧密型医共体揭牌。总院院长沈从山介绍，"
    "今年已向乡镇派驻医师83名，县域内就诊率由82.3%提高到90.6%，双向转诊3260人次。"
    "揭牌仪式上，云岭县卫生健康局宣布投入1250万元改造心电、影像中心。"
)
RETOLD = (
    "记者从云岭县卫生健康局获悉，当地紧密型医共体15日正式成立，云岭县人民医院牵头，16家乡镇卫生院加入。"
    "院长沈从山说，83名医师已下沉乡镇，全县转诊3260人次，就诊率升至90.6%。"
    "5月15日起，1250万元将用于共享心电、影像中心。村民还能在家门口做胃镜。"
)
OTHER = (
    "5月15日，平湖市第一人民医院与9家乡镇卫生院组成的紧密型医共体揭牌。总院院长陆明介绍，"
    "今年已向乡镇派驻医师41名，县域内就诊率由79.8%提高到88.1%，双向转诊1870人次。"
)
UNRELATED = "国家药监局批准一款人工耳蜗上市，将用于重度听力损失的儿童。产品由浙江企业研制。"


def test_a_retold_report_is_the_same_event_and_an_alike_one_is_not() -> None:
    first, retold, other, unrelated = (sketch(t, DAY) for t in (FIRST, RETOLD, OTHER, UNRELATED))
    assert is_one_event(first, retold) > 0.8
    assert is_one_event(first, other) < 0.5
    assert is_one_event(first, unrelated) < 0.4
    assert contained(first, retold) < 0.3
    assert contained(first, other) > 0.4  # wording alone would join the wrong ones


def test_a_year_later_it_is_another_event() -> None:
    same = is_one_event(sketch(FIRST, DAY), sketch(RETOLD, DAY))
    assert is_one_event(sketch(FIRST, DAY), sketch(RETOLD, DAY + timedelta(days=365))) < same - 0.1


def test_groups_have_the_first_report_first_and_name_copies() -> None:
    copied = FIRST.replace("90.6%", "96.0%") + "（转自云岭网）"
    articles = [
        EventArticle(RETOLD, DAY + timedelta(days=1)), EventArticle(OTHER, DAY),
        EventArticle(FIRST, DAY), EventArticle(copied, DAY + timedelta(days=1)),
        EventArticle(UNRELATED),
    ]  # fmt: skip
    groups = {group.indices: group for group in group_events(articles)}
    assert sorted(groups) == [(1,), (2, 0, 3), (4,)]
    told = groups[2, 0, 3]
    assert (told.first, [member.copies for member in told.members]) == (2, [None, None, 2])
    changes = [(c.first.text, c.second.text) for c in told.members[2].changes]
    assert changes == [("90.6%", "96.0%")]


def test_grouping_nothing_or_an_empty_text() -> None:
    assert group_events([]) == []
    assert [g.indices for g in group_events([EventArticle(""), EventArticle("。")])] == [(0,), (1,)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("县域内就诊率达82.3%，居前列", "县域内就诊率达83.2%，居前列", [("82.3%", "83.2%")]),
        ("由177名专家组成应急专家组", "共163名专家组成的应急专家组", [("177名", "163名")]),
        ("和解金额2.36亿元", "与受害者达成2.36亿美元的协议", [("2.36亿元", "2.36亿美元")]),
        ("公益救助1万余例患者", "公益救助1万多例患者", []),
        ("提供3000元至1万元的补助", "提供3000元至10000元的补助", []),
        ("门诊量120人次，就诊率达82.3%", "就诊率达82.3%，床位35张", []),
        ("8月9日，孩子的父亲告诉记者", "8月7日，孩子的父亲告诉记者", []),
        ("13个部门联合发布", "共13部门联合发布", []),
        ("http://x.cn/2016-03-11/62879.html", "http://x.cn/2016-03-09/93800.html", []),
    ],
)  # fmt: skip
def test_changed_figures(one: str, other: str, expected: list[tuple[str, str]]) -> None:
    assert [(c.first.text, c.second.text) for c in find_changes(one, other)] == expected


def test_what_a_report_adds_to_its_event() -> None:
    cuts = [i + 1 for i, c in enumerate(RETOLD) if c == "。"]
    sentences = list(zip([0, *cuts[:-1]], cuts, strict=True))
    added = find_new(RETOLD, sentences, [FIRST])
    assert [RETOLD[a:b] for a, b in (sentences[i] for i in added)][-1] == "村民还能在家门口做胃镜。"
    assert find_new(FIRST, [(0, len(FIRST))], [FIRST]) == []
    assert find_new(FIRST, [(0, len(FIRST))], []) == [0]


def test_numbers_leave_out_dates_times_and_single_digits() -> None:
    text = "2024-05-16 08:30 5月15日，2023年有3家医院、1,250万元、82.3%、12个百分点、9时30分"
    assert find_numbers(text) == {"1250万元", "82.3%", "12个百分点"}
