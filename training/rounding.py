"""Rounding while learning: a network gets used to the 8-bit products that it will run on.

With one scale for all activations of a run (`Settings.activation_scale`), rounding moves a network
that has never met it; one that learns with it ends where it does no harm (Jacob et al.,
"Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
2018).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from training.network import Reader

# Activations: unsigned, 8 bits. Weights: signed, 7 bits, which processors without 8-bit dot
# products (VNNI) add up without overflow.
HIGHEST_ACTIVATION = 255
HIGHEST_WEIGHT = 64
_SMALLEST_SCALE = 1e-9


@contextmanager
def rounded(reader: Reader) -> Iterator[None]:
    """Round weights and inputs of the encoder's linear layers; gradients pass as if not rounded."""
    layers = [m for m in reader.bert.encoder.modules() if isinstance(m, nn.Linear)]
    hooks = [layer.register_forward_pre_hook(_round_inputs) for layer in layers]
    for layer in layers:
        parametrize.register_parametrization(layer, "weight", _RoundedWeights())
    try:
        yield
    finally:
        for layer, hook in zip(layers, hooks, strict=True):
            hook.remove()
            parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)


def round_activations(values: Tensor) -> Tensor:
    """Round to 256 steps between the lowest and the highest value, zero being one of them."""
    values = values.float()
    low, high = (x.detach() for x in values.aminmax())
    low, high = low.clamp(max=0.0), high.clamp(min=0.0)
    scale = ((high - low) / HIGHEST_ACTIVATION).clamp(min=_SMALLEST_SCALE)
    zero = (-low / scale).round().int()
    return torch.fake_quantize_per_tensor_affine(values, scale, zero, 0, HIGHEST_ACTIVATION)


class _RoundedWeights(nn.Module):
    """Round each row of weights (out, in) with a scale of its own."""

    def forward(self, weights: Tensor) -> Tensor:
        scales = (weights.detach().abs().amax(1) / HIGHEST_WEIGHT).clamp(min=_SMALLEST_SCALE)
        zeros = torch.zeros_like(scales, dtype=torch.int32)
        return torch.fake_quantize_per_channel_affine(
            weights, scales, zeros, 0, -HIGHEST_WEIGHT, HIGHEST_WEIGHT
        )


def _round_inputs(_: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    values, *rest = inputs
    return round_activations(values), *rest
