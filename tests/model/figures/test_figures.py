from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Article, Figure
from model.figures import find_figures
from model.figures.numbers.candidates import find_candidates
from model.figures.numbers.numerals import parse_number

HERE = Path(__file__).parent
LEAD = "县医院介绍今天的情况如下。"


def lines(name: str) -> list[str]:
    rows = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [row for row in rows if row and not row.startswith("#")]


def figures_of(text: str, date: str = "2024-03-01") -> tuple[Figure, ...]:
    return find_figures(Article.from_raw(LEAD + text, date=date))


CASES = lines("figure_cases.txt")


def test_there_are_cases_enough() -> None:
    assert len(set(CASES)) == len(CASES) >= 400


@pytest.mark.parametrize("case", CASES)
def test_value_unit_bound_and_kind(case: str) -> None:
    text, _, answer = case.partition(" => ")
    wanted = [] if answer == "-" else [figure.split() for figure in answer.split(" ; ")]
    found = figures_of(text)
    assert len(found) == len(wanted)
    for figure, (value, *rest) in zip(found, wanted, strict=True):
        expected = tuple(float(v) for v in value.split("~"))
        assert figure.value == pytest.approx(expected, rel=1e-4)
        said = [figure.unit, figure.bound or "-", figure.kind]
        assert said[: len(rest)] == rest


@pytest.mark.parametrize("text", lines("not_figures.txt"))
def test_look_alikes_are_no_figures(text: str) -> None:
    assert figures_of(text) == ()


def test_from_and_to_share_their_indicator() -> None:
    low, high = figures_of("县域内就诊率由2021年的82.3%提高到90.6%。")
    assert (low.kind, low.value, low.year) == ("from", (82.3,), 2021)
    assert (high.kind, high.value) == ("level", (90.6,))
    assert low.indicator == high.indicator == "县域内就诊率"


def test_listed_changes_are_all_changes() -> None:
    found = figures_of("门诊量、住院量分别增长8.32%、25.53%。")
    assert [(f.value, f.kind) for f in found] == [((8.32,), "change"), ((25.53,), "change")]


def test_counted_things_follow_their_classifier() -> None:
    (figure,) = figures_of("卫生院添了28张康复床位。")
    assert figure.indicator == "康复床位"


def test_year_comes_from_the_sentence_or_the_date() -> None:
    named, relative, silent = figures_of(
        "2022年接诊300人次。去年接诊400人次。接诊500人次。", date="2024-03-01"
    )
    assert (named.year, relative.year, silent.year) == (2022, 2023, 2024)


def test_without_any_date_the_year_is_unknown() -> None:
    (figure,) = figures_of("接诊500人次。", date="")
    assert figure.year is None


def test_spans_and_sentence_are_those_of_the_text() -> None:
    article = Article.from_raw(LEAD + "今年共派驻医师83名。")
    (figure,) = find_figures(article)
    assert figure.span.of(article.text) == figure.text == "83名"
    assert figure.sentence == "今年共派驻医师83名。"


NUMERALS = {
    "1,211.7万": 12_117_000, "1亿2000万": 120_000_000, "1.1亿": 110_000_000, "两百多": 200,
    "千余": 1000, "十二": 12, "一百零八": 108, "一亿二千万": 120_000_000, "3万5": None,
    "七八百": None, "9" * 400: None, "": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), NUMERALS.items())
def test_numerals(text: str, value: float | None) -> None:
    assert parse_number(text) == value


@given(st.text(alphabet="0123456789.,%万亿余多约至—到人张第年（）成分之一二十百千", max_size=200))
def test_no_text_breaks_the_grammar(text: str) -> None:
    for candidate in find_candidates(text):
        assert 0 <= candidate.start < candidate.end <= len(text)
        assert all(v >= 0 for v in candidate.value)


REPEATED = [
    "9", "1,", "1万", "一", "约", "1—", "12%、", "（", "百分之", "1、", "3/", "和", "分别1、",
    "一点", "十分之", "（（12%", "））", "1e309", "2024年", "北京市", "全县", "较2020年", "由5%到",
    "12345 ", "约约超", "每千人", "٣٤", "１２", "。5张", "第1", "1.1.", "医院", "年12%，",
]  # fmt: skip


@pytest.mark.parametrize("unit", REPEATED)
def test_time_grows_with_length_only(unit: str) -> None:
    def repeat(n: int) -> Article:
        return Article.from_raw(LEAD + ("县医院今天介绍情况如下。" + unit * n)[: n * len(unit)])

    def seconds(article: Article) -> float:
        started = time.process_time()
        find_figures(article)
        return time.process_time() - started

    # The best of three: other work on the machine is no fault of ours.
    short, long = repeat(500), repeat(4_000)
    most = 24 * max(min(seconds(short) for _ in range(3)), 4e-3)
    assert any(seconds(long) < most for _ in range(3))


BAD_INPUT = {
    "床位" + "9" * 10_000 + "张。": [],
    "投入1e309元。": [],
    "床位٣٤٥张。": [345.0],
    "床位३२०张。": [320.0],
    "床位" + "（" * 500 + "300张" + "）" * 500 + "。": [300.0],
    "编号²³张，½杯，Ⅻ级，①项。": [],
    "床位1.2.3.4张。": [],
    "就诊率%，床位张，投入亿元，约以上。": [],
    "投入" + "1,000," * 2_000 + "元。": [],
    "床位\u202e300\u202c张。": [300.0],
}


@pytest.mark.parametrize(("text", "values"), BAD_INPUT.items(), ids=range(len(BAD_INPUT)))
def test_bad_input_breaks_nothing(text: str, values: list[float]) -> None:
    assert [figure.value[0] for figure in figures_of(text)] == values


def test_a_page_of_numbers_is_no_table_of_figures() -> None:
    rows = "\n".join(f"{i} {i * 7.25:.2f} {i * 1000:,}" for i in range(3_000))
    assert figures_of(rows) == ()
