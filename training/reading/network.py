"""The reading head: upper layers of its own over a chunk, and what it says of each figure.

A figure's tokens are compared with every token of the chunk (an additive attention, as in Dozat and
Manning, "Deep Biaffine Attention for Neural Dependency Parsing", 2017, takes for arcs), and each
figure's row of comparisons is read along the tokens by convolutions, so that a name or an indicator
is taken as a whole: does it start here, go on, end?
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from model.figures.reading.chunks import MAX_TOKENS, N_COUNTS, N_DISTANCES, N_ROLES
from model.figures.reading.reader import N_PARTS

KINDS = ("level", "change", "target", "from")
_WIDTH = 128
_KERNEL, _N_CONVOLUTIONS = 5, 2
_DROPOUT = 0.1
_LOWEST = -1e4


class ReadingHead(nn.Module):
    """Reads chunks whose tokens the encoder's lower layers have read.

    Args:
        layers: BERT layers to start from; they become the head's own.
        hidden: width of the states.
    """

    def __init__(self, layers: nn.ModuleList, hidden: int) -> None:
        super().__init__()
        self.layers = layers
        self.positions = nn.Embedding(MAX_TOKENS + 1, hidden)
        self.roles = nn.Embedding(N_ROLES, hidden)
        nn.init.zeros_(self.positions.weight)
        nn.init.zeros_(self.roles.weight)
        self.drop = nn.Dropout(_DROPOUT)
        self.labels = nn.Sequential(
            nn.Linear(2 * hidden, _WIDTH), nn.GELU(), nn.Dropout(_DROPOUT),
            nn.Linear(_WIDTH, 1 + len(KINDS)),
        )  # fmt: skip
        self.of_figure, self.of_token = nn.Linear(hidden, _WIDTH), nn.Linear(hidden, _WIDTH)
        self.distances = nn.Embedding(N_DISTANCES, _WIDTH)
        self.numbers, self.sentences, self.borders = (
            nn.Embedding(N_COUNTS, _WIDTH) for _ in range(3)
        )
        for table in (self.distances, self.numbers, self.sentences, self.borders):
            nn.init.normal_(table.weight, std=0.02)
        self.along = nn.ModuleList(
            nn.Conv1d(_WIDTH, _WIDTH, _KERNEL, padding=_KERNEL // 2) for _ in range(_N_CONVOLUTIONS)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(_WIDTH) for _ in range(_N_CONVOLUTIONS))
        self.parts = nn.Linear(_WIDTH, N_PARTS)
        self.nobody = nn.Linear(hidden, 1)

    def forward(
        self, states: Tensor, positions: Tensor, roles: Tensor, mask: Tensor, pool: Tensor,
        first: Tensor, distances: Tensor, numbers: Tensor, sentences: Tensor, borders: Tensor,
        chunks: Tensor,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """Read B chunks of L tokens with F figures in all.

        Args:
            states: (B, L, hidden), from the encoder's lower layers.
            positions: (B, L), place in the chunk.
            roles: (B, L), see `ChunkInputs`.
            mask: (B, L), 0 for tokens and lowest for padding; it is added to attention.
            pool: (F, L), averages a figure's tokens.
            first: (F, L), picks its first one.
            distances: (F, L), as `numbers`, `sentences`, `borders`: see `ChunkInputs`.
            numbers: (F, L).
            sentences: (F, L).
            borders: (F, L).
            chunks: (F,), the chunk of each figure.

        Returns:
            parts (F, N_PARTS, L + 1), logits in the order of `reader.Part`, whose first column is
            that of nobody; labels (F, 1 + kinds), logits of key and of kinds, which are learned to
            help the rest.
        """
        states = self.encode(states, positions, roles, mask)
        own = states[chunks]
        figure = (pool[:, None] @ own)[:, 0]
        start = (first[:, None] @ own)[:, 0]
        is_token = (mask[chunks] == 0)[..., None].to(states.dtype)
        pairs = nn.functional.gelu(
            self.of_figure(figure)[:, None]
            + self.of_token(states)[chunks]
            + self.distances(distances)
            + self.numbers(numbers)
            + self.sentences(sentences)
            + self.borders(borders)
        )
        for convolution, norm in zip(self.along, self.norms, strict=True):
            seen = convolution((norm(pairs) * is_token).transpose(1, 2)).transpose(1, 2)
            pairs = pairs + self.drop(nn.functional.gelu(seen))
        scores = self.parts(pairs).transpose(1, 2) + mask[chunks][:, None].clamp(min=_LOWEST)
        nobody = self.nobody(figure)[:, None].expand(-1, N_PARTS, -1)
        return (
            torch.cat([nobody, scores], -1),
            self.labels(torch.cat([figure, start], -1)),
        )

    def encode(self, states: Tensor, positions: Tensor, roles: Tensor, mask: Tensor) -> Tensor:
        """Return the upper layers' states (B, L, hidden)."""
        states = self.drop(states + self.positions(positions) + self.roles(roles))
        layer: Any
        for layer in self.layers:
            attended = layer.attention.output(_attend(layer.attention.self, states, mask), states)
            states = layer.output(layer.intermediate(attended), attended)
        return states


def _attend(layer: Any, states: Tensor, mask: Tensor) -> Tensor:
    """Attend within chunks, states (B, L, hidden) in and out."""
    shape = (*states.shape[:2], layer.num_attention_heads, layer.attention_head_size)
    query, key, value = (
        product(states).reshape(shape).transpose(1, 2)
        for product in (layer.query, layer.key, layer.value)
    )
    scores = query @ key.transpose(-1, -2) / math.sqrt(layer.attention_head_size)
    context: Tensor = torch.softmax(scores + mask[:, None, None], dim=-1) @ value
    return context.transpose(1, 2).reshape(states.shape)
