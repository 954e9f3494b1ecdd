"""Fitting the learned choice: is each clause told, and which clauses share the summary out."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from model.summary.choice.network import MAX_CONTEXT
from training.summary.examples import ChoiceExample
from training.summary.network import ChoiceHead

_LOWEST = -1e4
_SORTED_BATCHES = 8
_MAX_WEIGHT_CHARS = 60


@dataclass(frozen=True)
class ChoiceSettings:
    """How the head is fitted; `share_weight` weighs the loss of sharing the summary out."""

    epochs: int = 6
    batch_articles: int = 16
    width: int = 64
    n_layers: int = 2
    rate: float = 1e-3
    weight_decay: float = 0.05
    warm_up_steps: int = 60
    lowest_rate: float = 0.02
    share_weight: float = 1.0
    seed: int = 0


def fit_choice(
    examples: Sequence[ChoiceExample],
    settings: ChoiceSettings,
    tell: Callable[[int, int], None] | None = None,
) -> ChoiceHead:
    """Fit a head.

    Args:
        examples: what it learns from.
        settings: see `ChoiceSettings`.
        tell: is called after each step with its number and the number of steps.
    """
    torch.manual_seed(settings.seed)
    head = make_head(examples, settings)
    head.train()
    optimizer = torch.optim.AdamW(
        head.parameters(), lr=settings.rate, weight_decay=settings.weight_decay
    )
    n_steps = settings.epochs * -(-len(examples) // settings.batch_articles)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda n: (
            min(1, (n + 1) / settings.warm_up_steps) * max(settings.lowest_rate, 1 - n / n_steps)
        ),
    )
    for number, batch in enumerate(_draw(examples, settings), 1):
        loss = measure_loss(head, batch, settings.share_weight)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if tell is not None:
            tell(number, n_steps)
    return head.eval()


def make_head(examples: Sequence[ChoiceExample], settings: ChoiceSettings) -> ChoiceHead:
    """Return a head with fresh weights, and the scale of the examples' features."""
    features = np.concatenate([example.features for example in examples])
    return ChoiceHead(
        torch.from_numpy(features.mean(axis=0)),
        torch.from_numpy(features.std(axis=0) + 1e-3),
        examples[0].vectors.shape[1],
        width=settings.width,
        n_layers=settings.n_layers,
    )


def measure_loss(head: ChoiceHead, batch: Sequence[ChoiceExample], share_weight: float) -> Tensor:
    """Return the loss of a batch; long clauses count for more."""
    features, vectors, told, n_chars = (
        _stack([getattr(example, name)[:MAX_CONTEXT] for example in batch])
        for name in ("features", "vectors", "told", "n_chars")
    )
    mask = torch.where(n_chars > 0, 0.0, _LOWEST)
    logits = head(features, vectors, mask)
    weights = n_chars.clamp(max=_MAX_WEIGHT_CHARS).sqrt()
    losses = functional.binary_cross_entropy_with_logits(logits, told, reduction="none")
    by_clause = (losses * weights).sum(1) / weights.sum(1)
    wanted = told * n_chars
    wanted = wanted / wanted.sum(1, keepdim=True).clamp(min=1)
    logs = (logits + n_chars.clamp(min=1).log() + mask).log_softmax(1)
    loss: Tensor = (by_clause - share_weight * (wanted * logs).sum(1)).mean()
    return loss


def _stack(parts: Sequence[np.ndarray]) -> Tensor:
    longest = max(len(part) for part in parts)
    widths = [((0, longest - len(p)), *((0, 0),) * (p.ndim - 1)) for p in parts]
    return torch.from_numpy(np.stack([np.pad(p, w) for p, w in zip(parts, widths, strict=True)]))


def _draw(
    examples: Sequence[ChoiceExample], settings: ChoiceSettings
) -> Iterator[list[ChoiceExample]]:
    drawn = random.Random(settings.seed)  # noqa: S311 # no secret
    size = settings.batch_articles
    for _ in range(settings.epochs):
        order = drawn.sample(range(len(examples)), len(examples))
        for start in range(0, len(order), size * _SORTED_BATCHES):
            part = sorted(
                order[start : start + size * _SORTED_BATCHES],
                key=lambda i: len(examples[i].told),
            )
            batches = [part[i : i + size] for i in range(0, len(part), size)]
            drawn.shuffle(batches)
            yield from ([examples[i] for i in batch] for batch in batches)
