"""Optimisation: seeds, half precision, learning rates."""

from __future__ import annotations

import random

import numpy as np
import torch
from torch.utils import deterministic

from training.encoder.trainable import TrainableNetwork
from training.settings import Settings


def set_seed(seed: int, threads: int) -> None:
    """Seed all generators, for results that repeat on this machine."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (libraries read the global state)
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=True)
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def quick_dtype() -> torch.dtype:
    """Return bfloat16 where the processor multiplies it, else float32.

    Emulated products take some 60 times as long: with AVX2 alone 1.3 G multiply-adds a second for
    the 85 G of float32.
    """
    has_products: bool = torch.ops.mkldnn._is_mkldnn_bf16_supported()  # no public name
    return torch.bfloat16 if has_products else torch.float32


def half_precision() -> torch.autocast:
    """Return a context in which products run in bfloat16, if the processor has them."""
    enabled = quick_dtype() is torch.bfloat16
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled)


def rate_share(step: int, n_steps: int, warmup_share: float) -> float:
    """Return the share of the learning rate at a step: linear warm-up to 1, linear decay to 0."""
    warmup = max(1, round(n_steps * warmup_share))
    if step < warmup:
        return (step + 1) / warmup
    return max(0.0, (n_steps - step) / max(1, n_steps - warmup))


def make_optimizer(network: TrainableNetwork, settings: Settings) -> torch.optim.Optimizer:
    """Return AdamW over unfrozen weights; the heads have their own learning rate."""
    body = [p for p in network.bert.parameters() if p.requires_grad]
    return torch.optim.AdamW(
        [
            {"params": body, "lr": settings.learning_rate},
            {"params": list(network.heads.parameters()), "lr": settings.head_learning_rate},
        ],
        weight_decay=settings.weight_decay,
    )
