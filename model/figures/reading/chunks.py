"""Chunks: stretches of an article that the reading head sees, and how tokens lie to a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.article import Article
from model.encoder import TokenStates
from model.figures.numbers.candidates import Candidate

# The article's first tokens stand before every chunk: they name whom and what it is about.
LEAD_TOKENS = 40
MAX_TOKENS = 512
CONTEXT_TOKENS = 110
BEHIND_TOKENS = 40

N_DISTANCES, N_COUNTS, N_ROLES = 42, 9, 3
_NEAR_TOKENS, _FAR_BUCKET = 8, 20
_MAX_COUNT = N_COUNTS // 2
_OUTSIDE, _REJECTED, _ACCEPTED = range(N_ROLES)
_BORDERS = frozenset("，、：")
_STOPS = frozenset("；。！？")


@dataclass(frozen=True)
class Chunk:
    """Tokens of an article, by their numbers, and the figures that are read in them."""

    tokens: IntArray
    figures: tuple[int, ...]


class ChunkInputs(NamedTuple):
    """A chunk as the network takes it, for L tokens and F figures.

    `states` (L, hidden); `positions` and `roles` (L,): place in the chunk, and whether a token
    belongs to no number, to one that is no figure, or to a figure. `pool` and `first` (F, L)
    average a figure's tokens and pick its first. `distances`, `numbers`, `sentences` and
    `borders` (F, L) say for each token how far it is, and how many numbers, ends of sentences and
    clause borders lie between; all are indices of embeddings.
    """

    states: FloatArray
    positions: IntArray
    roles: IntArray
    pool: FloatArray
    first: FloatArray
    distances: IntArray
    numbers: IntArray
    sentences: IntArray
    borders: IntArray


class NumberView:
    """An article's tokens with its numbers marked.

    Args:
        article: the article.
        tokens: its tokens with their states.
        candidates: every number with a unit.
        accepted: which of the candidates may be key figures.
    """

    def __init__(
        self,
        article: Article,
        tokens: TokenStates,
        candidates: Sequence[Candidate],
        accepted: Sequence[bool],
    ) -> None:
        self._tokens = tokens
        self._accepted = accepted
        self.places = [tokens.find(c.start, c.end) for c in candidates]
        n_tokens = len(tokens.starts)
        self._roles = np.full(n_tokens, _OUTSIDE, dtype=np.int64)
        starts = np.zeros(n_tokens, dtype=np.int64)
        for place, is_figure in zip(self.places, accepted, strict=True):
            self._roles[place] = _ACCEPTED if is_figure else _REJECTED
            starts[place[:1]] += 1
        self._n_numbers = starts.cumsum()
        spans = list(zip(tokens.starts, tokens.ends, strict=True))
        at_border = [not _BORDERS.isdisjoint(article.text[a:b]) for a, b in spans]
        self._n_borders = np.cumsum(at_border)
        at_stop = [not _STOPS.isdisjoint(article.text[a:b]) for a, b in spans]
        self._n_stops = np.cumsum(at_stop)

    def cut_chunks(self, figures: Sequence[int]) -> list[Chunk]:
        """Group figures, by their numbers in the candidates, with what stands around them."""
        tokens, n_tokens = self._tokens, len(self._tokens.starts)
        by_window: dict[int, list[int]] = {}
        for figure in figures:
            if len(self.places[figure]):
                window = int(tokens.windows[self.places[figure][0]])
                by_window.setdefault(window, []).append(figure)
        stretches: list[tuple[int, int, list[int]]] = []
        room = MAX_TOKENS - LEAD_TOKENS
        for window in sorted(by_window):
            start, end = np.searchsorted(tokens.windows, [window, window + 1]).tolist()
            if stretches and end - stretches[-1][0] <= room:
                first, _, held = stretches.pop()
                stretches.append((first, end, held + by_window[window]))
            else:
                stretches.append((max(0, start - CONTEXT_TOKENS), end, by_window[window]))
        chunks = []
        for start, end, group in stretches:
            behind = min(end + BEHIND_TOKENS, start + room)
            own = np.arange(start, min(n_tokens, max(end, behind)))
            lead = np.arange(min(LEAD_TOKENS, start, n_tokens))
            chunks.append(Chunk(np.concatenate([lead, own]), tuple(group)))
        return chunks

    def bar_tokens(self, chunk: Chunk) -> BoolArray:
        """Return (F, L), whether a token cannot be of a figure's indicator.

        Those are the figure's own, and what follows behind the next semicolon or full stop.
        """
        at, places = chunk.tokens, [self.places[figure] for figure in chunk.figures]
        own = np.stack([np.isin(at, place) for place in places])
        last = np.array([place[-1] for place in places])
        barred: BoolArray = own | (self._n_stops[at] > self._n_stops[last][:, None])
        return barred

    def make_inputs(self, chunk: Chunk) -> ChunkInputs:
        """Return a chunk as the network takes it; it holds one figure at least."""
        tokens, at = self._tokens, chunk.tokens
        shape = (len(chunk.figures), len(at))
        pool, first = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        starts = np.array([self.places[figure][0] for figure in chunk.figures])
        for row, figure in enumerate(chunk.figures):
            inside = np.flatnonzero(np.isin(at, self.places[figure]))
            pool[row, inside] = 1 / len(inside)
            first[row, inside[:1]] = 1
        return ChunkInputs(
            states=tokens.states[at].astype(np.float32),
            positions=np.arange(len(at)),
            roles=self._roles[at],
            pool=pool,
            first=first,
            distances=_bucket(at - starts[:, None]),
            numbers=_count(self._n_numbers, at, starts),
            sentences=_count(tokens.sentences, at, starts),
            borders=_count(self._n_borders, at, starts),
        )


def _bucket(distances: IntArray) -> IntArray:
    """Signed distances in tokens as buckets: exact when near, then half octaves."""
    size = np.abs(distances)
    octaves = np.log2(np.maximum(size.astype(np.float32) / _NEAR_TOKENS, 1))
    far = np.minimum((_NEAR_TOKENS + 2 * octaves).astype(np.int64), _FAR_BUCKET)
    buckets: IntArray = np.where(size < _NEAR_TOKENS, size, far) + (_FAR_BUCKET + 1) * (
        distances > 0
    )
    return buckets


def _count(running: IntArray, at: IntArray, starts: IntArray) -> IntArray:
    """How many lie between each figure and each token, by running counts; signed, then from 0."""
    between = running[at] - running[starts][:, None]
    counts: IntArray = np.clip(between, -_MAX_COUNT, _MAX_COUNT).astype(np.int64) + _MAX_COUNT
    return counts
