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
from model.windows import FloatArray, Marks, Window, cut_segments, make_batch, pack_windows

# Tokens of one run, padding included: enough to keep two cores busy, few enough that memory does
# not grow with an article's length.
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

    def __init__(
        self,
        session: ort.InferenceSession,
        tokenizer: Tokenizer,
        window_tokens: int,
        marks: Marks,
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._window_tokens = window_tokens
        self._marks = marks

    @classmethod
    def load(cls, folder: Path, window_tokens: int, marks: Marks, threads: int = 0) -> Encoder:
        """Load from a model folder.

        Args:
            folder: a verified model folder.
            window_tokens: the window that the network was trained on.
            marks: the marks that it was trained on.
            threads: cores to use; 0 takes all.

        Raises:
            ModelError: the network or the tokenizer cannot be read.
        """
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # A plan of memory is kept for every shape met, and hardly two articles have the same.
        options.enable_mem_pattern = False
        # Threads that spin while they wait take the cores from other articles under way.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = ort.InferenceSession(
                str(folder / ENCODER_NAME), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_NAME))
        except Exception as error:  # both libraries raise bare exceptions
            raise ModelError(f"模型文件夹 {folder} 无法载入：{error}") from error
        return cls(session, tokenizer, window_tokens, marks)

    def count_tokens(self, article: Article) -> int:
        """Return how many tokens an article has."""
        return sum(len(s.ids) for s in cut_segments(article, self._tokenizer, self._window_tokens))

    def read(self, article: Article) -> Reading:
        """Read an article window by window.

        An article is run by itself: 8-bit rounding follows the shapes of a run, and a score
        must not depend on what else is being read.
        """
        segments = cut_segments(article, self._tokenizer, self._window_tokens)
        windows = pack_windows(segments, self._window_tokens)
        vectors, logits = [], []
        for run in _runs(windows):
            batch = make_batch(run, self._marks)
            inputs = {"ids": batch.ids, "mask": batch.mask, "pool": batch.pool}
            some_vectors, some_logits = self._session.run(["vectors", "logits"], inputs)
            vectors.append(some_vectors)
            logits.append(some_logits)
        all_logits = np.concatenate(logits)
        return Reading(
            tuple(segment.sentence for segment in segments),
            np.concatenate(vectors),
            all_logits[:, :-1],
            all_logits[:, -1],
        )


def _runs(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Cut an article's windows into runs of about `RUN_TOKENS`."""
    held: list[Window] = []
    for window in windows:
        width = max(w.n_tokens for w in [*held, window])
        if held and width * (len(held) + 1) > RUN_TOKENS:
            yield held
            held = []
        held.append(window)
    if held:
        yield held
