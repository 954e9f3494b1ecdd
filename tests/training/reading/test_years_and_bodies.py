"""What the tables of years and bodies are learned from."""

from __future__ import annotations

import numpy as np

from data.corpus.figure_rows import FigureRow, RowArticle
from model.log_linear import Weights
from training.fitting.log_linear import fit_weights
from training.reading.fit_bodies import FEATURES, BodyChoice, fit_pool, measure
from training.reading.fit_years import SETTINGS, dated_figures, make_examples
from training.reading.fit_years import measure as measure_years

TEXT = "云岭县人民医院2022年接诊3260人次，较2021年的2900人次增长。今年派驻医师83名。"


def article(text: str = TEXT) -> RowArticle:
    def row(number: str, year: int) -> FigureRow:
        start = text.index(number)
        return FigureRow((start, start + len(number)), True, "level", "", year, (), None, True)

    rows = (row("3260人次", 2022), row("2900人次", 2021), row("83名", 2023))
    return RowArticle("a", text, "2023-05-01", rows)


def test_each_row_offers_the_years_that_text_and_date_give() -> None:
    found = list(dated_figures(article(), "2023-05-01"))
    assert [figure.year for figure in found] == [2022, 2021, 2023]
    assert all(set(figure.candidates) >= {None, 2023, 2022} for figure in found)


def test_without_its_date_an_article_teaches_what_its_words_alone_give() -> None:
    found = list(dated_figures(article(), ""))
    assert [figure.year for figure in found] == [2022, 2021, None]


def test_years_are_learned_from_both() -> None:
    examples = list(make_examples([article()] * 8))
    weights = fit_weights(examples, SETTINGS)
    assert len(examples) == 8 * 2 * 3
    assert weights["before 0"] > 0


def test_right_years_and_right_silence_are_counted_apart() -> None:
    figures = [*dated_figures(article(), "2023-05-01"), *dated_figures(article(), "")]
    nothing = measure_years(figures, Weights({"none": 1.0}))
    assert nothing == "0 of 5 with a year, 1 of 1 without one"


def choice(read: list[float], cast: list[float], right: int) -> BodyChoice:
    """Names with the logarithms of their probabilities; nobody is the last."""
    table = np.zeros((len(read), len(FEATURES)))
    table[:, FEATURES.index("read")] = np.log(read)
    table[:, FEATURES.index("cast")] = np.log(cast)
    for feature, value in (("nobody", 1.0), ("nobody read", np.log(read[-1]))):
        table[-1, FEATURES.index(feature)] = value
    return BodyChoice(table, np.arange(len(read)) == right)


def test_the_reader_that_is_right_is_believed() -> None:
    choices = [choice([0.8, 0.1, 0.1], [0.2, 0.7, 0.1], 0)] * 5
    choices += [choice([0.1, 0.8, 0.1], [0.7, 0.2, 0.1], 1)] * 5
    weights = fit_pool(choices)
    assert weights[FEATURES.index("read")] > weights[FEATURES.index("cast")]
    assert measure(choices, weights) == (1.0, 0.0)


def test_a_name_where_nobody_is_right_counts_as_wrong() -> None:
    choices = [choice([0.9, 0.05, 0.05], [0.9, 0.05, 0.05], 2)]
    weights = np.array([1.0, 1.0, *(0.0,) * (len(FEATURES) - 2)])
    assert measure(choices, weights) == (0.0, 1.0)
