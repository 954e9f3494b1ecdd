"""What cleaning leaves in a text as a border, an enumerator or a lost character, in figures."""

from __future__ import annotations

import pytest

from model import Article, Figure
from model.figures import find_figures
from model.figures.numbers.candidates import find_candidates
from model.figures.numbers.guards import is_figure

LEAD = "县医院介绍今天的情况如下。\n"


def figures_of(text: str) -> tuple[Figure, ...]:
    return find_figures(Article.from_raw(LEAD + text, date="2024-03-01"))


def rows_of(text: str) -> list[tuple[str, tuple[float, ...], str]]:
    return [(figure.indicator, figure.value, figure.unit) for figure in figures_of(text)]


CELLS = {
    "派驻医师\t61名": [("派驻医师", (61.0,), "名")],
    "派驻医师\t\t  61名\t远程会诊\t3200人次": [
        ("派驻医师", (61.0,), "名"),
        ("远程会诊", (3200.0,), "人次"),
    ],
    "招聘村医\t60名\t接诊": [("招聘村医", (60.0,), "名")],
    "县域内就诊率    2022年    71.4%    2023年    88.2%": [
        ("县域内就诊率", (71.4,), "%"),
        ("县域内就诊率", (88.2,), "%"),
    ],
    "41\t761名": [("", (761.0,), "名")],
    "招聘村医60名 接诊900人次": [("招聘村医", (60.0,), "名"), ("接诊", (900.0,), "人次")],
}


@pytest.mark.parametrize(("text", "rows"), CELLS.items())
def test_a_cell_bounds_a_name_and_a_number(text: str, rows: object) -> None:
    assert rows_of(text + "。") == rows
    assert all("\t" not in figure.indicator for figure in figures_of(text))


SIGNS = {
    "①招聘村医60名②接诊900人次③添置车辆8台。": ["招聘村医", "接诊", "添置车辆"],
    "1️⃣招聘村医60名2️⃣接诊900人次": ["招聘村医", "接诊"],
    "⑳招聘村医60名": ["招聘村医"],
    "门诊量⬆️3.6%，药占比⬇️2.1%。": ["门诊量", "药占比"],
    "就诊率71.4%➡️88.2%": ["就诊率", "就诊率"],
    "📈门诊量30万人次📉药占比24%": ["门诊量", "药占比"],
}


@pytest.mark.parametrize(("text", "names"), SIGNS.items())
def test_signs_are_in_no_name(text: str, names: list[str]) -> None:
    assert [figure.indicator for figure in figures_of(text)] == names


ARROWS = {
    "门诊量⬆️3.6%": ("change", 3.6),
    "门诊量⬇️3.6%": ("change", 3.6),
    "门诊量由20万人次➡️30万人次": ("level", 300_000.0),
}


@pytest.mark.parametrize(("text", "answer"), ARROWS.items())
def test_arrows_say_which_way(text: str, answer: tuple[str, float]) -> None:
    figure = figures_of(text)[-1]
    assert (figure.kind, figure.value[0]) == answer


LOST = [
    "接诊1�5名。", "接诊�15名。", "接诊15�名。", "接诊15名�。", "就诊率8�.2%。", "就诊率88.�2%。",
    "投入3�万元。",
]  # fmt: skip


@pytest.mark.parametrize("text", LOST)
def test_no_number_is_read_beside_a_lost_character(text: str) -> None:
    assert figures_of(text) == ()
    assert [f.value for f in figures_of(text + "出院30人。")] == [(30.0,)]


@pytest.mark.parametrize(
    "text",
    ["1 200张床位投用。", "1 200 300张床位投用。", "图1 200张床位投用。", "2 350万元到位。"],
)
def test_the_end_of_a_parted_number_that_opens_a_line_is_not_read(text: str) -> None:
    assert not {200.0, 300.0, 200_300.0, 3_500_000.0} & {f.value[0] for f in figures_of(text)}


@pytest.mark.parametrize("text", ["去年接诊3 456人次。", "接诊1 002人次。", "接诊8 3名。"])
def test_the_grammar_reads_no_end_of_a_parted_number(text: str) -> None:
    """Raw text as well, which no cleaning has joined."""
    assert [c for c in find_candidates(text) if is_figure(text, c)] == []


@pytest.mark.parametrize("text", ["接诊100\t002人次。", "接诊007人次。", "接诊05~09名。"])
def test_a_number_opens_with_no_nought(text: str) -> None:
    assert figures_of(text) == ()
    assert [f.value for f in figures_of("就诊率提高0.5%。")] == [(0.5,)]
