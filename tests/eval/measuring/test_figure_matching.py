from __future__ import annotations

import pytest

from data.gold import GoldArticle, GoldFigure
from eval.measuring.figure_matching import is_same_indicator, match_figures
from eval.measuring.measures import FIGURES
from eval.measuring.predictions import Prediction
from eval.measuring.scoresheet import mark
from eval.report.mistakes import find_figure_mistakes
from model import Figure, Span


def gold(
    text: str, value: float | None, unit: str, indicator: str = "", *, must: bool = True,
    kinds: tuple[str, ...] = ("level",), bound: str = "", year: int | None = None,
) -> GoldFigure:  # fmt: skip
    return GoldFigure(
        text, indicator, None if value is None else (value,), unit, kinds, bound, year, must
    )


def found(text: str, *value: float, unit: str, indicator: str = "", kind: str = "level",
          bound: str = "", year: int | None = None) -> Figure:  # fmt: skip
    return Figure(text, indicator, value, unit, kind, bound, year, Span(0, 1), "")


def test_value_and_unit_make_a_match() -> None:
    match = match_figures(
        [gold("12家", 12, "家"), gold("90%", 90, "%")],
        [found("12所", 12, unit="所"), found("90个百分点", 90, unit="个百分点")],
    )
    assert [pair[0].text for pair in match.right] == ["12家"]
    assert [f.text for f in match.missed] == ["90%"]
    assert [f.text for f in match.extra] == ["90个百分点"]


def test_a_figure_is_used_once_by_the_best_indicator() -> None:
    wants = [gold("3人", 3, "人", "护士"), gold("3人", 3, "人", "医生")]
    says = [
        found("3名", 3, unit="名", indicator="医生"),
        found("3名", 3, unit="名", indicator="护士"),
    ]
    match = match_figures(wants, says)
    assert [(w.indicator, f.indicator) for w, f in match.right] == [
        ("护士", "护士"),
        ("医生", "医生"),
    ]
    assert match_figures(wants, says[:1]).missed == (wants[1],)


def test_doubtful_figures_count_neither_way() -> None:
    wants = [gold("约8省", None, "", must=False), gold("5项", 5, "项", must=False)]
    match = match_figures(wants, [found("8省", 8, unit="省")])
    assert (match.right, match.missed, match.extra) == ((), (), ())
    sure_first = match_figures(
        [gold("5项", 5, "项", must=False), gold("5项", 5, "项")], [found("5项", 5, unit="项")]
    )
    assert len(sure_first.right) == 1


def test_one_end_of_a_range_is_a_match() -> None:
    assert match_figures([gold("30—50元", 30, "元")], [found("30—50元", 30, 50, unit="元")]).right
    assert not match_figures([gold("30元", 30, "元")], [found("31元", 31, unit="元")]).right


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("就诊率", "县域内就诊率", True),
        ("派驻医师数", "医师派驻", True),
        ("床位", "医师", False),
        ("", "", False),
    ],
)
def test_indicators(one: str, other: str, same: bool) -> None:
    assert is_same_indicator(one, other) is same


def test_measures_by_hand() -> None:
    wants = (
        gold("12家", 12, "家", "医院", year=2022),
        gold("90%", 90, "%", "就诊率", kinds=("target", "level"), bound="≥"),
        gold("7例", 7, "例", "手术", year=2021),
        gold("4人", 4, "人", "护士"),
    )
    says = (
        found("12家", 12, unit="家", indicator="医院", year=2022),
        found("90%", 90, unit="%", indicator="覆盖面", bound="~"),
        found("7例", 7, unit="例", indicator="手术", kind="change"),
        found("99元", 99, unit="元"),
    )
    one = GoldArticle("1", "文", frozenset(), figures=wants)
    values = {m.key: m.of(mark([one], [Prediction("文", figures=says)], "a")) for m in FIGURES}
    assert values == {
        "figures.precision": 3 / 4, "figures.recall": 3 / 4, "figures.f1": 3 / 4,
        "figures.indicator": 2 / 3, "figures.kind": 2 / 3, "figures.bound": 2 / 3,
        "figures.year": 1 / 2,
    }  # fmt: skip
    (mistakes,) = find_figure_mistakes([one], [Prediction("文", figures=says)])
    assert [f.text for f in mistakes.missed] == ["4人"]
    assert [f.text for f in mistakes.extra] == ["99元"]
    assert [expected.text for expected, _ in mistakes.misread] == ["90%", "7例"]


def test_precision_and_recall_of_figures_are_not_swapped() -> None:
    one = GoldArticle("1", "文", frozenset(), figures=(gold("12家", 12, "家"),))
    prediction = Prediction(
        "文", figures=(found("12家", 12, unit="家"), found("9元", 9, unit="元"))
    )
    values = {m.key: m.of(mark([one], [prediction], "a")) for m in FIGURES}
    assert (values["figures.precision"], values["figures.recall"]) == (0.5, 1.0)
