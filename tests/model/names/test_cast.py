"""The cast: what a pointer stands for, and whom a sentence is about."""

from __future__ import annotations

from model import Article
from model.names import read_cast
from model.spans import Span

TEXT = "金堂县人民医院昨日揭牌。我院去年接诊12万人次。"


def test_a_pointer_stands_for_the_name_before_it() -> None:
    cast = read_cast(Article.from_raw(TEXT))
    pointer = Span(TEXT.index("我院"), TEXT.index("我院") + 2)
    referent = cast.resolve(pointer)
    assert referent is not None
    assert (referent.name, referent.span) == ("金堂县人民医院", Span(0, 7))


def test_a_sentence_is_about_the_name_its_pointer_stands_for() -> None:
    cast = read_cast(Article.from_raw(TEXT))
    assert cast.subjects == (Span(0, 7), Span(0, 7))


def test_a_name_is_no_pointer() -> None:
    assert read_cast(Article.from_raw(TEXT)).resolve(Span(0, 7)) is None
