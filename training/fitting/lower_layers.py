"""Frozen lower layers: computed once for every example; only the layers above run in each step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from model.arrays import FloatArray
from model.windows import make_batch
from training.encoder.trainable import TrainableNetwork, pool_article, to_tensors
from training.fitting.examples import Example
from training.fitting.optimisation import half_precision
from training.settings import Settings


@dataclass(frozen=True)
class CachedExample:
    """An example with its lower layers' outputs, shape (tokens of all windows, hidden)."""

    example: Example
    states: Tensor

    @property
    def n_tokens(self) -> int:
        """Number of tokens of all windows."""
        return len(self.states)


def cache_lower(
    network: TrainableNetwork,
    examples: Sequence[Example],
    n_layers: int,
    on_example: Callable[[], None] = lambda: None,
) -> list[CachedExample]:
    """Run the frozen layers over every example once."""
    network.eval()
    cached = []
    with torch.no_grad(), half_precision():
        for example in examples:
            inputs = to_tensors(make_batch(example.windows, network.marks))
            del inputs["pool"]
            states = network.run_lower(**inputs, n_layers=n_layers)
            cached.append(CachedExample(example, states.bfloat16()))
            on_example()
    return cached


def held_out_logits(
    network: TrainableNetwork, cached: Sequence[CachedExample], settings: Settings
) -> FloatArray:
    """Return pooled theme logits, shape (articles, themes), in training's half precision."""
    logits = [
        pool_article(network.heads(segment_vectors(network, one, settings.frozen_layers))[:, :-1])
        for one in cached
    ]
    pooled: FloatArray = torch.stack(logits).detach().numpy()
    return pooled


def segment_vectors(network: TrainableNetwork, one: CachedExample, n_layers: int) -> Tensor:
    """Return an article's segment vectors (segments, hidden), without gradients."""
    network.eval()
    with torch.no_grad():
        return run_upper_layers(network, [one], n_layers)


def run_upper_layers(
    network: TrainableNetwork, batch: Sequence[CachedExample], n_layers: int
) -> Tensor:
    """Run the layers above the first `n_layers` over whole articles; return segment vectors."""
    windows = [w for one in batch for w in one.example.windows]
    inputs = to_tensors(make_batch(windows, network.marks))
    states = torch.cat([one.states for one in batch]).float()
    with half_precision():
        upper = network.run_upper(states, inputs["slots"], inputs["places"], n_layers)
    return inputs["pool"] @ upper.float()
