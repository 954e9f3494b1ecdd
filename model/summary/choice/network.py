"""The network of the learned choice: a small transformer over an article's clauses, in numpy.

It is fitted by `training.summary`; its file `summary.safetensors` lies in the model folder. Layers
are those of Vaswani et al., "Attention Is All You Need", 2017, with the norm before each part.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.arrays import FloatArray
from model.errors import ModelError
from model.summary.choice.features import FEATURES, FIRST_FEATURES

CHOICE_NAME = "summary.safetensors"
N_HEADS = 4
# Clauses that are read together; a longer article is read part by part.
MAX_CONTEXT = 256
_EPSILON = 1e-5
_MAX_HEADER_BYTES = 1 << 20


@dataclass(frozen=True)
class ChoiceNetwork:
    """Weights by name, as `training.summary.network` names them.

    With clauses' states of a width W: `features.weight` (W, features), `vectors.weight`
    (W, 2 x hidden) for what the encoder gives, then layers `layers.0.` and so on, and
    `out.weight` (1, W).
    """

    parts: Mapping[str, FloatArray]

    @classmethod
    def load(cls, path: Path) -> ChoiceNetwork:
        """Read a file of weights.

        Raises:
            ModelError: it is not one that this program wrote.
        """
        try:
            parts = _read_safetensors(path.read_bytes())
            known = {(len(FEATURES),), (len(FIRST_FEATURES),)}
            if parts["mean"].shape not in known or "out.weight" not in parts:
                raise ValueError(f"应有 {len(FEATURES)} 个特征")
            return cls(parts)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path} 无法读取（{error}），请重新取得整个模型文件夹",
                code="model_damaged", file=path.name,
            ) from error  # fmt: skip

    def score(self, features: FloatArray, vectors: FloatArray) -> FloatArray:
        """Return each clause's logit of being told in the summary, shape (clauses,).

        Args:
            features: (clauses, features), see `list_features`.
            vectors: (clauses, 2 x hidden), see `gather_vectors`; heads of earlier releases take the
                first half alone.
        """
        vectors = vectors[:, : self.parts["vectors.weight"].shape[1]]
        features = features[:, : len(self.parts["mean"])]
        runs = range(0, len(features), MAX_CONTEXT)
        scores = [
            self._run(features[at : at + MAX_CONTEXT], vectors[at : at + MAX_CONTEXT])
            for at in runs
        ]
        return np.concatenate(scores)

    def _run(self, features: FloatArray, vectors: FloatArray) -> FloatArray:
        standard = (features - self.parts["mean"]) / self.parts["deviation"]
        states: FloatArray = self._apply("features", standard) + self._apply("vectors", vectors)
        layer = 0
        while f"layers.{layer}.query_key_value.weight" in self.parts:
            states = self._run_layer(f"layers.{layer}.", states)
            layer += 1
        scores: FloatArray = self._apply("out", self._normalise("norm", states))[:, 0]
        return scores

    def _run_layer(self, name: str, states: FloatArray) -> FloatArray:
        inner = self._apply(f"{name}query_key_value", self._normalise(f"{name}norm1", states))
        n_clauses, width = states.shape
        query, key, value = inner.reshape(n_clauses, 3, N_HEADS, -1).transpose(1, 2, 0, 3)
        weights = query @ key.transpose(0, 2, 1) / np.sqrt(width / N_HEADS)
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        attended = weights @ value / weights.sum(axis=-1, keepdims=True)
        joined = attended.transpose(1, 0, 2).reshape(n_clauses, width)
        read: FloatArray = states + self._apply(f"{name}attended", joined)
        wide = np.maximum(self._apply(f"{name}wide", self._normalise(f"{name}norm2", read)), 0)
        return read + self._apply(f"{name}narrow", wide)

    def _apply(self, name: str, states: FloatArray) -> FloatArray:
        product: FloatArray = states @ self.parts[f"{name}.weight"].T + self.parts[f"{name}.bias"]
        return product

    def _normalise(self, name: str, states: FloatArray) -> FloatArray:
        centred = states - states.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt(variance + _EPSILON)
        norm: FloatArray = scaled * self.parts[f"{name}.weight"] + self.parts[f"{name}.bias"]
        return norm


def _read_safetensors(content: bytes) -> dict[str, FloatArray]:
    """Read arrays of float32 or float16."""
    n_header = int.from_bytes(content[:8], "little")
    if not 0 < n_header <= min(_MAX_HEADER_BYTES, len(content)):
        raise ValueError("头部长度不合")
    header = json.loads(content[8 : 8 + n_header])
    header.pop("__metadata__", None)
    body = content[8 + n_header :]
    parts = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        dtype = {"F32": "<f4", "F16": "<f2"}[entry["dtype"]]
        array = np.frombuffer(body[start:end], dtype).reshape(entry["shape"])
        parts[name] = array.astype(np.float32)
    return parts
