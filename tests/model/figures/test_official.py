from __future__ import annotations

import pytest

from model import Article
from model.figures import find_figures
from model.figures.official import find_official, name_officially
from model.report import Figure, Official
from model.spans import Span

LEAD = "县卫生健康局今天介绍了一年来的工作。"
NAMED = {
    "全县县域内就诊率达93.4%。": ("县域内就诊率", "exact"),
    "居民平均预期寿命提高到79.2岁。": ("人均预期寿命", "same"),
    "区域内就诊率达93.4%。": ("县域内就诊率", "near"),
    "家庭医生重点人群签约率达82.3%。": ("重点人群家庭医生签约率", "near"),
    "云岭县人民医院开放床位520张。": ("床位数", "same"),
    "全市有社区卫生服务中心21家。": ("社区卫生服务中心数", "exact"),
    "三级公立医院次均住院费用为13822.9元。": ("次均费用", "near"),
    "恶性肿瘤的门诊治疗报销比例为75%。": ("医保报销比例", "near"),
    "全年总诊疗人次同比增长4.8%。": ("诊疗人次", "same"),
}
NOT_NAMED = [
    "在人道援助组织帮助下仍在运转的60家医院缺少药品。",
    "县里10家医院与省城的同行建立了合作。",
    "百余名医生深入山区的村子看病。",
    "院长说，床位使用情况登记了93.4元。",
    "研发人员占员工总数的42%。",
]


def officials(sentence: str) -> list[Official | None]:
    article = Article.from_raw(LEAD + sentence)
    figures = name_officially(article.text, find_figures(article))
    return [figure.official for figure in figures]


@pytest.mark.parametrize(("sentence", "wanted"), NAMED.items())
def test_a_figure_is_filed_under_its_official_indicator(
    sentence: str, wanted: tuple[str, str]
) -> None:
    (official,) = officials(sentence)
    assert official is not None
    assert (official.name, official.match) == wanted


@pytest.mark.parametrize("sentence", NOT_NAMED)
def test_those_that_did_something_are_no_number_of_all(sentence: str) -> None:
    assert officials(sentence) in ([None], [])


def test_another_definition_is_noted() -> None:
    (planned,) = officials("新院区编制床位800张。")
    assert planned == Official("床位数", "near", "编制数，不是实有数")
    (narrowed,) = officials("民营医院总诊疗人次为1.6亿人次。")
    assert narrowed is not None
    assert narrowed.match == "near"
    assert "民营医院总诊疗人次" in narrowed.note


def test_the_unit_must_agree() -> None:
    figure = Figure("5张", "远程会诊", (5.0,), "张", "level", "", None, Span(0, 2), "")
    assert find_official(figure) is None
    assert find_official(
        Figure("5例", "远程会诊", (5.0,), "例", "level", "", None, Span(0, 2), "")
    ) == Official("远程会诊例次", "same")


def test_a_cut_off_indicator_is_read_in_its_clause() -> None:
    (official,) = officials("超过90%的居民可以在15分钟内到达最近的医疗服务点。")[:1]
    assert official is not None
    assert official.name == "15分钟可达医疗服务点居民比例"
