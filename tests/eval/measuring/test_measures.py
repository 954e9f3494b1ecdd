"""Each metric on predictions small enough to count by hand; a broken one fails."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest

from data.gold import GoldArticle
from eval.measuring.measures import (
    ALL,
    average_precision,
    calibration_error,
    count_themes,
    exact_match,
    false_alarm_rate,
    macro_f1,
    micro,
    outside_review,
    primary_accuracy,
    reliability,
    review_share,
    theme_measures,
)
from eval.measuring.predictions import Prediction
from eval.measuring.scoresheet import Scoresheet, mark
from eval.report.mistakes import confuse


def pair(
    themes: str, borderline: str, predicted: str, primary: str = "", named: str = "",
    review: str = "", scores: tuple[float, float] = (0.5, 0.5),
) -> tuple[GoldArticle, Prediction]:  # fmt: skip
    gold = GoldArticle("1", "文", frozenset(themes), frozenset(borderline), primary or None)
    prediction = Prediction(
        "文", frozenset(predicted), dict(zip("ab", scores, strict=True)), frozenset(review),
        named or None,
    )  # fmt: skip
    return gold, prediction


ROWS = [
    pair("a", "", "a", "a", "a", scores=(0.9, 0.1)),  # right
    pair("ab", "", "a", "b", "a", scores=(0.8, 0.4), review="b"),  # b missed
    pair("", "", "b", scores=(0.2, 0.6)),  # a false alarm
    pair("", "b", "b", scores=(0.1, 0.7)),  # borderline: counts neither way
    pair("", "a", "", scores=(0.45, 0.1), review="a"),  # borderline: counts neither way
    pair("", "", "", scores=(0.1, 0.3)),
]


def sheet(*extra: tuple[GoldArticle, Prediction]) -> Scoresheet:
    golds, predictions = zip(*ROWS, *extra, strict=True)
    return mark(golds, predictions, "ab")


def test_counts_by_theme() -> None:
    assert count_themes(sheet()).tolist() == [[2, 0, 0], [0, 1, 1]]


def test_precision_and_recall_are_not_swapped() -> None:
    precision, recall, f1 = micro(sheet(pair("", "", "ab")))
    assert (precision, recall) == (pytest.approx(2 / 5), pytest.approx(2 / 3))
    assert f1 == pytest.approx(0.5)
    by_key = {m.key: m for m in theme_measures("ab", {"a": "甲", "b": "乙"})}
    assert by_key["a.precision"].of(sheet(pair("", "", "a"))) == pytest.approx(2 / 3)
    assert by_key["a.recall"].of(sheet(pair("", "", "a"))) == 1


def test_averages() -> None:
    assert macro_f1(sheet()) == pytest.approx(0.5)
    assert exact_match(sheet()) == pytest.approx(4 / 6)
    assert primary_accuracy(sheet()) == 0.5
    assert isnan(primary_accuracy(sheet().take(np.array([2, 3]))))


def test_false_alarms_leave_borderline_articles_out() -> None:
    assert false_alarm_rate(sheet()) == 0.5
    assert false_alarm_rate(sheet(pair("", "", ""), pair("", "", ""))) == 0.25


def test_ranking_leaves_borderline_articles_out() -> None:
    # a: 0.9 and 0.8 hold, 0.2, 0.1 and 0.1 do not; b: 0.4 holds, 0.6 stands above it.
    assert average_precision(sheet()) == pytest.approx((1 + 1 / 2) / 2)


def test_calibration() -> None:
    rows = sheet().take(np.array([0, 1]))  # 0.9 holds, 0.1 does not, 0.8 holds, 0.4 holds
    bins = [(b.score, b.share, b.n) for b in reliability(rows)]
    assert bins == [(0.1, 0.0, 1), (0.4, 1.0, 1), (0.8, 1.0, 1), (0.9, 1.0, 1)]
    assert calibration_error(rows) == pytest.approx((0.1 + 0.6 + 0.2 + 0.1) / 4)
    assert len(reliability(rows, theme=0)) == 2


def test_review() -> None:
    assert review_share(sheet()) == pytest.approx(2 / 6)
    assert outside_review(sheet()) == (pytest.approx(2 / 3), 1.0)


def test_confusion() -> None:
    assert confuse(sheet()).tolist() == [[2, 0, 0], [0, 0, 1], [0, 1, 1]]
    swapped = confuse(sheet(pair("a", "", "b")))
    assert swapped[0, 1] == 1


def test_what_is_not_marked_is_nan_and_never_zero() -> None:
    values = {m.key: m.of(sheet()) for m in ALL}
    nan = {key for key, value in values.items() if isnan(value)}
    assert {"figures.f1", "figures.year", "summary.rougeL", "summary.main_figure"} <= nan
    assert not {"micro.f1", "exact"} & nan
