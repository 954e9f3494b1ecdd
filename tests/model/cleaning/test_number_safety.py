"""No blank, line end, unseen character or cell makes one number out of two, or loses one."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model import Article
from model.figures import find_figures

LEAD = "河湾县组建了医疗集团，由县人民医院统一管理乡镇卫生院。"
BLANKS = [" ", "  ", "    ", "\u3000", "\u00a0", "\u2009", "\u202f", "\t", "\t\t"]
LINE_ENDS = ["\n", "\n\n", "\r", "\r\n", "\u2028", "\u000b", "\u000c", "\u0085"]
UNSEEN = ["\u200b", "\u200d", "\ufeff", "\u00ad", "\u2060", "\ufe0f", "\u0000"]
CELLS = ["|", "｜", " | ", "\u0007", "\u001f", " \t "]
BORDERS = st.lists(st.sampled_from(BLANKS + LINE_ENDS + UNSEEN + CELLS), min_size=1, max_size=6)
SIGNED = st.tuples(
    st.sampled_from(["", "增速", "当年结余", "增幅为"]),
    st.decimals(1, 99, places=1).map(lambda number: f"-{number}"),
    st.sampled_from(["%", "万元", "个百分点"]),
)
WHOLE_BORDERS = st.sampled_from(
    ["\t", "\n", "\r\n", "\u2028", "   ", " | ", "｜", "\u0007", "\t\u200b"]
)
NUMBERS = st.one_of(
    st.integers(2, 99_999).map(str),
    st.decimals(1, 99, places=1).map(str),
)
COUNTED = st.tuples(
    st.sampled_from(["", "派驻医师", "远程会诊", "就诊率达"]),
    NUMBERS,
    st.sampled_from(["名", "人次", "%", "万元", "万份"]),
)


def values_in(text: str) -> set[float]:
    article = Article.from_raw(text)
    check_offsets(article)
    return {value for figure in find_figures(article) for value in figure.value}


def check_offsets(article: Article) -> None:
    """Every character maps into the raw text, every plain digit to itself."""
    for at, character in enumerate(article.text):
        source = article.raw[article.offsets[at]]
        assert not (source.isascii() and source.isdigit()) or source == character


@settings(max_examples=300, deadline=None)
@given(COUNTED, BORDERS, COUNTED)
@example(("派驻医师", "52", "名"), ["    "], ("", "83", "人次"))
@example(("", "83", "名"), ["\r"], ("", "906", "人次"))
@example(("", "83", "名"), ["|"], ("", "906", "人次"))
def test_what_stands_between_two_figures_changes_no_value(
    first: tuple[str, str, str], border: list[str], second: tuple[str, str, str]
) -> None:
    one, other = "".join(first), "".join(second)
    plain = values_in(f"{LEAD}{one}，{other}。")
    assert values_in(f"{LEAD}{one}{''.join(border)}{other}。") == plain


@settings(max_examples=200, deadline=None)
@given(COUNTED, WHOLE_BORDERS, SIGNED)
@example(("", "83", "名"), "\t", ("", "-4.5", "%"))
def test_a_cell_or_line_that_opens_with_a_minus_keeps_it(
    first: tuple[str, str, str], border: str, second: tuple[str, str, str]
) -> None:
    one, other = "".join(first), "".join(second)
    plain = values_in(f"{LEAD}{one}，{other}。")
    assert min(plain) < 0
    assert values_in(f"{LEAD}{one}{border}{other}。") == plain


def is_border(signs: list[str]) -> bool:
    """More than one blank and unseen characters: those may stand inside a number."""
    seen = "".join(sign for sign in signs if sign not in UNSEEN)
    return len(seen) > 1 or seen not in ("", " ", "\u3000", "\u00a0", "\u2009", "\u202f")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(NUMBERS, BORDERS.filter(is_border)), min_size=1, max_size=6), COUNTED)
@example([("52", ["    "])], ("", "831", "名"))
@example([("83", ["\t"])], ("", "90.6", "%"))
@example([("2021", ["\t"]), ("52", ["\n"]), ("2022", ["\t"])], ("", "61", "名"))
def test_no_digit_is_joined_to_another_number(
    cells: list[tuple[str, list[str]]], last: tuple[str, str, str]
) -> None:
    row = "".join(number + "".join(border) for number, border in cells)
    raw = f"{LEAD}指标{row}{''.join(last)}。"
    known = {number for number, _ in cells} | {last[1]}
    assert set(re.findall(r"\d+(?:\.\d+)?", Article.from_raw(raw).text)) <= known
    assert values_in(raw) <= {value for number in known for value in scaled(number)}


def scaled(number: str) -> set[float]:
    return {round(float(number) * scale, 4) for scale in (1, 10_000)}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(COUNTED.map("".join), BORDERS.map("".join), st.sampled_from(
    ["8️⃣3️⃣", "①", "③②", "[1]", "🏥", "⺠", "1 234 567", "> ", "\ufffd", "（", "“", "。"]
)), min_size=1, max_size=12))  # fmt: skip
def test_offsets_stay_right_and_digits_map_to_themselves(parts: list[str]) -> None:
    article = Article.from_raw(LEAD + "".join(parts) + "\n" + LEAD)
    offsets = article.offsets[:-1]
    assert len(offsets) == len(article.text) == len(set(offsets.tolist()))
    assert offsets.min() >= 0
    assert offsets.max() < len(article.raw)
    check_offsets(article)
    assert Article.from_raw(article.text).text == article.text


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ("派驻医师   41    76名。", {76}),
        ("2023年    76    88.5%。", {88.5}),
        ("接诊2 345 678人次，开放床位1 500张，投入3 460万元。", {2345678, 1500, 34600000}),
        ("接诊2\u2009345\u2009678人次，出院14\u00a0321人次。", {2345678, 14321}),
        ("投入1 234.5万元。", {12345000}),
        ("门诊量  76  万人次。", {760000}),
        ("门诊量  41  76  万人次。", set()),
    ],
)
def test_groups_of_three_digits_are_joined_and_cells_never(raw: str, values: set[float]) -> None:
    assert values_in(LEAD + raw) == values


@pytest.mark.parametrize(
    "raw", ["附图1 200张床位投用。", "床位数为1 200 300张。", "上年和今年为52 831 90张。"]
)
def test_what_may_be_two_numbers_is_not_joined(raw: str) -> None:
    assert not {1200, 200_300, 52831} & values_in(LEAD + raw)
