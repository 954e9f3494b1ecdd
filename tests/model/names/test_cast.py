"""The cast: what a pointer stands for, whom a sentence is about, and which names it offers."""

from __future__ import annotations

import pytest

from model import Analyzer, Article
from model.names import read_cast
from model.spans import Span

TEXT = "金堂县人民医院昨日揭牌。我院去年接诊12万人次。"
REFERENTS = {
    ("金堂县人民医院昨日揭牌。我院去年接诊12万人次。", "我院"): "金堂县人民医院",
    ("金堂县人民医院昨日揭牌。医院去年接诊12万人次。", "医院去年"): "金堂县人民医院",
    ("金堂县卫健局昨日开会。全县共有医院12家。", "全县"): "金堂县",
    ("四川省简阳市昨日开会，简阳市投入2亿元。全市共有医院12家。", "全市"): "简阳市",
    (
        "金堂县人民医院与简阳市中医院结对。金堂县人民医院院长王小明说：“我院派出医生12名。”",
        "我院",
    ): "金堂县人民医院",
    (
        "简阳市中医院派出专家团队。“在简阳市中医院专家团队的指导下，我院床位增至300张。”"
        "金堂县人民医院院长王小明说。",
        "我院",
    ): "金堂县人民医院",
    ("简阳市中医院与金堂县人民医院结对。简阳市中医院专家团队指导，我院床位增加。", "我院"): None,
    ("金堂县人民医院与简阳市中医院结对。该院派出医生12名。", "该院"): None,
    ("今天天气晴好，大家都来体检。全县共有医院12家。", "全县"): None,
}


@pytest.mark.parametrize(("case", "name"), REFERENTS.items())
def test_what_a_pointer_stands_for(case: tuple[str, str], name: str | None) -> None:
    text, pointer = case
    at = text.index(pointer)
    referent = read_cast(Article.from_raw(text)).resolve(Span(at, at + 2))
    assert (referent.name if referent else None) == name
    if referent is not None:
        assert referent.span.of(text) == name


def test_a_name_is_no_pointer() -> None:
    assert read_cast(Article.from_raw(TEXT)).resolve(Span(0, 7)) is None


def test_a_sentence_is_about_the_name_its_pointer_stands_for() -> None:
    cast = read_cast(Article.from_raw(TEXT))
    assert [span and span.of(TEXT) for span in cast.subjects] == ["金堂县人民医院"] * 2


CANDIDATES = {
    "四川省凉山州喜德县接诊300人。": "喜德县",
    "在江西省上饶市人民医院城北院区，新增夜间门诊。": "上饶市人民医院",
    "国家卫生健康委今天说，44支队伍已经出发。": "国家卫生健康委",
    "据平阳县医保局介绍，参保人数达45万人。": "平阳县",
    "这是西河口乡的300余名村民。": "西河口乡",
    "目前，韩国确诊病例增至33例，医院满员。": "韩国",
    "家庭医生吴彪为10位居民建立了家庭病床。": "吴彪",
    "据介绍，“沪惠保”累计赔付超过12亿元。": "沪惠保",
    "成都大运会执委会引进餐饮企业12家，大家都说好。": "成都大运会",
    "北京、上海各有40个专家团队在做这件事。": "北京、上海",
    "武警西藏边防总队医院接诊300人。": "武警西藏边防总队医院",
}


@pytest.mark.parametrize(("text", "name"), CANDIDATES.items())
def test_names_that_are_offered(text: str, name: str) -> None:
    cast = read_cast(Article.from_raw(text))
    assert name in {span.of(text) for span in cast.candidates}


def test_what_a_place_has_is_not_its_name() -> None:
    article = Article.from_raw(
        "目前，温江区有三甲医院4家，温江区人民医院牵头建医联体，群众看病方便多了。"
    )
    names = {body.name for body in read_cast(article).bodies}
    assert any(name.endswith("温江区人民医院") for name in names)
    assert not any("有三甲" in name for name in names)


def test_a_short_form_and_its_full_name_are_one_body() -> None:
    text = "金堂县第一人民医院（以下简称“金堂一医院”）昨日揭牌。第一人民医院去年接诊12万人次。"
    (hospital,) = (b for b in read_cast(Article.from_raw(text)).bodies if b.kind == "hospital")
    assert hospital.name == "金堂县第一人民医院"
    assert "第一人民医院" in hospital.aliases
    assert hospital.place is not None
    assert hospital.place.code == "510121"


def test_a_report_names_place_and_bodies(analyzer: Analyzer) -> None:
    text = "金堂县人民医院昨日揭牌。金堂县去年投入2亿元，新增床位300张，全县医院增至12家。"
    report = analyzer.analyze(Article.from_raw(text)).to_dict()
    place = {
        "code": "510121", "name": "金堂县", "level": "county",
        "path": ["四川省", "成都市", "金堂县"],
    }  # fmt: skip
    assert report["place"] == place
    hospital = {"name": "金堂县人民医院", "kind": "hospital", "aliases": [], "place": place}
    assert hospital in report["bodies"]
