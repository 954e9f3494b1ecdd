"""The network: one encoder, each sentence's vector pooled from its tokens, linear heads on it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import BertModel

from model.windows import Marks

# Some thirty segments an article: their log-sum-exp then starts below zero.
START_BIAS = -5.0


class Reader(nn.Module):
    """Reads windows and says of each segment which themes it carries and how salient it is.

    Args:
        bert: any BERT; its pooler is not used.
        n_themes: number of theme heads.
        marks: the base's own marks.
    """

    def __init__(self, bert: BertModel, n_themes: int, marks: Marks) -> None:
        super().__init__()
        self.bert = bert
        self.marks = marks
        self.heads = nn.Linear(bert.config.hidden_size, n_themes + 1)
        nn.init.normal_(self.heads.weight, std=0.02)
        nn.init.constant_(self.heads.bias, START_BIAS)

    def forward(self, ids: Tensor, mask: Tensor, pool: Tensor) -> tuple[Tensor, Tensor]:
        """Return segment vectors (segments, hidden) and logits (segments, themes + 1).

        Args:
            ids: token ids, shape (windows, tokens).
            mask: 1 for a token, 0 for padding, same shape.
            pool: shape (segments, windows * tokens), rows that average a segment's tokens.
        """
        states = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        vectors = self.pool(states, pool)
        return vectors, self.heads(vectors)

    def pool(self, states: Tensor, pool: Tensor) -> Tensor:
        """Average token states (windows, tokens, hidden) into segment vectors."""
        return pool @ states.flatten(0, 1)

    def run_lower(self, ids: Tensor, mask: Tensor, n_layers: int) -> Tensor:
        """Run embeddings and the first `n_layers` layers."""
        states = self.bert.embeddings(input_ids=ids)
        return self._run(states, mask, 0, n_layers)

    def run_upper(self, states: Tensor, mask: Tensor, n_layers: int) -> Tensor:
        """Run what comes after the first `n_layers` layers."""
        return self._run(states, mask, n_layers, len(self.bert.encoder.layer))

    def _run(self, states: Tensor, mask: Tensor, first: int, last: int) -> Tensor:
        bias = (1 - mask[:, None, None, :].to(states.dtype)) * torch.finfo(states.dtype).min
        for layer in self.bert.encoder.layer[first:last]:
            out = layer(states, attention_mask=bias)
            states = out[0] if isinstance(out, tuple) else out
        return states


def pool_article(logits: Tensor) -> Tensor:
    """Pool segment logits (segments, themes) into article logits (themes,): log-sum-exp.

    One clear sentence is enough, and several weak ones add up (Ilse et al., "Attention-based
    Deep Multiple Instance Learning", 2018, compare such poolings).
    """
    return torch.logsumexp(logits, dim=0)
