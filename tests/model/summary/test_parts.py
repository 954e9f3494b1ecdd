"""A page's summary tells each part; its main facts are lines under their headings."""

from __future__ import annotations

import numpy as np
import pytest

from model import Article, Summary, Theme
from model.figures import find_figures
from model.summary import PAGE_CHARS, summarise
from model.summary.choice.chooser import lay_out
from model.summary.choice.clauses import Clause
from model.summary.parts import OPENING, find_parts

OPENER = "云岭县近年来推进医共体建设，乡村看病越来越便利。"
DOCTORS = "县人民医院派出83名医师到镇上坐诊，一年接诊3.2万人次。"
IMAGES = "区域影像中心去年6月建成，胶片由城里专家判读。"
FILLERS = ("各方为看病方便做了许多工作", "医生们常到卫生院带教村医", "群众拍片不用再进城排队")


def make_page(n_fillers: int) -> Article:
    fillers = ["".join(f"{words}，已是第{i}年。" for i in range(n_fillers)) for words in FILLERS]
    return Article.from_raw(
        f"云岭县卫生事业改革纪实\n{OPENER}{fillers[0]}\n一、医生下乡\n{DOCTORS}{fillers[1]}\n"
        f"二、数据上云\n{IMAGES}{fillers[2]}\n"
    )


def row_of(article: Article, words: str) -> int:
    return next(i for i, s in enumerate(article.sentences) if words in s.of(article.text))


def write(article: Article, max_chars: int) -> Summary:
    """Summarise where the sentences of the second part are told by far the likeliest."""
    start = article.sentences[row_of(article, DOCTORS)].start
    end = article.sentences[row_of(article, "数据上云")].start
    likely = [0.5 if start <= s.start < end else 0.1 for s in article.sentences]
    clauses = [Clause(span, row, opening=False) for row, span in enumerate(article.sentences)]
    told = lay_out(article, clauses, np.array(likely, np.float32))
    evidence = tuple(article.sentences[row_of(article, words)] for words in (DOCTORS, IMAGES))
    themes = [Theme("alliance", "医共体", 0.9, evidence)]
    return summarise(article, told, themes, find_figures(article), max_chars)


def test_a_page_tells_who_and_each_part_that_carries_a_theme() -> None:
    summary = write(make_page(50), PAGE_CHARS)
    for words in (OPENER, DOCTORS, IMAGES):
        assert words[:8] in summary.text


def test_parts_are_those_under_headings_that_carry_a_theme() -> None:
    article = make_page(2)
    rows = [row_of(article, words) for words in (DOCTORS, IMAGES)]
    parts = find_parts(article, rows)
    assert next(iter(parts)) == OPENING
    assert [row in own for row, own in zip(rows, list(parts.values())[1:], strict=True)] == [
        True
    ] * 2
    assert find_parts(article, rows[:1]) == {}


def test_points_name_the_heading_that_they_stand_under() -> None:
    points = {point.text: point for point in write(make_page(50), PAGE_CHARS).points}
    assert points[DOCTORS].heading == "一、医生下乡"
    figure = points[DOCTORS].figure
    assert figure is not None
    assert figure.text in DOCTORS


@pytest.mark.parametrize("n", [0, 1])
def test_a_page_without_parts_is_summarised_as_news(n: int) -> None:
    article = make_page(2)
    assert find_parts(article, range(n)) == {}
