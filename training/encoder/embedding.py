"""Mean vectors of the untrained base, for baselines; kept in a cache from run to run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from model.arrays import FloatArray
from training.encoder.packed_base import SPECIAL, PackedBase, packed_path

MAX_TOKENS = 256
PREFIX = "query: "  # as in the base's training
_BATCH = 16
_NAME = "e5-mean-256.npz"


class BaseEmbedder:
    """Makes unit vectors (n, hidden) of texts: the mean over the first `MAX_TOKENS` tokens."""

    def __init__(self, cache: Path) -> None:
        self._path = cache / _NAME
        self._known: dict[str, FloatArray] = {}
        if self._path.is_file():
            with np.load(self._path) as stored:
                self._known = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        """Embed texts; known texts come from the cache."""
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if new:
            self._known.update(zip(new, _embed(list(new.values())), strict=True))
            self._save()
        return np.stack([self._known[key] for key in keys])

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(self._path, keys=list(self._known), vectors=np.stack(list(self._known.values())))


def _embed(texts: Sequence[str]) -> FloatArray:
    base = PackedBase.read(packed_path()).trim()
    bert, tokenizer = base.to_bert(), base.to_tokenizer()
    rows = [tokenizer.encode(PREFIX + text).ids[: MAX_TOKENS - 2] for text in texts]
    vectors = np.zeros((len(rows), base.config.hidden_size), dtype=np.float32)
    order = np.argsort([len(row) for row in rows], kind="stable")
    for start in range(0, len(order), _BATCH):
        places = order[start : start + _BATCH]
        vectors[places] = _mean_vectors(bert, [rows[i] for i in places])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _mean_vectors(bert: torch.nn.Module, rows: Sequence[list[int]]) -> FloatArray:
    begin, pad, end, _ = range(len(SPECIAL))
    width = max(map(len, rows)) + 2
    ids = torch.full((len(rows), width), pad)
    for i, row in enumerate(rows):
        ids[i, : len(row) + 2] = torch.tensor([begin, *row, end])
    mask = (ids != pad).long()
    with torch.inference_mode():
        states = bert(ids, attention_mask=mask).last_hidden_state
    weights = mask.unsqueeze(-1).to(states.dtype)
    vectors: FloatArray = ((states * weights).sum(1) / weights.sum(1)).float().numpy()
    return vectors
