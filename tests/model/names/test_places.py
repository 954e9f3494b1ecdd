"""Places: codes, short forms, places of one name, and where an article is about."""

from __future__ import annotations

import pytest

from model import Article
from model.names import read_cast
from model.names.gazetteer import place_forms, place_of_code
from model.names.places import find_places

FORMS = {
    "金堂县": "四川省/成都市/金堂县",
    "石柱县": "重庆市/石柱土家族自治县",
    "恩施州": "湖北省/恩施土家族苗族自治州",
    "恩施市": "湖北省/恩施土家族苗族自治州/恩施市",
    "荣昌县": "重庆市/荣昌区",
    "开县": "重庆市/开州区",
    "闸北区": "上海市/静安区",
    "仙桃市": "湖北省/仙桃市",
    "内蒙古": "内蒙古自治区",
    "科左后旗": "内蒙古自治区/通辽市/科尔沁左翼后旗",
}


@pytest.mark.parametrize(("form", "path"), FORMS.items())
def test_a_form_stands_for_one_place(form: str, path: str) -> None:
    (code,) = place_forms()[form].codes
    assert "/".join(place_of_code(code).path) == path


NAMED = {
    "四川省成都市金堂县第一人民医院": ["510121"],
    "北京市朝阳区与长春市朝阳区": ["110105", "220104"],
    "吉林省长春市昨日通报，朝阳区有医院12家": ["220100", "220104"],
    "朝阳区有医院12家": [""],
    "金堂卫健局派出医生": ["510121"],
    "和平年代的医生": [],
    "金堂县的医生说，金堂今年变了": ["510121", "510121"],
    "建成县域医共体": [],
    "中山大学附属第一医院": [],
    "住在南京路的老人": [],
    "云岭县人民医院": [],
}


def test_a_name_ends_with_the_text() -> None:
    text = "上海市长宁区有医院12家，上海长宁"
    assert [place.span.of(text) for place in find_places(text)] == ["上海市长宁区", "上海长宁"]
    assert find_places(text)[-1].span.end == len(text)


@pytest.mark.parametrize(("text", "codes"), NAMED.items())
def test_places_of_a_text(text: str, codes: list[str]) -> None:
    assert ["".join(place.codes) for place in find_places(text)] == codes


ABOUT = {
    "金堂县人民医院昨日揭牌。全县共有医院12家，金堂县去年投入2亿元。": "金堂县",
    "成都市去年投入2亿元。金堂县、简阳市、崇州市都有新医院，全市医院增至900家。": "成都市",
    "北京、上海、广州等地的医院都在用这项技术，北京有12家，上海有13家，广州有9家。": None,
    "国家卫生健康委今天通报，全国已有医院3万家。四川省金堂县有12家。": None,
    "云岭县人民医院昨日揭牌。全县共有医院12家。": None,
    "四川省云岭县人民医院昨日揭牌。四川省共有医院1200家。": "四川省",
    "体检是早发现的好办法，每年都要做一次，医生如此建议。": None,
}


@pytest.mark.parametrize(("text", "name"), ABOUT.items())
def test_where_an_article_is_about(text: str, name: str | None) -> None:
    place = read_cast(Article.from_raw(text)).place
    assert (place.name if place else None) == name


def test_a_place_has_its_path_from_the_province_down() -> None:
    place = place_of_code("510121")
    assert (place.level, place.path) == ("county", ("四川省", "成都市", "金堂县"))


def test_two_words_hold_no_place_between_them() -> None:
    assert find_places("行政村卫生室全面开通医保定点") == []
    assert [place.codes for place in find_places("河北保定开通")] == [("130600",)]
