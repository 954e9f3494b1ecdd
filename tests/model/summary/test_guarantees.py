"""No summary is broken: faults of single sentences, and a property of all texts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Article, InputError
from model.summary import summarise
from model.summary.check import find_faults
from model.summary.choice.chooser import lay_out
from model.summary.choice.clauses import split_clauses
from model.summary.guarantees import find_fault
from model.summary.references import find_supports

NEWS = "磐安县人民医院新添床位300张，明年启用。"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("磐安县人民医院新添床位300张", "没有说完"),
        ("培训现场。", "太短"),
        ("为什么要给村里的老人做体检？", "问句"),
        ("磐安县人民医院院长周明介绍。", "只有说话人"),
        ("磐安县卫健局负责人介绍项目进展。", "只有说话人"),
        ("2.高温天应及时补充水分，减少运动。", "残缺的列举"),
        ("县人民医院护士周明县人民医院护士周明已经十次献血。", "粘连的标题"),
        ("县中心血站的服务电话：0712-2825715，欢迎来电。", "署名或图注"),
        ("本报讯（记者 周明）磐安县人民医院新添床位。", "署名或图注"),
        ("医护人员给老人量血压，县医院供图。", "署名或图注"),
        ("暖心服务进乡村 磐安县人民医院新添床位300张。", "粘连的标题"),
        ("我们去年派出了12名医生下乡坐诊。", "第一人称"),
        ("，明年启用的床位一共有300张。", "残句"),
        ("磐安县人民医院说“新添床位300张。", "引号或括号不成对"),
        ("2024年6月3日 县融媒体中心", "电头"),
        ("检查结果如下图所示，请认真看完。", "署名或图注"),
        ("▲6月3日，医生在乡镇卫生院给老人看病。", "署名或图注"),
        ("周明，男，汉族，1969年3月出生，浙江磐安人。", "简历"),
        ("磐安县人民医院心血管内科首席专家。", "没有谓语"),
    ],
)
def test_faults_of_a_sentence_are_named(words: str, fault: str) -> None:
    assert find_fault(words, NEWS) == fault


@pytest.mark.parametrize(
    "words",
    [
        NEWS,
        "磐安县开展“你我同行 健康磐安”义诊活动，看病120人次。",
        "我县已有12家医院联网，乡镇全覆盖。",
        "《乡村医生管理办法 试行》昨天印发，六月施行。",
    ],
)
def test_whole_sentences_have_none(words: str) -> None:
    assert find_fault(words, NEWS) is None


def test_a_name_that_opens_a_later_clause_is_the_subject() -> None:
    words = "通过培训和带教，磐安县人民医院派出12名医生。"
    assert find_supports(words, 1, ["大家都好。", words]) == {0}
    assert find_supports(words, 1, ["大家都好。", words], ["磐安县人民医院"]) is None


@pytest.mark.parametrize(
    ("words", "supports"),
    [
        ("双方将继续合作，一起带教村医。", {1}),
        ("其中，乡镇卫生院转诊260人次。", {1}),
        ("组织医生下乡坐诊，看病120人次。", {1}),
        ("循序渐进，从少量活动开始，逐渐增加强度。", {1}),
        ("该平台已接入12家医院。", {0}),
        ("平台已接入12家医院。", {0}),
        ("大力发展长期护理保险，取得了积极成效。", {1}),
        ("目前，已有7位患者申请救助。", {1}),
        ("请群众于本月底前到卫生院登记。", {1}),
        ("首先，县里派出了12名医生。", {1}),
        ("县纪委监委正对其进行审查和监察。", {1}),
        ("去年2月，疫情期间，她到过武汉。", {1}),
        ("于是，县里派出了12名医生。", {1}),
        ("以上检查一年做一次即可。", {1}),
        ("这十年，县里的床位翻了一番。", None),
        ("磐安县人民医院新添床位300张。", None),
        ("会昌县人民医院派医生下乡坐诊。", None),
    ],
)
def test_what_a_sentence_needs_before_it(words: str, supports: set[int] | None) -> None:
    before = ["磐安县建起了远程会诊平台。", "县医院同乡镇卫生院签了约。"]
    found = find_supports(words, 2, [*before, words])
    assert found == (None if supports is None else frozenset(supports))


PIECES = st.sampled_from(
    [
        "磐安县人民医院", "我院", "该县", "全县", "双方", "其中，", "他", "该项目", "此次活动",
        "派出12名医生", "新添床位300张", "看病1200人次", "下乡坐诊", "很方便", "在会上",
        "周明", "院长周明", "黄先生", "二是", "首先，", "于是，", "请", "▲", "已",
        "大力", "取得成效",
        "据云岭县网站8月4日消息，", "报道称，", "周明，男，汉族，", "医院", "，男，",
        "，", "，", "；", "。", "。", "。\n", "？", "：“", "”", "（", "）", "记者 周明", "\n", " ",
        "浙江省卫健委", "金华市", "表示", "开展义诊", "推进医共体建设", "明年启用",
        "签订了协议",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, min_size=12, max_size=60), st.sampled_from([60, 150, 250, 500]))
def test_no_summary_is_broken_where_a_sentence_can_stand(pieces: list[str], n_chars: int) -> None:
    try:
        article = Article.from_raw(f"{NEWS}\n{''.join(pieces)}")
    except InputError:
        return
    clauses = split_clauses(article)
    shares = np.random.default_rng(len(pieces)).random(len(clauses))
    told = lay_out(article, clauses, shares.astype(np.float32))
    summary = summarise(article, told, (), (), n_chars)
    assert len(summary.text) <= n_chars
    assert find_faults(article, summary) == []
