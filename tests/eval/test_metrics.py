from __future__ import annotations

import pytest

from eval.metrics import (
    Judged,
    count_all,
    count_theme,
    exact_match,
    false_alarms,
    macro_f1,
    primary_accuracy,
)


def judged(themes: str, borderline: str, said: str, primary: str = "", named: str = "") -> Judged:
    return Judged(
        frozenset(themes), frozenset(borderline), primary or None, frozenset(said), named or None
    )


ROWS = [
    judged("a", "", "a", "a", "a"),  # right
    judged("ab", "", "a", "b", "a"),  # b missed
    judged("", "", "b"),  # a false alarm
    judged("", "b", "b"),  # borderline: counts neither way
    judged("", "a", ""),  # borderline: counts neither way
    judged("", "", ""),
]


def test_counts_by_theme() -> None:
    a, b = count_theme(ROWS, "a"), count_theme(ROWS, "b")
    assert (a.hits, a.false, a.missed) == (2, 0, 0)
    assert (b.hits, b.false, b.missed) == (0, 1, 1)


def test_precision_and_recall_are_not_swapped() -> None:
    counts = count_all([*ROWS, judged("", "", "ab")], "ab")
    assert (counts.precision, counts.recall) == (pytest.approx(2 / 5), pytest.approx(2 / 3))
    assert counts.f1 == pytest.approx(0.5)


def test_averages() -> None:
    assert macro_f1(ROWS, "ab") == pytest.approx(0.5)
    assert exact_match(ROWS) == pytest.approx(4 / 6)
    assert primary_accuracy(ROWS) == 0.5
    assert primary_accuracy(ROWS[2:]) is None


def test_false_alarms_leave_borderline_articles_out() -> None:
    assert false_alarms(ROWS) == (1, 2)
