from __future__ import annotations

import pytest

from model import Analyzer, Article
from model.figures import find_conflicts, find_figures
from model.figures.official import name_officially

LEAD = "县医院介绍今天的情况如下。\n"


def warnings_of(text: str) -> tuple[str, ...]:
    article = Article.from_raw(LEAD + text, date="2024-03-01")
    return find_conflicts(article, name_officially(article.text, find_figures(article)))


WRONG = {
    "就诊率由2020年的88.6%提升到2022年的93.4%，提高5.8个百分点。": ("88.6%", "5.8个百分点"),
    "编制床位从500张增至1000张，增加400张。": ("1000张", "400张"),
    "编制床位从500张增至1000张，增长50%。": ("100.0%", "50%"),
    "参保率由40%提升到52%，提高13个百分点。": ("12个百分点", "13个百分点"),
    "2023年，安吉县县域内就诊率达93.4%。群众更方便。2023年，安吉县县域内就诊率为91.2%。": (
        "93.4%", "91.2%",
    ),
    "安吉县县域内就诊率93.4%\n今年，全县县域内就诊率达95%以上。": ("93.4%", "95%以上"),
    "平均期望寿命达79.2岁。老人多了。居民人均预期寿命提高到81.3岁。": ("79.2岁", "81.3岁"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "both"), WRONG.items())
def test_a_contradiction_is_one_warning_that_names_both(text: str, both: tuple[str, str]) -> None:
    (warning,) = warnings_of(text)
    assert all(number in warning for number in both)


RIGHT = [
    "就诊率由2020年的88.6%提升到2022年的93.4%，提高4.8个百分点。",
    "就诊率由88.64%提升到93.4%，提高4.8个百分点。",
    "就诊率由88.6%提升到93.4%，年均提高1.6个百分点。",
    "就诊率由88.6%提升到93.4%，住院率下降2个百分点。",
    "就诊率由88.6%提升到93.4%，提高4.8%。",
    "编制床位从约500张增至1000张，增加400张。",
    "编制床位从500张增至1000张，增长一倍。",
    "门诊量由20万人次增加到30万人次，增长50%。",
    "2022年，安吉县县域内就诊率达91.2%。2023年，安吉县县域内就诊率为93.4%。",
    "安吉县县域内就诊率达93.4%。德清县县域内就诊率为91.2%。",
    "一季度，安吉县县域内就诊率达93.4%。二季度，安吉县县域内就诊率为91.2%。",
    "安吉县参保人数达45万人。安吉县参保人数约44.9万人。",
    "安吉县开了会。东村的整改完成率64.6%。西村会后的整改完成率37.9%。",
    "安吉县职工报销比例达80%。安吉县居民报销比例为70%。",
    "编制床位由200张减至180张，增幅为-10%。",
    "安吉县县域内就诊率96.4%\n今年，全县县域内就诊率达95%以上。",
    "全县基层就诊率达65.2%。县域内就诊率达93.4%。",
    "城关镇家庭医生签约率达80%。群众满意。石桥镇家庭医生签约率达72%。",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_agrees_gives_no_warning(text: str) -> None:
    assert warnings_of(text) == ()


def test_the_report_carries_the_warning(analyzer: Analyzer) -> None:
    text = LEAD + "全县就诊率由2020年的88.6%提升到2022年的93.4%，提高5.8个百分点。"
    report = analyzer.analyze(Article.from_raw(text + "群众在家门口看病更方便了。" * 4))
    assert any("5.8个百分点" in warning for warning in report.warnings)
