"""Segment vectors of a frozen encoder: computed once, kept on disk from run to run.

They are computed as in serving, by `Encoder.encode`, so heads are trained on the vectors that they
meet in use.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import onnx

from model import Article
from model.arrays import FloatArray
from model.encoder import Encoder
from model.manifest import TOKENIZER_NAME, Manifest

_HEX_DIGITS = 24
_HEADS = "heads."


@dataclass(frozen=True)
class SegmentVectors:
    """One article's segments: index of each one's sentence, and vectors (segments, hidden)."""

    sentences: tuple[int, ...]
    vectors: FloatArray


class VectorCache:
    """Encodes articles with one encoder, each only once; vectors survive a killed run.

    Args:
        encoder: the encoder of a model folder.
        manifest: the manifest of that folder.
        folder: folder of the cache; each encoder has a folder of its own inside.
        network: the encoder's file; models that differ in their heads alone share vectors.
    """

    def __init__(self, encoder: Encoder, manifest: Manifest, folder: Path, network: Path) -> None:
        self._encoder = encoder
        named = (_hash_body(network), manifest.files[TOKENIZER_NAME])
        self._folder = folder / _digest(f"{named} {manifest.window_tokens} {manifest.marks}")
        self._folder.mkdir(parents=True, exist_ok=True)

    def encode(self, article: Article) -> SegmentVectors:
        """Return an article's vectors, rounded to half precision."""
        path = self._folder / f"{_digest(article.text)}.npz"
        stored = _load(path)
        if stored is not None:
            return stored
        encoded = self._encoder.encode(article)
        half = encoded.vectors.astype(np.float16)
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as stream:
            np.savez(stream, sentences=np.array(encoded.sentences, np.int32), vectors=half)
        fresh.replace(path)
        return SegmentVectors(encoded.sentences, half.astype(np.float32))


def _hash_body(network: Path) -> str:
    """Hash an exported network without its heads and the shapes of its outputs."""
    model = onnx.load(network)
    body = [part for part in model.graph.initializer if not part.name.startswith(_HEADS)]
    del model.graph.initializer[:], model.graph.output[:]
    model.graph.initializer.extend(body)
    return hashlib.sha256(model.SerializeToString(deterministic=True)).hexdigest()


def _load(path: Path) -> SegmentVectors | None:
    try:
        with np.load(path) as stored:
            sentences = tuple(stored["sentences"].tolist())
            return SegmentVectors(sentences, stored["vectors"].astype(np.float32))
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None  # missing or incomplete: computed again


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HEX_DIGITS]
