"""A summary never holds half a pair, and never a dateline."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Analyzer, Article
from model.cleaning.heading import is_dateline
from model.pairs import find_pairs
from model.spans import Span
from model.summary.shorten import cut_to_fit, list_versions

LONG = "先到镇卫生院看病，再由县医院会诊，全年转诊260人次，大家都说这样方便。" * 5


def kept_of(text: str, kept: tuple[Span, ...]) -> str:
    return "".join(span.of(text) for span in kept)


@pytest.mark.parametrize(
    "body",
    [
        "记者看到，来自县医院的医师（共15名。含中医3名）正在坐诊，每天看病60人次。",
        "院长说：“派驻医师15名。转诊260人次。”他表示，县域内就诊率达91.4%。",
        f"院长说：“{LONG}”他表示，县域内就诊率达91.4%。",
        f"县里推进医疗集团建设（{LONG}）。去年派驻医师15名。",
        f"他说：“{LONG}",
    ],
)
def test_brackets_and_quotes_of_a_summary_are_pairs(analyzer: Analyzer, body: str) -> None:
    article = Article.from_raw(f"河湾县推进医疗集团建设，成效明显。{body}")
    summary = analyzer.analyze(article).summary.text
    assert summary
    assert find_pairs(summary)[1] == []


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="“”（）《》‘’，。；医院派驻12名说", min_size=14, max_size=60))
def test_no_version_of_a_sentence_holds_half_a_pair(text: str) -> None:
    sentence = Span(0, len(text))
    for version in (*list_versions(text, sentence), cut_to_fit(text, sentence, 13)):
        words = kept_of(text, version.excerpt.kept)
        alone = {words[at] for at in find_pairs(words)[1]}
        assert alone <= {"）"} or len(words) == len(find_pairs(words)[1])  # `1）` numbers a list


def test_the_number_of_a_list_keeps_its_bracket() -> None:
    text = "做了两件事：1）派驻医师15名，2）转诊260人次。"
    first = list_versions(text, Span(0, len(text)))[0]
    assert kept_of(text, first.excerpt.kept) == text


@pytest.mark.parametrize(
    "body",
    [
        "河湾县近年来推进医疗集团建设 由县人民医院牵头 把十二家卫生院纳入统一管理 去年派驻医师45名 "
        "双向转诊5260人次 县域内就诊率达到91.4% 群众在镇上就能看县里的医生 很方便",
        "河湾县近年来推进医疗集团建设由县人民医院牵头把十二家卫生院纳入统一管理去年派驻医师45名双向"
        "转诊5260人次县域内就诊率达到91.4%群众在镇上就能看县里的医生县里还建起远程心电和影像中心乡镇"
        "检查县级诊断全年出具报告2万份平均二十分钟出结果下一步让更多患者留在基层就诊大家都说很方便",
    ],
)
def test_a_text_without_stops_is_summed_up_by_its_own_words(analyzer: Analyzer, body: str) -> None:
    article = Article.from_raw(f"小病在镇上看\n2024年6月3日 县融媒体中心\n\n{body}")
    summary = analyzer.analyze(article).summary.text
    assert len(summary) >= 40
    assert "2024年" not in summary
    assert summary in article.text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2024年6月3日 县融媒体中心", True),
        ("发布时间：2024-06-03 08:30", True),
        ("2024年6月3日，县医院揭牌。", False),
        ("2024年6月3日县医院派驻医师15名", False),
    ],
)
def test_datelines_are_known(line: str, expected: bool) -> None:
    assert is_dateline(line) is expected
