"""The table, rankings, series, questions: never another year's or another place's value."""

from __future__ import annotations

from serving.atlas.atlas import build_atlas
from serving.atlas.pivot import FactFilter, make_pivot, make_series, rank_places
from serving.atlas.questions import Question, ask
from serving.atlas.tables import show_cell
from tests.serving.atlas.reports import RATE, make_rate, make_record, make_row


def make_facts() -> tuple:
    other = "2023年，郫都区县域内就诊率达到88%。"
    half = "2023年上半年，金堂县县域内就诊率达到89%。"
    house = "2023年，金堂县第一人民医院县域内就诊率达到70%。"
    nobody = "2023年，县域内就诊率达到77%。"
    cells = {"official": RATE, "year": 2023}
    records = [
        make_rate(2023, "90.6%"),
        make_rate(2023, "91.2%", source="甲报"),
        make_rate(2023, "91.2%", source="乙报"),
        make_rate(2021, "82.3%"),
        make_record(half, make_row(half, "89%", body="金堂县", **cells)),
        make_record(other, make_row(other, "88%", body="郫都区", **cells)),
        make_record(house, make_row(house, "70%", body="金堂县第一人民医院", **cells)),
        make_record(nobody, make_row(nobody, "77%", **cells)),
    ]
    return build_atlas(records).facts


def test_cells_hold_every_value_and_gaps_stay_gaps() -> None:
    pivot = make_pivot(make_facts())
    assert pivot.years == (2021, 2023)
    shown = [
        [row.name, *(show_cell(row.cells.get(y, ())) for y in pivot.years)] for row in pivot.rows
    ]
    assert shown == [
        ["郫都区", "", "88%"],
        ["金堂县", "82.3%", "91.2% / 90.6% / 89%（上半年）"],
        ["金堂县第一人民医院", "", "70%"],
    ]


def test_filters_by_place_indicator_and_year() -> None:
    facts = make_facts()
    for wanted, n_rows in (
        (FactFilter(place="5101"), 3),
        (FactFilter(place="510000"), 3),
        (FactFilter(place="郫都"), 1),
        (FactFilter(place="11"), 0),
        (FactFilter(indicator="住院"), 0),
        (FactFilter(until=2022), 1),
        (FactFilter(since=2022, only_places=True), 2),
    ):
        assert len(make_pivot(facts, wanted).rows) == n_rows, wanted


def test_places_are_ranked_without_houses_and_parts_of_a_year() -> None:
    ranked = rank_places(make_facts(), RATE, 2023, "四川")
    assert [(r.rank, r.place.name, show_cell(r.facts)) for r in ranked] == [
        (1, "金堂县", "91.2% / 90.6%"),
        (2, "郫都区", "88%"),
    ]
    assert rank_places(make_facts(), RATE, 2022) == []


def test_a_series_is_of_one_place() -> None:
    (row,) = make_series(make_facts(), "金堂县")
    assert [(year, cell[0].shown) for year, cell in row.cells.items()] == [
        (2021, "82.3%"),
        (2023, "91.2%"),
    ]


def test_a_question_is_answered_with_that_year_or_not_at_all() -> None:
    facts = make_facts()
    answer = ask(facts, Question("金堂县", RATE, 2023))
    assert [fact.shown for fact in answer.facts] == ["91.2%", "90.6%"]
    assert {fact.shown for fact in answer.nearby} == {"89%", "77%"}
    for name in ("四川省成都市金堂县", "金堂"):
        assert ask(facts, Question(name, "县域就诊率", 2021)).facts[0].shown == "82.3%"
    for place, indicator, year in (
        ("金堂县", RATE, 2022),
        ("成都市", RATE, 2023),
        ("金堂县", "县域内住院率", 2023),
        ("彭州市", RATE, 2023),
    ):
        assert ask(facts, Question(place, indicator, year)).facts == (), (place, year)
    house = ask(facts, Question("金堂县第一人民医院", RATE, 2023))
    assert [fact.shown for fact in house.facts] == ["70%"]


def test_what_is_less_than_asked_for_says_what_it_is() -> None:
    half = "2023年上半年，金堂县门诊90万人次。"
    target = "到2025年，金堂县县域内就诊率达到95%。"
    screened = "2023年，金堂县免费婚检定点机构达到17%。"
    house = "2023年，金堂县第一人民医院编制床位达到40%。"
    cells = {"body": "金堂县", "year": 2023}
    records = [
        make_record(half, make_row(half, "90万人次", unit="人次", indicator="门诊", **cells)),
        make_record(
            target,
            make_row(target, "95%", official=RATE, kind="target", body="金堂县", year=2025),
        ),
        make_record(screened, make_row(screened, "17%", indicator="婚检定点机构", **cells)),
        make_record(
            house,
            make_row(house, "40%", indicator="编制床位", body="金堂县第一人民医院", year=2023),
        ),
    ]
    facts = build_atlas(records).facts

    def answer(indicator: str, year: int = 2023) -> list[tuple[str, str, str]]:
        found = ask(facts, Question("金堂县", indicator, year)).facts
        return [(fact.shown, fact.period, fact.kind) for fact in found]

    assert answer("门诊") == [("90万人次", "上半年", "level")]
    assert answer(RATE, 2025) == [("95%", "", "target")]
    assert answer("免费婚检定点机构数") == [("17%", "", "level")]
    assert answer("金堂县第一人民医院编制床位") == [("40%", "", "level")]
    assert answer("养老机构数") == []
