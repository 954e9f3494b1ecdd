"""Fitting the reading head, in bfloat16 with weights kept in float32."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from model.figures.reading.chunks import ChunkInputs
from model.figures.reading.reader import LOWEST, OF_TOKENS, Part
from training.fitting.half_weights import HalfWeights
from training.reading.examples import ReadingExample, Target
from training.reading.network import ReadingHead

# Batches are drawn from so many at a time, sorted by length: little padding, still mixed.
_SORTED_BATCHES = 16
# Losses of single tokens are summed over a figure's chunk, divided by this.
_TOKENS_A_LOSS = 4


@dataclass(frozen=True)
class FitSettings:
    """How the head is fitted."""

    epochs: int = 5
    batch_chunks: int = 5
    layer_rate: float = 1e-4
    head_rate: float = 6e-4
    weight_decay: float = 0.01
    warm_up_steps: int = 100
    lowest_rate: float = 0.02
    averaged_share: float = 0.2
    seed: int = 0


def fit_head(
    head: ReadingHead,
    examples: Sequence[ReadingExample],
    settings: FitSettings,
    tell: Callable[[int, int, float], None],
) -> None:
    """Fit a head in place.

    Args:
        head: the head.
        examples: what it learns from.
        settings: see `FitSettings`.
        tell: is called after each step with its number, the number of steps, and the loss.
    """
    torch.manual_seed(settings.seed)
    drawn = random.Random(settings.seed)  # noqa: S311 # no secret
    head.train()
    n_steps = settings.epochs * -(-len(examples) // settings.batch_chunks)
    fitting = HalfWeights(
        head,
        lambda name: settings.layer_rate if name.startswith("layers") else settings.head_rate,
        settings.weight_decay,
        lambda n: (
            min(1, (n + 1) / settings.warm_up_steps) * max(settings.lowest_rate, 1 - n / n_steps)
        ),
        round(n_steps * (1 - settings.averaged_share)),
    )
    for number, batch in enumerate(_draw(examples, settings, drawn), 1):
        loss = measure_loss(head, batch)
        fitting.step(loss)
        tell(number, n_steps, float(loss.detach()))
    fitting.finish()
    head.eval()


def _draw(
    examples: Sequence[ReadingExample], settings: FitSettings, drawn: random.Random
) -> Iterator[list[ReadingExample]]:
    size = settings.batch_chunks
    for _ in range(settings.epochs):
        order = drawn.sample(range(len(examples)), len(examples))
        for start in range(0, len(order), size * _SORTED_BATCHES):
            part = sorted(
                order[start : start + size * _SORTED_BATCHES],
                key=lambda i: len(examples[i].chunk.tokens),
            )
            batches = [part[i : i + size] for i in range(0, len(part), size)]
            drawn.shuffle(batches)
            yield from ([examples[i] for i in batch] for batch in batches)


def measure_loss(head: ReadingHead, batch: Sequence[ReadingExample]) -> Tensor:
    """Return the loss of a batch: the sum of those of key, kind, indicator and body."""
    targets = [target for example in batch for target in example.targets]
    inputs = collate(batch, next(head.parameters()).dtype)
    parts, labels = (output.float() for output in head(**inputs))
    is_token = inputs["mask"][inputs["chunks"]] == 0
    rows = [i for i, target in enumerate(targets) if target.kind is not None]
    loss = _key_loss(labels[:, 0], targets)
    if rows:
        own = [targets[i] for i in rows]
        kinds = torch.tensor([target.kind for target in own])
        loss = loss + functional.cross_entropy(labels[rows, 1:], kinds)
        named = [i for i in rows if targets[i].indicator is not None]
        if named:
            loss = loss + _indicator_loss(
                parts[named], [targets[i] for i in named], is_token[named]
            )
        loss = loss + _body_loss(parts[rows, Part.BODY_START], parts[rows, Part.BODY_END], own)
    return loss


def collate(batch: Sequence[ReadingExample], dtype: torch.dtype) -> dict[str, Tensor]:
    """Return a batch as `ReadingHead.forward` takes it."""
    chunks = [example.make_inputs() for example in batch]
    longest = max(len(chunk.positions) for chunk in chunks)
    inputs = {
        name: torch.from_numpy(_pad_all(chunks, name, longest)) for name in ChunkInputs._fields
    }
    mask = torch.full((len(chunks), longest), LOWEST)
    for row, chunk in enumerate(chunks):
        mask[row, : len(chunk.positions)] = 0
    sizes = [len(chunk.pool) for chunk in chunks]
    inputs |= {
        "mask": mask,
        "chunks": torch.repeat_interleave(torch.arange(len(chunks)), torch.tensor(sizes)),
    }
    return {n: t.to(dtype) if t.is_floating_point() else t for n, t in inputs.items()}


def _pad_all(chunks: Sequence[ChunkInputs], name: str, longest: int) -> np.ndarray:
    """Stack a chunk's own values by chunk, its figures' one after another; padded in tokens."""
    parts = [getattr(chunk, name) for chunk in chunks]
    if name in OF_TOKENS:
        widths = [((0, longest - len(p)), *((0, 0),) * (p.ndim - 1)) for p in parts]
        return np.stack([np.pad(p, width) for p, width in zip(parts, widths, strict=True)])
    return np.concatenate([np.pad(p, ((0, 0), (0, longest - p.shape[1]))) for p in parts])


def _key_loss(logits: Tensor, targets: Sequence[Target]) -> Tensor:
    wanted = torch.tensor([target.key for target in targets])
    weights = torch.tensor([target.weight for target in targets])
    losses = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return (losses * weights).sum() / len(targets)


def _indicator_loss(parts: Tensor, targets: Sequence[Target], is_token: Tensor) -> Tensor:
    """Of every token: is it inside a part of the indicator, does one start there, or end?"""
    wanted = torch.zeros((len(targets), 3, is_token.shape[1]))
    for row, target in enumerate(targets):
        for first, last in target.indicator or ():
            wanted[row, 0, first : last + 1] = 1
            wanted[row, 1, first] = 1
            wanted[row, 2, last] = 1
    order = [Part.INDICATOR, Part.INDICATOR_START, Part.INDICATOR_END]
    losses = functional.binary_cross_entropy_with_logits(
        parts[:, order, 1:], wanted, reduction="none"
    )
    return (losses * is_token[:, None]).sum() / len(targets) / _TOKENS_A_LOSS


def _body_loss(starts: Tensor, ends: Tensor, targets: Sequence[Target]) -> Tensor:
    """Any place of the name is right: their probabilities are added up."""
    start_logs, end_logs = starts.log_softmax(1), ends.log_softmax(1)
    losses = [
        -target.body_weight
        * torch.logsumexp(
            start_logs[row, [first + 1 for first, _ in target.body]]
            + end_logs[row, [last + 1 for _, last in target.body]],
            0,
        )
        for row, target in enumerate(targets)
        if target.body
    ]
    return torch.stack(losses).mean() if losses else starts.sum() * 0
