from __future__ import annotations

import pytest

from model import Article, Figure
from model.figures import find_figures

LEAD = "县医院介绍今天的情况如下。\n"


def figures_of(text: str) -> tuple[Figure, ...]:
    return find_figures(Article.from_raw(LEAD + text, date="2024-03-01"))


NAMES = {
    # signs and currencies are no part of a name
    "sign": ("基金结余为-2400万元，收入增速为-3.1%。", ["基金结余", "收入增速"]),
    "currency": ("建设资金500万元，捐款港币60万元。", ["建设资金", "捐款"]),
    "plus": ("服务群众3000+人次。", ["服务群众"]),
    "arrow": ("门诊量↑3.6%，就诊率81.2%→88.4%。", ["门诊量", "就诊率", "就诊率"]),
    # enumerators end a clause
    "circled": ("建成哨点26个②添置车辆8台③招聘护士15名。", ["建成哨点", "添置车辆", "招聘护士"]),
    "bracketed": ("（1）招聘村医60名（2）新建站点12个。", ["招聘村医", "新建站点"]),
    "spoken": ("一是招聘村医60名二是接诊900人次。", ["招聘村医", "接诊"]),
    "first": ("首先是招聘村医60名。", ["招聘村医"]),
    "picture": ("✅招聘村医60名👉接诊900人次", ["招聘村医", "接诊"]),
    # a noun behind the number, of one character as well
    "village": ("工作队走遍9个乡镇、160个村。", ["乡镇", "村"]),
    "county": ("惠及4个县，设点30个。", ["县", "设点"]),
    # a share that is a name of its own
    "drugs": ("药占比为24.8%，耗占比降到17%。", ["药占比", "耗占比"]),
    "materials": ("百元医疗收入耗材占比降至16.5元。", ["百元医疗收入耗材占比"]),
    # ages and denominators belong to the name
    "under": ("7岁以下儿童死亡率为3.8‰。", ["7岁以下儿童死亡率"]),
    "over": ("60岁及以上老年人健康体检率达81%。", ["60岁及以上老年人健康体检率"]),
    "between": ("30～60岁妇女筛查率为79%。", ["30~60岁妇女筛查率"]),
    "per100000": ("每10万人口拥有康复医师3.6名。", ["每10万人口拥有康复医师"]),
    "aside": ("每千人口执业（助理）医师3.2人。", ["每千人口执业（助理）医师"]),
    # a total goes back to what stands before the bracket
    "total": ("签约居民（含儿童2万人、老人3万人）共12万人。", ["儿童", "老人", "签约居民"]),
    "same period": ("门诊量50万人次（上年同期46万人次），增长8.7%。", ["门诊量"] * 3),
    # a name is a noun
    "bare time": ("三年增长了6个百分点。", [""]),
    "time behind": ("就诊率三年增长6个百分点。", ["就诊率"]),
    "range of weeks": ("培训为期3~4周，共5期。", [""]),
    "in place": ("已到位资金2600万元。", ["到位资金"]),
    "months": ("2023年1—8月门诊量为30万人次。", ["门诊量"]),
    "spelt year": ("二〇二二年签约率为71%。", ["签约率"]),
    "from years": (
        "手术量由2021年的900台、2022年的1100台增加到2023年的1600台。",
        ["手术量"] * 3,
    ),
    "earlier value": ("基金支出两个多亿，2021年为3.2亿元。", ["基金支出"] * 2),
    "agreed": ("老人签约2800人。", ["老人签约"]),
    "ratio": ("医护比为1:1.4。", ["医护比"]),
    # the head that is said once
    "fees": ("门诊、住院次均费用分别下降2.4%和1.9%。", ["门诊次均费用", "住院次均费用"]),
    "short head": ("门诊、急诊量分别增长4%、6%。", ["门诊量", "急诊量"]),
    "diseases": (
        "高血压、糖尿病规范管理率分别达到81%、76%，较上年提高2.6和3.1个百分点。",
        ["高血压规范管理率", "糖尿病规范管理率"] * 2,
    ),
    # blanks and signs of money, no stops, a bare rate of change
    "money": (
        "投入￥1234.5万，人均￥56，补助RMB 300万元、USD 20万。",
        ["投入", "投入", "补助", "补助"],
    ),
    "highest": ("日门诊量最高达5200人次。", ["日门诊量"]),
    "power": ("每10⁵人口医师数为245人。", ["每10⁵人口医师数"]),
    "plan": ("计划明年再招聘村医60名。", ["招聘村医"]),
    "aside of a noun": ("来自县医院的医师（共12名）坐诊。", ["来自县医院的医师"]),
    "share of a noun": ("县医院3.5%的医师（共12名）坐诊。", ["医师", "医师"]),
    "rate of change": ("药品收入由28万元增至35万元，增幅为25%。", ["药品收入"] * 3),
    "own noun": ("患者负担减轻1/3，2/3的村卫生室达标。", ["患者负担", "村卫生室达标"]),
    "no stops": (
        "门诊收入30万元药品收入20万元基金结余50万元。",
        ["门诊收入", "药品收入", "基金结余"],
    ),
    "whole names": ("医疗收入、药品收入分别增长3%和5%。", ["医疗收入", "药品收入"]),
}


@pytest.mark.parametrize(("text", "names"), NAMES.values(), ids=NAMES)
def test_a_name_is_a_noun(text: str, names: list[str]) -> None:
    assert [figure.indicator for figure in figures_of(text)] == names


HOUSES = {
    "县医院、中医院门诊量分别为30万人次和12万人次。": ("门诊量", ["县医院", "中医院"]),
    "县医院、中医院、妇保院的门诊量分别为30万人次、12万人次和8万人次。": (
        "门诊量",
        ["县医院", "中医院", "妇保院"],
    ),
    "县医院、中医院分别接诊30万人次和12万人次。": ("接诊", ["县医院", "中医院"]),
}


@pytest.mark.parametrize(("text", "answer"), HOUSES.items())
def test_houses_side_by_side_have_one_measure_each(
    text: str, answer: tuple[str, list[str]]
) -> None:
    name, bodies = answer
    found = figures_of(text)
    assert {figure.indicator for figure in found} == {name}
    assert [figure.body for figure in found] == bodies


def test_what_stands_behind_a_number_is_no_house() -> None:
    *_, figure = figures_of("全县建成60个村卫生室，覆盖60个行政村。")
    assert figure.body == "全县"
    *_, figure = figures_of("5位仁济医院专家到岗，接诊200人次。")
    assert figure.body == "仁济医院"


YEARS = {
    "二〇二二年签约居民3万人。": [2022],
    "二零二一年签约居民3万人。": [2021],
    "一九年门诊量12万人次。": [2019],
    "就诊率由19年的62%提高到23年的78%。": [2019, 2023],
    "他干了19年，接诊3万人次。": [2024],
    "截至22年底，床位达300张。": [2022],
    "二三年间培训村医60名。": [2024],
    "门诊量50万人次（上年同期46万人次），增长8.7%。": [2024, 2023, 2024],
    "去年（2022年）门诊量12万人次。": [2022],
}


@pytest.mark.parametrize(("text", "years"), YEARS.items())
def test_years_in_other_digits_and_in_brackets(text: str, years: list[int]) -> None:
    assert [figure.year for figure in figures_of(text)] == years
