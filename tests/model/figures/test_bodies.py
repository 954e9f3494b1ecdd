from __future__ import annotations

import pytest

from model import Article, Figure
from model.figures import find_figures
from model.figures.body import BodyVote, choose_body

LEAD = "县医院介绍今天的情况如下。\n"


def figures_of(text: str) -> tuple[Figure, ...]:
    return find_figures(Article.from_raw(LEAD + text, date="2024-03-01"))


BODIES = {
    "平阳县人民医院去年接诊5.2万人次。": "平阳县人民医院",
    "平阳县人民医院是当地的龙头。去年该院接诊5.2万人次。": "平阳县人民医院",
    "浙江省安吉县共有卫生院12家。": "安吉县",
    "安吉县推进医改多年。去年全县门诊60万人次。": "安吉县",
    "安吉县卫健局定下办法。全县签约居民12万人。": "安吉县",
    "据平阳县医保局介绍，参保人数达45万人。": "平阳县",
    "国家卫健委发布的数据显示，全国医院有3.8万家。": "全国",
    "青山镇卫生院床位增至60张。": "青山镇卫生院",
    "上海市第一人民医院与云县人民医院结对，派出医生12名。": "上海市第一人民医院",
    "《中国医院年鉴》收录论文860篇。": None,
    "要看医院水平，先看医生，全科医生有120名。": None,
    "建成县域医共体42个。": None,
    "培训对象来自安吉、德清、平阳等36个县。": None,
}


@pytest.mark.parametrize(("text", "body"), BODIES.items())
def test_whom_a_figure_is_about(text: str, body: str | None) -> None:
    assert figures_of(text)[0].body == body


def test_a_sentence_without_a_name_goes_on_with_the_one_before() -> None:
    (figure,) = figures_of("平阳县人民医院去年开诊。\n去年共接诊5.2万人次。")
    assert figure.body == "平阳县人民医院"


def test_a_fact_of_medicine_is_nobodys() -> None:
    (figure,) = figures_of("平阳县人民医院开了讲座。70%的膀胱癌患者可以手术。")
    assert figure.body is None


BASES = {
    "门诊量同比增长12%。": "同比",
    "门诊量较2020年增长12%。": "较2020年",
    "门诊量比上年末增加300人次。": "比上年末",
    "与2020年相比，床位增加200张。": "与2020年相比",
    "是2015年的3倍。": "2015年",
    "门诊量、住院量较上年分别增长6%、8%。": "较上年",
    "新增床位200张。": None,
    "门诊量达12万人次。": None,
}


@pytest.mark.parametrize(("text", "base"), BASES.items())
def test_what_a_change_is_compared_with(text: str, base: str | None) -> None:
    assert {figure.base for figure in figures_of(text)} == {base}


def test_an_opening_comparison_holds_for_the_sentence() -> None:
    found = figures_of("与2020年相比，床位增加200张，医师增加30名。")
    assert [f.base for f in found] == ["与2020年相比", "与2020年相比"]


def test_words_of_body_and_base_are_the_texts_own() -> None:
    article = Article.from_raw(LEAD + "安吉县卫健局定下办法。全县门诊量较2020年增长12%。")
    (figure,) = find_figures(article)
    assert figure.body in article.text
    assert figure.base in article.text


YEARS = {
    "截至2022年底，床位300张。": 2022,
    "自2019年启用以来，接诊3万人次。": 2024,
    "医院始建于1956年，现有床位300张。": 2024,
    "较2021年的400张增加50张。": 2021,
    "门诊量是2015年的3倍。": 2024,
    "门诊量比去年增长12%。": 2024,
    "去年门诊12万人次。": 2023,
}


@pytest.mark.parametrize(("text", "year"), YEARS.items())
def test_a_value_has_its_own_year(text: str, year: int) -> None:
    assert figures_of(text)[0].year == year


def test_without_a_date_a_plan_between_dates_nothing_that_exists() -> None:
    text = "2022年县里投入不少。新设床位300张。到2030年要做到全覆盖。现有医师80名。"
    beds, doctors = find_figures(Article.from_raw(LEAD + text))
    assert (beds.year, doctors.year) == (2022, None)


def test_the_half_year_named_once_dates_what_is_told_of_it_again() -> None:
    text = "云岭县发布2023年上半年抽检情况。上半年，全县共抽检样品10611批次。"
    (samples,) = find_figures(Article.from_raw(LEAD + text))
    assert samples.year == 2023


def votes(**shares: float) -> list[BodyVote]:
    return [
        BodyVote(None if name == "nobody" else name, share, frozenset((name,)))
        for name, share in shares.items()
    ]


def test_whose_a_figure_is_needs_both_readers_or_one_that_is_sure() -> None:
    unsure = votes(云岭县医院=0.5, 清河县=0.2, nobody=0.3)
    assert choose_body(unsure, {"云岭县医院": 0.6, "清河县": 0.1}) == "云岭县医院"
    assert choose_body(unsure, {}) is None
    assert choose_body(unsure, {"清河县": 0.95}) == "清河县"
    assert choose_body(votes(云岭县医院=0.97, nobody=0.03), {"云岭县": 0.1}) == "云岭县医院"


def test_a_place_does_not_stand_for_the_hospital_that_its_name_begins() -> None:
    held = votes(安吉县人民医院=0.8, 安吉县=0.1, nobody=0.1)
    assert choose_body(held, {"安吉县": 0.97}) == "安吉县人民医院"


def test_the_heads_names_of_one_body_count_together() -> None:
    hospital = BodyVote("云岭县人民医院", 0.4, frozenset(("云岭县人民医院", "县医院")))
    others = votes(云岭县=0.4, nobody=0.2)
    read = {"云岭县人民医院": 0.3, "县医院": 0.3, "云岭县": 0.35}
    assert choose_body([hospital, *others], read) == "云岭县人民医院"


INDICATORS = {
    "门诊量、住院量和手术量分别增长6.2%、9.8%和3%。": ["门诊量", "住院量", "手术量"],
    "结算12万人次，减少垫付3亿元，分别增长5%和6%。": ["结算", "减少垫付", "结算", "减少垫付"],
    "床位从300张增至800张。": ["床位", "床位"],
    "为1.2万人次提供义诊服务。": ["义诊服务"],
    "36个县开展医共体建设。": ["县开展医共体建设"],
    "9000万元用于药品平台建设。": ["药品平台建设"],
    "净利润达86亿元（约合12亿美元），同比增长31.9%。": ["净利润"] * 3,
    "体检补助由原先每人次50元提高至每人次70元。": ["体检补助", "体检补助"],
}


@pytest.mark.parametrize(("text", "names"), INDICATORS.items())
def test_indicators(text: str, names: list[str]) -> None:
    assert [figure.indicator for figure in figures_of(text)] == names
