"""The encoder: runs the exported network over windows, nothing cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from model.article import Article
from model.errors import ModelError
from model.manifest import ENCODER_NAME, TOKENIZER_NAME
from model.windows import FloatArray, Window, cut_segments, make_batch, pack_windows

# Windows of about this many tokens, padding included, run at once: enough to keep two cores
# busy, few enough that memory does not grow with an article's length.
RUN_TOKENS = 2_048


@dataclass(frozen=True)
class Reading:
    """What the encoder says of one article's segments.

    `sentences` (segments,) gives each segment's sentence; `vectors` has shape (segments,
    hidden), `theme_logits` (segments, themes), `salience` (segments,) in logits.
    """

    sentences: tuple[int, ...]
    vectors: FloatArray
    theme_logits: FloatArray
    salience: FloatArray


class Encoder:
    """The exported network with its tokenizer."""

    def __init__(self, session: ort.InferenceSession, tokenizer: Tokenizer, n_tokens: int) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._window_tokens = n_tokens

    @classmethod
    def load(cls, folder: Path, window_tokens: int, threads: int = 0) -> Encoder:
        """Load from a model folder.

        Args:
            folder: a verified model folder.
            window_tokens: the window that the network was trained on.
            threads: cores to use; 0 takes all.

        Raises:
            ModelError: the network or the tokenizer cannot be read.
        """
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # Memory stays near what one run needs, whatever the shapes that came before.
        options.enable_cpu_mem_arena = False
        try:
            session = ort.InferenceSession(
                str(folder / ENCODER_NAME), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
        except Exception as error:  # both libraries raise bare exceptions
            raise ModelError(f"模型文件夹 {folder} 无法载入：{error}") from error
        return cls(session, tokenizer, window_tokens)

    def read(self, articles: Sequence[Article]) -> list[Reading]:
        """Read articles together, each covered window by window."""
        windows: list[Window] = []
        for i, article in enumerate(articles):
            segments = cut_segments(article, self._tokenizer, self._window_tokens)
            windows += pack_windows(segments, i, self._window_tokens)
        places: list[tuple[int, int]] = []
        vectors, logits = [], []
        for group in _group(windows):
            batch = make_batch(group)
            inputs = {"ids": batch.ids, "mask": batch.mask, "pool": batch.pool}
            some_vectors, some_logits = self._session.run(["vectors", "logits"], inputs)
            places += batch.places
            vectors.append(some_vectors)
            logits.append(some_logits)
        return _by_article(len(articles), places, np.concatenate(vectors), np.concatenate(logits))


def _group(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Group windows into runs of about `RUN_TOKENS`, like lengths together."""
    held: list[Window] = []
    for window in sorted(windows, key=lambda w: w.n_tokens):
        if held and window.n_tokens * (len(held) + 1) > RUN_TOKENS:
            yield held
            held = []
        held.append(window)
    if held:
        yield held


def _by_article(
    n_articles: int, places: Sequence[tuple[int, int]], vectors: FloatArray, logits: FloatArray
) -> list[Reading]:
    order = np.lexsort(([s for _, s in places], [a for a, _ in places]))
    owners = np.array([a for a, _ in places])[order]
    readings = []
    for i in range(n_articles):
        rows = order[owners == i]
        sentences = tuple(places[row][1] for row in rows)
        readings.append(Reading(sentences, vectors[rows], logits[rows, :-1], logits[rows, -1]))
    return readings
