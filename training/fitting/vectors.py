"""Segment vectors of a frozen encoder: computed once, kept on disk from run to run.

They are what serving computes (`Encoder.read`), so heads that are trained on them see in training
what they will see in use.
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
    """One article's segments: the sentence each is of, and vectors (segments, hidden)."""

    sentences: tuple[int, ...]
    vectors: FloatArray


class VectorCache:
    """Reads articles with one encoder, each only once; a killed run's articles are kept.

    Args:
        encoder: of the model folder that `manifest` is from.
        manifest: says which tokenizer and windows.
        folder: where vectors are kept; a folder an encoder inside it.
        network: the encoder's file; models that differ in their heads alone share vectors then.
    """

    def __init__(self, encoder: Encoder, manifest: Manifest, folder: Path, network: Path) -> None:
        self._encoder = encoder
        named = (_hash_body(network), manifest.files[TOKENIZER_NAME])
        self._folder = folder / _digest(f"{named} {manifest.window_tokens} {manifest.marks}")
        self._folder.mkdir(parents=True, exist_ok=True)

    def read(self, article: Article) -> SegmentVectors:
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
    """Hash an exported network without its heads and what it says of its outputs' shapes."""
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
        return None  # not there, or not whole: as good as none


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HEX_DIGITS]
