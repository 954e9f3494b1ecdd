"""The value found is the number, however it is written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import Article
from model.figures import find_figures

LEAD = "县医院介绍今天的情况如下。\n"
DIGITS, FORMAL = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"
WIDE = str.maketrans("0123456789.,%-", "０１２３４５６７８９．，％－")
BOUNDS = {"超过{}": "≥", "近{}": "~", "约{}": "~", "不少于{}": "≥", "不足{}": "≤", "{}": ""}
AFTER = {"以上": "≥", "左右": "~", "以内": "≤"}


def spelt(number: int, digits: str = DIGITS, tens: str = "千百十") -> str:
    """`12045` as `一万二千零四十五`."""
    for scale, sign in ((100_000_000, "亿"), (10_000, "万")):
        if number >= scale:
            high, low = divmod(number, scale)
            gap = digits[0] if 0 < low < scale // 10 else ""
            return (
                spelt(high, digits, tens) + sign + gap + (spelt(low, digits, tens) if low else "")
            )
    words, pending = "", False
    for place, sign in zip((1000, 100, 10, 1), [*tens, ""], strict=True):
        digit = number // place % 10
        if digit:
            words += (digits[0] if pending and words else "") + digits[digit] + sign
        pending = not digit
    return words


def value_of(sentence: str) -> tuple[tuple[float, ...], str]:
    (figure,) = find_figures(Article.from_raw(LEAD + sentence, date="2024-03-01"))
    return figure.value, figure.bound


def plain(number: Decimal) -> str:
    return format(number.normalize(), "f")


NUMBERS = st.integers(20, 9_999_999_999)
SHARES = st.integers(1, 9_999).map(lambda n: Decimal(n) / 100)
BOUND = st.sampled_from(sorted(BOUNDS))


@settings(max_examples=60, deadline=None)
@given(NUMBERS, BOUND)
def test_whole_numbers(number: int, bound: str) -> None:
    grouped = f"{number:,}"
    writings = [
        str(number),
        grouped,
        str(number).translate(WIDE),
        grouped.translate(WIDE),
        plain(Decimal(number) / 10_000) + "万",
        plain(Decimal(number) / 100_000_000) + "亿",
    ]
    for writing in writings:
        sentence = f"去年全县接诊{bound.format(writing)}人次，情况平稳。"
        assert value_of(sentence) == ((float(number),), BOUNDS[bound]), sentence


@settings(max_examples=60, deadline=None)
@given(NUMBERS)
def test_numbers_in_words(number: int) -> None:
    words = spelt(number)
    assert value_of(f"去年全县接诊{words}人次。") == ((float(number),), "")
    formal = spelt(number, FORMAL, "仟佰拾")
    assert value_of(f"中标价为人民币{formal}元整。") == ((float(number),), "")


@settings(max_examples=60, deadline=None)
@given(SHARES, st.sampled_from(sorted(AFTER)))
def test_shares(share: Decimal, after: str) -> None:
    writing = plain(share)
    for written in (writing, writing.translate(WIDE)):
        assert value_of(f"县域内就诊率为{written}%。") == ((float(share),), "")
        assert value_of(f"县域内就诊率在{written}%{after}。") == ((float(share),), AFTER[after])
    whole, _, places = writing.partition(".")
    words = spelt(int(whole)) or "零"
    words += ("点" + "".join(DIGITS[int(digit)] for digit in places)) if places else ""
    assert value_of(f"县域内就诊率为百分之{words}。") == ((float(share),), "")


@settings(max_examples=60, deadline=None)
@given(SHARES, st.sampled_from("-－−"))
def test_signs(share: Decimal, sign: str) -> None:
    writing = plain(share)
    assert value_of(f"门诊收入增速为{sign}{writing}%。") == ((-float(share),), "")
    value = float(share * 10_000)
    assert value_of(f"当年结余{sign}{writing}万元。") == ((-value,), "")


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 999).map(lambda n: Decimal(n) / 10))
def test_hundreds_of_millions_in_speech(number: Decimal) -> None:
    value = float(number * 100_000_000)
    writing = plain(number)
    for written in (f"{writing}亿元", f"{writing}个亿", f"{writing}个亿元"):
        assert value_of(f"总投资{written}。") == ((value,), "")
    assert value_of(f"总投资{writing}个多亿元。") == ((value,), "≥")


@pytest.mark.parametrize("gap", [" ", "　"])
@given(st.integers(100, 999), st.integers(0, 999))
@settings(max_examples=20, deadline=None)
def test_the_end_of_a_parted_number_is_never_read_alone(gap: str, high: int, low: int) -> None:
    text = LEAD + f"去年接诊{high}{gap}{low:03d}人次。"
    found = find_figures(Article.from_raw(text, date="2024-03-01"))
    assert {figure.value for figure in found} <= {(float(high * 1000 + low),)}
