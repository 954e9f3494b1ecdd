"""The encoder: runs the exported network over windows, nothing cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from model.arrays import FloatArray
from model.article import Article
from model.errors import ModelError
from model.manifest import ENCODER_NAME, TOKENIZER_NAME
from model.network import Network
from model.windows import Batch, SpecialTokens, Window, cut_segments, fill, make_batch, pack_windows

# Tokens of one run of the network: enough to keep two cores busy; memory does not grow with an
# article's length beyond it.
RUN_TOKENS = 2_048
# OpenVINO compiles a kernel per width; multiples of 8 run faster.
_WIDTH_MULTIPLE = 8


@dataclass(frozen=True)
class EncodedArticle:
    """One article's segments as the encoder computed them.

    `sentences` (segments,) gives each segment's sentence; `vectors` has shape (segments,
    hidden), `theme_logits` (segments, themes), `salience` (segments,) in logits.
    """

    sentences: tuple[int, ...]
    vectors: FloatArray
    theme_logits: FloatArray
    salience: FloatArray


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
        batches = self.make_batches(article)
        results = [self._network.run(batch) for batch in batches]
        all_logits = np.concatenate([logits for _, logits in results])
        return EncodedArticle(
            tuple(sentence for batch in batches for sentence in batch.sentences),
            np.concatenate([vectors for vectors, _ in results]),
            all_logits[:, :-1],
            all_logits[:, -1],
        )


def make_runs(windows: Sequence[Window], marks: SpecialTokens) -> list[Batch]:
    """Return an article's windows as the batches that the network runs one after another."""
    return [make_batch(run, marks, _WIDTH_MULTIPLE) for run in fill(windows, RUN_TOKENS)]
