from __future__ import annotations

import pytest

from data.gold import GoldArticle, GoldFigure
from eval.measuring.measures import main_figure_share, rouge_mean, summary_chars, true_numbers
from eval.measuring.predictions import Prediction
from eval.measuring.scoresheet import mark
from eval.measuring.summary_scores import carries_main_figure, count_true_numbers, rouge


def test_equal_chinese_is_one_and_unlike_is_zero() -> None:
    assert rouge("县医院来了专家。", "县医院来了专家") == (1, 1, 1)
    assert rouge("甲乙丙", "丁戊己") == (0, 0, 0)
    assert rouge("", "丁戊己") == (0, 0, 0)


def test_rouge_by_hand() -> None:
    one, two, longest = rouge("甲乙丙丁", "甲丙乙丁戊己")
    assert one == pytest.approx(2 * 4 / 10)
    assert two == 0
    assert longest == pytest.approx(2 * 3 / 10)
    assert rouge("甲甲甲", "甲乙丙")[0] == pytest.approx(1 / 3)


def test_numbers_of_a_summary_stand_in_the_text() -> None:
    text = "床位500张，就诊率93.4%，共1,200人"
    assert count_true_numbers("床位500张，就诊率93.4%", text) == (2, 2)
    assert count_true_numbers("床位50张，就诊率93%，1,200人", text) == (1, 3)


def figure(text: str, *, must: bool = True) -> GoldFigure:
    return GoldFigure(text, "", (1.0,), "", ("level",), "", None, must)


def test_the_main_figure_is_one_that_the_reader_took() -> None:
    figures = [figure("16 家"), figure("83名"), figure("9%", must=False)]
    assert carries_main_figure("有16家医院", "共16家，9%", figures) is True
    assert carries_main_figure("有83名", "共16家，9%", figures) is False
    assert carries_main_figure("9%", "涨了9%", figures) is None


def test_means_leave_out_articles_without_reference() -> None:
    golds = [
        GoldArticle("1", "文", frozenset(), summary="甲乙", figures=(figure("16家"),)),
        GoldArticle("2", "文", frozenset(), summary="16家", figures=(figure("16家"),)),
        GoldArticle("3", "文", frozenset()),
    ]
    predictions = [
        Prediction("文", summary="甲乙"),
        Prediction("16家", summary="7家"),
        Prediction("文", summary="长" * 99),
    ]
    sheet = mark(golds, predictions, "a")
    assert rouge_mean(sheet, 2) == pytest.approx((1 + 2 / 5) / 2)
    assert summary_chars(sheet) == 2
    assert main_figure_share(sheet) == 0
    assert true_numbers(sheet) == 0
