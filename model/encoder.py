"""The encoder: runs the exported network over windows, nothing cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from model.arrays import FloatArray, IntArray
from model.article import Article
from model.errors import ModelError
from model.manifest import ENCODER_NAME, TOKENIZER_NAME
from model.network import STATES, Network
from model.windows import Batch, SpecialTokens, Window, cut_segments, fill, make_batch, pack_windows

# Tokens of one run of the network: enough to keep two cores busy; memory does not grow with an
# article's length beyond it.
RUN_TOKENS = 2_048
# OpenVINO compiles a kernel per width; multiples of 8 run faster.
_WIDTH_MULTIPLE = 8


@dataclass(frozen=True)
class TokenStates:
    """An article's tokens in order, and the lower layers' states of them.

    `starts`, `ends` (tokens,) are character offsets into the text, end-exclusive; `sentences` and
    `windows` (tokens,) say which ones a token belongs to; `states` has shape (tokens, hidden).
    """

    starts: IntArray
    ends: IntArray
    sentences: IntArray
    windows: IntArray
    states: FloatArray

    def find(self, start: int, end: int) -> IntArray:
        """Return the numbers of the tokens that share a character with a stretch."""
        first = int(np.searchsorted(self.ends, start, side="right"))
        last = int(np.searchsorted(self.starts, end, side="left"))
        return np.arange(first, max(first, last))


@dataclass(frozen=True)
class EncodedArticle:
    """One article's segments as the encoder computed them.

    `sentences` (segments,) gives each segment's sentence; `vectors` has shape (segments,
    hidden), `theme_logits` (segments, themes), `salience` (segments,) in logits. `tokens` are
    there where the network gives their states.
    """

    sentences: tuple[int, ...]
    vectors: FloatArray
    theme_logits: FloatArray
    salience: FloatArray
    tokens: TokenStates | None = None


class Encoder:
    """The exported network with its tokenizer."""

    def __init__(
        self,
        network: Network,
        tokenizer: Tokenizer,
        window_tokens: int,
        marks: SpecialTokens,
    ) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._window_tokens = window_tokens
        self._marks = marks

    @classmethod
    def load(
        cls,
        folder: Path,
        window_tokens: int,
        marks: SpecialTokens,
        *,
        threads: int = 0,
        streams: int = 1,
    ) -> Encoder:
        """Load from a model folder.

        Args:
            folder: a verified model folder.
            window_tokens: the window that the network was trained on.
            marks: the marks that the network was trained on.
            threads: cores for each article; 0 takes all.
            streams: how many articles are encoded at a time.

        Raises:
            ModelError: the network or the tokenizer cannot be read.
        """
        network = Network.load(folder / ENCODER_NAME, threads=threads, streams=streams)
        try:
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
        except Exception as error:  # the library raises bare exceptions
            raise ModelError(
                f"模型文件夹 {folder} 无法载入：{error}", code="model_damaged", folder=str(folder)
            ) from error
        return cls(network, tokenizer, window_tokens, marks)

    def count_tokens(self, article: Article) -> int:
        """Return how many tokens an article has."""
        return sum(len(s.ids) for s in cut_segments(article, self._tokenizer, self._window_tokens))

    def make_batches(self, article: Article) -> list[Batch]:
        """Return the batches that an article is encoded in."""
        segments = cut_segments(article, self._tokenizer, self._window_tokens)
        windows = pack_windows(segments, self._window_tokens)
        return make_runs(windows, self._marks)

    def encode(self, article: Article) -> EncodedArticle:
        """Encode an article window by window.

        An article is run by itself: a score must not depend on other articles.
        """
        segments = cut_segments(article, self._tokenizer, self._window_tokens)
        windows = pack_windows(segments, self._window_tokens)
        batches = make_runs(windows, self._marks)
        tokens = None
        if STATES in self._network.outputs:
            runs = [self._network.run_with_states(batch) for batch in batches]
            parts = [_drop_marks(batch, run[2]) for batch, run in zip(batches, runs, strict=True)]
            tokens = _lay_out(windows, np.concatenate(parts))
            results = [(vectors, logits) for vectors, logits, _ in runs]
        else:
            results = [self._network.run(batch) for batch in batches]
        all_logits = np.concatenate([logits for _, logits in results])
        return EncodedArticle(
            tuple(sentence for batch in batches for sentence in batch.sentences),
            np.concatenate([vectors for vectors, _ in results]),
            all_logits[:, :-1],
            all_logits[:, -1],
            tokens,
        )


def _drop_marks(batch: Batch, states: FloatArray) -> FloatArray:
    """Leave out the marks at both ends of each window."""
    starts = batch.positions == 0
    ends = np.append(starts[1:], True)  # the last token is a mark
    inner: FloatArray = states[~(starts | ends)]
    return inner


def _lay_out(windows: Sequence[Window], states: FloatArray) -> TokenStates:
    segments = [(number, s) for number, window in enumerate(windows) for s in window.segments]
    places = np.array([place for _, s in segments for place in s.places], dtype=np.int64)
    lengths = [s.n_tokens for _, s in segments]
    return TokenStates(
        starts=places[:, 0],
        ends=places[:, 1],
        sentences=np.repeat([s.sentence for _, s in segments], lengths),
        windows=np.repeat([number for number, _ in segments], lengths),
        states=states,
    )


def make_runs(windows: Sequence[Window], marks: SpecialTokens) -> list[Batch]:
    """Return an article's windows as the batches that the network runs one after another."""
    return [make_batch(run, marks, _WIDTH_MULTIPLE) for run in fill(windows, RUN_TOKENS)]
