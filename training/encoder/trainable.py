"""The trainable network: an encoder, segment vectors pooled from tokens, linear heads."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertModel

from model.windows import EMPTY, Batch, SpecialTokens

# With some thirty segments an article, their log-sum-exp starts below zero.
START_BIAS = -5.0


class TrainableNetwork(nn.Module):
    """Computes theme and salience logits of each segment from windows of tokens.

    Args:
        bert: any BERT; its pooler is unused.
        n_themes: number of theme heads.
        marks: the base's special tokens.
    """

    def __init__(self, bert: BertModel, n_themes: int, marks: SpecialTokens) -> None:
        super().__init__()
        self.bert = bert
        self.marks = marks
        self.heads = nn.Linear(bert.config.hidden_size, n_themes + 1)
        nn.init.normal_(self.heads.weight, std=0.02)
        nn.init.constant_(self.heads.bias, START_BIAS)

    def forward(
        self, ids: Tensor, positions: Tensor, slots: Tensor, places: Tensor, pool: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return segment vectors (segments, hidden) and logits (segments, themes + 1).

        The arguments are those of `model.windows.Batch`.
        """
        states = self.run_lower(ids, positions, slots, places, len(self.bert.encoder.layer))
        vectors = pool @ states
        return vectors, self.heads(vectors)

    def run_lower(
        self, ids: Tensor, positions: Tensor, slots: Tensor, places: Tensor, n_layers: int
    ) -> Tensor:
        """Run embeddings and the first `n_layers` layers: states (tokens, hidden)."""
        states = self.bert.embeddings(input_ids=ids[None], position_ids=positions[None])
        return self._run(states, slots, places, 0, n_layers)

    def run_upper(self, states: Tensor, slots: Tensor, places: Tensor, n_layers: int) -> Tensor:
        """Run the layers above the first `n_layers`, on states (tokens, hidden)."""
        return self._run(states[None], slots, places, n_layers, len(self.bert.encoder.layer))

    def _run(self, states: Tensor, slots: Tensor, places: Tensor, first: int, last: int) -> Tensor:
        layer: Any
        for layer in self.bert.encoder.layer[first:last]:
            attended = layer.attention.output(
                _attend(layer.attention.self, states, slots, places), states
            )
            states = layer.output(layer.intermediate(attended), attended)
        return states[0]


def to_tensors(batch: Batch) -> dict[str, Tensor]:
    """Return a batch as arguments of `TrainableNetwork.forward`."""
    names = ("ids", "positions", "slots", "places", "pool")
    return {name: torch.from_numpy(getattr(batch, name)) for name in names}


def _attend(layer: Any, states: Tensor, slots: Tensor, places: Tensor) -> Tensor:
    """Attend within windows: states (1, tokens, hidden) in and out.

    It is written out because the library's version guards against rows without any token. States
    have a leading axis because products with a bias are quantised only with three axes.
    """
    tokens = slots.clamp(min=0).flatten()
    shape = (*slots.shape, layer.num_attention_heads, layer.attention_head_size)
    query, key, value = (
        product(states).index_select(1, tokens).reshape(shape).transpose(1, 2)
        for product in (layer.query, layer.key, layer.value)
    )
    scores = query @ key.transpose(-1, -2) / math.sqrt(layer.attention_head_size)
    lowest = torch.finfo(scores.dtype).min
    hidden = torch.where(slots == EMPTY, lowest, 0.0).to(scores.dtype)[:, None, None]
    context: Tensor = torch.softmax(scores + hidden, dim=-1) @ value
    return context.transpose(1, 2).reshape(1, tokens.numel(), -1).index_select(1, places)


def pool_article(logits: Tensor) -> Tensor:
    """Pool segment logits (segments, themes) into article logits (themes,): log-sum-exp.

    One clear sentence is enough, and several weak ones add up (Ilse et al., "Attention-based
    Deep Multiple Instance Learning", 2018, compare such poolings).
    """
    return torch.logsumexp(logits, dim=0)
