from __future__ import annotations

import pytest

from model import Article
from model.figures import find_figures
from model.figures.repeats import merge_repeats
from model.report import Figure

LEAD = "县卫生健康局今天介绍了一年来的工作。\n"


def merged(text: str) -> tuple[Article, tuple[Figure, ...]]:
    article = Article.from_raw(LEAD + text, date="2024-03-01")
    return article, merge_repeats(find_figures(article))


def test_a_fact_told_three_times_is_one_row_with_three_places() -> None:
    article, figures = merged(
        "安吉县县域内就诊率达93.4%\n2024年，安吉县县域内就诊率达93.4%。群众很高兴。"
        "局长说：“县域内就诊率达到93.4%，来之不易。”"
    )
    (rate,) = figures
    assert rate.body == "安吉县"
    assert [span.of(article.text) for span in rate.repeats] == ["93.4%", "93.4%"]
    assert rate.span.start < rate.repeats[0].start < rate.repeats[1].start


APART = {
    "another body": "安吉县人民医院接诊患者1.2万人次。德清县人民医院接诊患者1.2万人次。",
    "another year": "2022年安吉县县域内就诊率为93.4%。2023年安吉县县域内就诊率为93.4%。",
    "another thing": "安吉县组建家庭医生团队210个。安吉县建成慢病管理中心210个。",
    "another kind": "安吉县编制床位由500张增加到600张。明年安吉县计划新增编制床位500张。",
    "a list": "安吉县抽检水产制品120批次，抽检餐饮食品120批次。",
    "a small number": "安吉县新建社区卫生服务中心2家。安吉县评上优秀社区卫生服务中心2家。",
    "a bare word": "张某被罚款200元。后来李某也被罚款200元。",
}


@pytest.mark.parametrize("text", APART.values(), ids=APART.keys())
def test_two_facts_with_one_number_stay_two(text: str) -> None:
    _, figures = merged(text)
    assert len(figures) == 2 + text.count("600张")
    assert not any(figure.repeats for figure in figures)


def test_the_row_takes_what_a_later_telling_adds() -> None:
    _, (served,) = merged("接诊患者12345人次\n安吉县人民医院今年接诊患者12345人次。")
    assert served.body == "安吉县人民医院"
    assert len(served.repeats) == 1
