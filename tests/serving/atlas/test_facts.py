"""Facts: whose, when, and one fact with many receipts; what is not sure stays outside."""

from __future__ import annotations

from typing import Any

import pytest

from serving.atlas.atlas import build_atlas
from serving.atlas.facts import Fact, read_facts
from tests.serving.atlas.reports import JINTANG, PIDU, RATE, make_rate, make_record, make_row


def read_one(text: str, printed: str, **cells: Any) -> Fact:
    facts = {key: cells.pop(key) for key in ("date", "place", "bodies") if key in cells}
    row = make_row(text, printed, **{"official": RATE, "year": 2023, **cells})
    (fact,) = read_facts([make_record(text, row, **facts)])
    return fact


def test_one_sentence_fills_two_years() -> None:
    text = "2023年，金堂县县域内就诊率由2021年的82.3%提高到90.6%。"
    rows = [
        make_row(text, "82.3%", official=RATE, year=2021, kind="from", body="金堂县"),
        make_row(text, "90.6%", official=RATE, year=2023, body="全县"),
    ]
    facts = build_atlas([make_record(text, *rows)]).facts
    assert [(f.year, f.value, f.kind, f.place_name, f.doubts) for f in facts] == [
        (2021, (82.3,), "level", "四川省成都市金堂县", ()),
        (2023, (90.6,), "level", "四川省成都市金堂县", ()),
    ]


def test_the_value_before_takes_no_year_that_its_own_clause_does_not_name() -> None:
    text = "2023年，金堂县县域内就诊率由82.3%提高到90.6%。"
    fact = read_one(text, "82.3%", kind="from", body="金堂县", year=2022)
    assert fact.doubts == ("原值的年份不明",)


def test_a_number_that_was_not_read_for_sure_on_a_scan_is_in_doubt() -> None:
    text = "2023年，金堂县县域内就诊率为90.6%。"
    assert read_one(text, "90.6%", body="金堂县").is_sure
    assert read_one(text, "90.6%", body="金堂县", doubtful=True).doubts == ("扫描件上没看清",)


def test_a_fact_of_many_articles_is_one_and_values_that_differ_are_several() -> None:
    records = [
        make_rate(2023, "90.6%", date="2024-02-01", source="甲报"),
        make_rate(2023, "90.6%", date="2024-01-05", source="乙报"),
        make_rate(2023, "90.60%", date="2024-01-05", source="丙报"),
        make_rate(2023, "91.2%", source="丁报"),
    ]
    facts = build_atlas(records).facts
    assert [(f.value, len(f.receipts)) for f in facts] == [((90.6,), 3), ((91.2,), 1)]
    assert facts[0].receipts[0].day == "2024-01-05"
    receipt = facts[0].receipts[0]
    assert records[1]["text"][receipt.start : receipt.end] == receipt.text


@pytest.mark.parametrize(
    ("body", "place", "whose", "doubt"),
    [
        ("金堂县", JINTANG, ("金堂县", ""), ""),
        ("四川省成都市金堂县", None, ("金堂县", ""), ""),
        ("全县", JINTANG, ("金堂县", ""), ""),
        ("全市", JINTANG, ("", "全市"), "地区不明"),
        ("全县", None, ("", "全县"), "地区不明"),
        ("全县医疗机构", JINTANG, ("金堂县", "医疗机构"), ""),
        ("全国", JINTANG, ("全国", ""), ""),
        (None, JINTANG, ("金堂县", ""), "没有写明主体"),
        ("金堂县第一人民医院", None, ("金堂县", "金堂县第一人民医院"), ""),
        ("上海瑞金医院海南医院", JINTANG, ("", "上海瑞金医院海南医院"), "主体在哪里不明"),
        ("县人民医院", JINTANG, ("", "县人民医院"), "主体在哪里不明"),
        ("新华区", None, ("", "新华区"), "地区不明"),
    ],
)
def test_whose_a_row_is(body: str | None, place: Any, whose: tuple[str, str], doubt: str) -> None:
    bodies = [{"name": "新华区", "kind": "county", "aliases": [], "place": None}]
    text = "2023年，县域内就诊率达到90.6%。"
    fact = read_one(text, "90.6%", body=body, place=place, bodies=bodies)
    assert (fact.place.name if fact.place else "", fact.body) == whose
    assert "；".join(fact.doubts) == doubt


def test_an_alias_is_the_body_by_its_full_name() -> None:
    full = "郫都区人民医院"
    bodies = [{"name": full, "kind": "hospital", "aliases": ["区医院"], "place": PIDU}]
    fact = read_one("2023年，区医院县域内就诊率达到90.6%。", "90.6%", body="区医院", bodies=bodies)
    assert (fact.body, fact.place_name, fact.doubts) == (full, "四川省成都市郫都区", ())


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("2023年，全县门诊90万人次。", ""),
        ("2023年上半年，全县门诊90万人次。", "上半年"),
        ("2023年1—6月，全县门诊90万人次。", "1—6月"),
        ("一季度，全县门诊90万人次。", "一季度"),
        ("2023年5月，全县门诊90万人次。", "5月"),
        ("截至2023年6月底，全县门诊90万人次。", "截至6月"),
        ("截至2023年12月底，全县门诊90万人次。", ""),
        ("自启动以来，全县门诊90万人次。", "累计"),
        ("全县日均门诊90万人次。", "日均"),
        ("2022年上半年试点，2023年全县门诊90万人次。", ""),
    ],
)
def test_part_of_a_year_is_no_year(text: str, period: str) -> None:
    fact = read_one(text, "90万人次", unit="人次", body="全县", official="总诊疗人次数")
    assert fact.period == period


def test_the_year_of_an_early_article_needs_a_word_for_it() -> None:
    text = "金堂县县域内就诊率达到90.6%。"
    early = read_one(text, "90.6%", body="金堂县", date="2023-02-03")
    assert early.doubts == ("年份据发稿日期推定",)
    assert read_one(text, "90.6%", body="金堂县", date="2023-09-03").is_sure
    told = read_one("今年，" + text, "90.6%", body="金堂县", date="2023-02-03")
    assert told.is_sure
    assert read_one(text, "90.6%", body="金堂县", year=None).doubts == ("年份不明",)


def test_units_are_compared_and_kept() -> None:
    text = "2023年，金堂县有签约医生83名，金堂县另有签约医生83人。"
    rows = [
        make_row(text, printed, unit=unit, year=2023, body="金堂县", indicator="签约医生")
        for printed, unit in (("83名", "名"), ("83人", "人"))
    ]
    (fact,) = build_atlas([make_record(text, *rows)]).facts
    assert [receipt.text for receipt in fact.receipts] == ["83名", "83人"]


def test_an_indicator_that_is_only_near_keeps_its_own_words() -> None:
    text = "2023年，区域内就诊率达到90.6%。"
    fact = read_one(text, "90.6%", body="金堂县", official=(RATE, "near"), indicator="区域内就诊率")
    assert (fact.indicator, fact.official, fact.is_official) == ("区域内就诊率", RATE, False)


def test_reports_of_older_releases_and_errors_are_read() -> None:
    record = make_rate(2023, "90.6%")
    for key in ("bodies", "place"):
        del record[key]
    for key in ("official", "body", "base", "repeats"):
        del record["figures"][0][key]
    record["figures"][0]["indicator"] = RATE
    (fact,) = read_facts([record, {"id": "x", "source": None, "error": "读不出"}])
    assert fact.doubts == ("没有写明主体",)


def test_an_article_that_tells_two_values_of_one_cell_is_not_sure_of_either() -> None:
    text = "2019年，金堂县县域内就诊率达到76.3%，金堂县县域内就诊率达到77.3%。"
    cells = {"official": RATE, "year": 2019, "body": "金堂县"}
    rows = [make_row(text, printed, **cells) for printed in ("76.3%", "77.3%")]
    confused, clear = make_record(text, *rows), make_rate(2019, "77.3%", source="甲报")
    facts = build_atlas([confused, clear]).facts
    assert [(f.shown, f.is_sure) for f in facts] == [
        ("76.3%", False), ("77.3%", False), ("77.3%", True),
    ]  # fmt: skip


def test_a_level_of_a_year_to_come_is_not_sure() -> None:
    fact = read_one("2025年，金堂县县域内就诊率达到90.6%。", "90.6%", body="金堂县", year=2025)
    assert fact.doubts == ("年份在发稿以后，可能是目标",)


@pytest.mark.parametrize(
    ("body", "rest"),
    [("国家医保局", "国家医保局"), ("全国三级医院", "三级医院"), ("我国社区医院", "社区医院")],
)
def test_bodies_of_the_whole_country(body: str, rest: str) -> None:
    fact = read_one("2023年，县域内就诊率达到90.6%。", "90.6%", body=body)
    assert (fact.place_name, fact.body, fact.doubts) == ("全国", rest, ())
