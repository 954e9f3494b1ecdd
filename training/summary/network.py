"""The network of the learned choice in torch; `model.summary.choice.network` runs it in numpy."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from model.summary.choice.network import N_HEADS

_DROPOUT, _VECTOR_DROPOUT = 0.2, 0.3


class ChoiceLayer(nn.Module):
    """A transformer layer with the norm before each part, states (B, C, width) in and out."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
        self.drop = nn.Dropout(_DROPOUT)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Attend where `mask` (B, C) is 0; padding has the lowest number."""
        n_texts, n_clauses, width = states.shape
        inner = self.query_key_value(self.norm1(states))
        query, key, value = inner.reshape(n_texts, n_clauses, 3, N_HEADS, -1).permute(2, 0, 3, 1, 4)
        scores = query @ key.transpose(-1, -2) / math.sqrt(width / N_HEADS)
        weights = self.drop(torch.softmax(scores + mask[:, None, None], dim=-1))
        joined = (weights @ value).transpose(1, 2).reshape(states.shape)
        states = states + self.drop(self.attended(joined))
        wide = torch.relu(self.wide(self.norm2(states)))
        out: Tensor = states + self.drop(self.narrow(self.drop(wide)))
        return out


class ChoiceHead(nn.Module):
    """Scores an article's clauses.

    Args:
        mean: (features,), subtracted from the features.
        deviation: (features,), which they are then divided by.
        hidden: width of the encoder's vectors.
        width: width of the clauses' states.
        n_layers: how many layers read the article.
    """

    def __init__(
        self, mean: Tensor, deviation: Tensor, hidden: int, *, width: int, n_layers: int
    ) -> None:
        super().__init__()
        self.mean: Tensor
        self.deviation: Tensor
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.features = nn.Linear(len(mean), width)
        self.vectors = nn.Linear(hidden, width)
        self.layers = nn.ModuleList(ChoiceLayer(width) for _ in range(n_layers))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, 1)
        self.drop, self.drop_vectors = nn.Dropout(_DROPOUT), nn.Dropout(_VECTOR_DROPOUT)

    def forward(self, features: Tensor, vectors: Tensor, mask: Tensor) -> Tensor:
        """Return logits (B, C) for features (B, C, F), vectors (B, C, hidden), mask (B, C)."""
        standard = (features - self.mean) / self.deviation
        states = self.features(standard) + self.vectors(self.drop_vectors(vectors))
        states = self.drop(states)
        for layer in self.layers:
            states = layer(states, mask)
        logits: Tensor = self.out(self.norm(states))[..., 0]
        return logits
