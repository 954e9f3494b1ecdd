"""Whole fit: all layers of a trained network go on learning from labelled articles."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from model.windows import fill, make_batch
from training.encoder.trainable import TrainableNetwork, to_tensors
from training.fitting.examples import Example
from training.fitting.fine_tuning import freeze_lower
from training.fitting.half_weights import HalfWeights
from training.fitting.losses import label_loss
from training.fitting.optimisation import rate_share
from training.settings import Settings


@dataclass(frozen=True)
class _Sized:
    """An example, with the size by which batches are filled."""

    example: Example
    n_tokens: int


def fit_whole(
    network: TrainableNetwork,
    examples: Sequence[Example],
    settings: Settings,
    on_step: Callable[[int, int, float], None],
) -> list[float]:
    """Fit all layers and the heads; word embeddings stay. Return every step's loss.

    The network ends with the mean of its last weights.

    Args:
        network: a trained network.
        examples: labelled articles.
        settings: see `Settings`.
        on_step: called with step, number of steps, and loss.
    """
    order = random.Random(settings.seed)  # noqa: S311 (no secret)
    sized = [_Sized(one, sum(window.n_tokens for window in one.windows)) for one in examples]
    plan: list[list[_Sized]] = []
    for _ in range(settings.passes):
        order.shuffle(sized)
        plan += fill(list(sized), settings.batch_tokens)
    freeze_lower(network, settings.frozen_layers)
    fitting = HalfWeights(
        network,
        lambda name: (
            settings.head_learning_rate if name.startswith("heads") else settings.learning_rate
        ),
        settings.weight_decay,
        lambda step: rate_share(step, len(plan), settings.warmup_share),
        round(len(plan) * (1 - settings.averaged_share)),
    )
    losses = []
    network.train()
    for step, batch in enumerate(plan, 1):
        own = [one.example for one in batch]
        loss = label_loss(_compute_logits(network, own), own, settings)
        fitting.step(loss)
        losses.append(float(loss.detach()))
        on_step(step, len(plan), losses[-1])
    fitting.finish()
    network.eval()
    return losses


def _compute_logits(network: TrainableNetwork, examples: Sequence[Example]) -> Tensor:
    """Return the segments' logits (segments, themes + 1) in float32."""
    windows = [window for example in examples for window in example.windows]
    inputs = to_tensors(make_batch(windows, network.marks))
    inputs["pool"] = inputs["pool"].to(next(network.parameters()).dtype)
    logits: Tensor = network(**inputs)[1]
    return logits.float()
