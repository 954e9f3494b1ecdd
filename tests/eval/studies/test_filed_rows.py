from __future__ import annotations

from dataclasses import replace

import pytest

from data.corpus.figure_rows import FigureRow
from eval.studies.filed_rows import CELLS, fits_body, fits_indicator, mark_rows
from model import Article
from model.figures import find_figures

TEXT = "云岭县人民医院去年派驻医师83名，转诊病人3260人次。县里还有护士500名。"


def row(number: str, indicator: str, body: str | None, *, is_sure: bool = True) -> FigureRow:
    at, name = TEXT.index(number), TEXT.index(indicator)
    place = (TEXT.index(body), TEXT.index(body) + len(body)) if body else None
    return FigureRow(
        (at, at + len(number)), is_sure, "level", "", None, ((name, name + len(indicator)),),
        place, True,
    )  # fmt: skip


def test_cells_are_marked_where_the_row_stands_in_the_text() -> None:
    article = Article.from_raw(TEXT)
    rows = [
        row("83名", "派驻医师", "云岭县人民医院"),
        row("3260人次", "护士", "云岭县人民医院"),
        row("500名", "护士", None, is_sure=False),
    ]
    house = "云岭县人民医院"
    figures = [
        replace(figure, indicator="派驻医师", body=house) for figure in find_figures(article)
    ]
    marked = mark_rows(article, rows, figures)
    assert (marked.n_missed, marked.n_extra) == (0, 0)
    right = [dict(zip(CELLS, cells, strict=True)) for cells in marked.cells]
    assert right[0]["indicator"]
    assert right[0]["body"]
    assert not right[1]["indicator"]
    nothing = mark_rows(article, rows, ())
    assert (nothing.n_missed, len(nothing.cells)) == (2, 0)
    assert mark_rows(article, (), figures).n_extra == 3


@pytest.mark.parametrize(
    ("found", "expected", "fits"),
    [
        ("县域内就诊率", "县域内就诊率", True),
        ("全县县域内就诊率", "县域内就诊率", True),
        ("医师", "派驻医师", False),
        ("", "派驻医师", False),
    ],
)
def test_an_indicator_fits_in_nearly_the_same_words(found: str, expected: str, fits: bool) -> None:
    assert fits_indicator(found, expected) is fits


def test_a_body_fits_by_its_whole_name_or_its_end() -> None:
    assert fits_body("德清县人民医院", "人民医院", "")
    assert fits_body("人民医院", "德清县人民医院", "")
    assert not fits_body("德清县", "德清县人民医院", "")
    assert not fits_body(None, "德清县", "就诊率")
    assert fits_body(None, "德清县", "德清县就诊率")
    assert fits_body(None, None, "")
    assert not fits_body("德清县", None, "")
