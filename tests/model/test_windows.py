from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import Article
from model.analyzer import DEFAULT_MODEL
from model.encoder import Tokenizer
from model.manifest import TOKENIZER_NAME
from model.windows import (
    EMPTY,
    N_MARKS,
    Segment,
    SpecialTokens,
    cut_segments,
    make_batch,
    pack_windows,
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(DEFAULT_MODEL / TOKENIZER_NAME))


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_windows_hold_every_segment_once_and_in_order(lengths: list[int]) -> None:
    segments = [Segment(i, tuple(range(5, 5 + n))) for i, n in enumerate(lengths)]
    windows = pack_windows(segments, 32)
    assert [s for w in windows for s in w.segments] == segments
    assert all(w.n_tokens <= 32 for w in windows)


def test_windows_are_even() -> None:
    segments = [Segment(i, (5,) * 6) for i in range(8)]
    assert [w.n_tokens for w in pack_windows(segments, 32)] == [26, 26]


def test_a_long_sentence_is_cut_and_nothing_is_lost(tokenizer: Tokenizer) -> None:
    article = Article.from_raw("县医院与乡镇卫生院结成医共体" * 60)
    segments = cut_segments(article, tokenizer, 32)
    whole = tokenizer.encode(article.text, add_special_tokens=False).ids
    assert [i for s in segments for i in s.ids] == whole
    assert {s.sentence for s in segments} == {0}
    assert max(len(s.ids) for s in segments) <= 32 - N_MARKS


MARKS = SpecialTokens(2, 0, 3)
WINDOWS = pack_windows([Segment(0, (7, 8, 9)), Segment(1, (6,))], 5)


def test_pool_averages_each_segments_own_tokens() -> None:
    windows = pack_windows([Segment(0, (7, 8)), Segment(1, (9, 9, 9)), Segment(2, (5,))], 7)
    batch = make_batch(windows, SpecialTokens())
    assert batch.pool.sum(axis=1) == pytest.approx(1)
    tokens = [set(batch.ids[np.flatnonzero(row)]) for row in batch.pool]
    assert tokens == [{7, 8}, {9}, {5}]


def test_a_bases_own_marks_frame_a_window() -> None:
    batch = make_batch(WINDOWS, MARKS)
    assert batch.ids.tolist() == [2, 7, 8, 9, 3, 2, 6, 3]
    assert batch.positions.tolist() == [0, 1, 2, 3, 4, 0, 1, 2]


@pytest.mark.parametrize(("multiple", "width"), [(1, 5), (8, 8)])
def test_windows_lie_side_by_side_in_slots(multiple: int, width: int) -> None:
    batch = make_batch(WINDOWS, MARKS, multiple)
    empty = [EMPTY] * (width - 5)
    assert batch.slots.tolist() == [[0, 1, 2, 3, 4, *empty], [5, 6, 7, EMPTY, EMPTY, *empty]]
    assert batch.places.tolist() == [0, 1, 2, 3, 4, width, width + 1, width + 2]
    assert np.array_equal(batch.slots.ravel()[batch.places], np.arange(8))


def test_a_text_token_that_is_the_padding_is_read_all_the_same() -> None:
    batch = make_batch(pack_windows([Segment(0, (0, 8))], 5), MARKS)
    assert batch.slots.tolist() == [[0, 1, 2, 3]]
