from __future__ import annotations

from data.labelled import LabelledArticle, LabelledFigure
from data.labels.figure_places import to_row_article

TEXT = "岭南县医院门诊、住院次均费用分别下降3.4%和2.9%。该院还派驻医师83名。岭南县医院办得好。"


def labelled(number: str, indicator: str, body: str | None) -> LabelledArticle:
    at = TEXT.index(number)
    figure = LabelledFigure(
        at, at + len(number), indicator, (1.0,), "%", "change", "", 2024, body
    )  # fmt: skip
    return LabelledArticle("a", TEXT, "user", frozenset(), date="2024-05-01", figures=(figure,))


def read(number: str, indicator: str, body: str | None) -> tuple[list[str], str | None, bool]:
    article = to_row_article(labelled(number, indicator, body))
    assert article is not None
    (row,) = article.rows
    parts = [TEXT[start:end] for start, end in row.indicator]
    return parts, row.body and TEXT[row.body[0] : row.body[1]], row.is_body_known


def test_words_of_a_label_are_found_in_the_text() -> None:
    assert read("83名", "派驻医师", "岭南县医院") == (["派驻医师"], "岭南县医院", True)
    assert read("3.4%", "门诊次均费用", "") == (["门诊", "次均费用"], None, True)


def test_the_name_nearest_before_the_number_is_pointed_at() -> None:
    article = to_row_article(labelled("83名", "派驻医师", "岭南县医院"))
    assert article is not None
    assert article.rows[0].body == (0, 5)


def test_nothing_is_learned_of_words_that_the_text_does_not_have() -> None:
    assert read("83名", "下沉专家人数", "云岭县") == ([], None, False)
    assert read("83名", "派驻医师", None) == (["派驻医师"], None, False)
    assert to_row_article(LabelledArticle("a", TEXT, "user", frozenset())) is None
