"""Segment vectors of a frozen encoder: computed once, kept on disk from run to run.

They are what serving computes (`Encoder.read`), so heads that are trained on them see in training
what they will see in use.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from model import Article
from model.encoder import Encoder
from model.manifest import ENCODER_NAME, TOKENIZER_NAME, Manifest

FloatArray = npt.NDArray[np.float32]

_HEX_DIGITS = 24


@dataclass(frozen=True)
class SegmentVectors:
    """One article's segments: the sentence each is of, and vectors (segments, hidden)."""

    sentences: tuple[int, ...]
    vectors: FloatArray


class VectorCache:
    """Reads articles with one encoder, each only once; a killed run's articles are kept.

    Args:
        encoder: of the model folder that `manifest` is from.
        manifest: says which encoder and tokenizer, by their hashes.
        folder: where vectors are kept; a folder an encoder inside it.
    """

    def __init__(self, encoder: Encoder, manifest: Manifest, folder: Path) -> None:
        self._encoder = encoder
        named = (manifest.files[ENCODER_NAME], manifest.files[TOKENIZER_NAME])
        self._folder = folder / _digest(f"{named} {manifest.window_tokens} {manifest.marks}")
        self._folder.mkdir(parents=True, exist_ok=True)

    def read(self, article: Article) -> SegmentVectors:
        """Return an article's vectors, rounded to half precision."""
        path = self._folder / f"{_digest(article.text)}.npz"
        stored = _load(path)
        if stored is not None:
            return stored
        reading = self._encoder.read(article)
        half = reading.vectors.astype(np.float16)
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as stream:
            np.savez(stream, sentences=np.array(reading.sentences, np.int32), vectors=half)
        fresh.replace(path)
        return SegmentVectors(reading.sentences, half.astype(np.float32))

    def read_all(
        self, articles: Sequence[Article], on_article: Callable[[], None] = lambda: None
    ) -> list[SegmentVectors]:
        """Read articles in order."""
        found = []
        for article in articles:
            found.append(self.read(article))
            on_article()
        return found


def _load(path: Path) -> SegmentVectors | None:
    try:
        with np.load(path) as stored:
            sentences = tuple(stored["sentences"].tolist())
            return SegmentVectors(sentences, stored["vectors"].astype(np.float32))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None  # not there, or not whole: as good as none


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HEX_DIGITS]
