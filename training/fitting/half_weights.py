"""Half weights: a network computes in bfloat16 while float32 copies of its weights take the steps.

Where the processor has no such products it computes in float32 as well.

On a processor with bfloat16 products a step takes a quarter of its time in float32, and less than
with automatic casts, which round every weight anew at each product (Micikevicius et al., "Mixed
Precision Training", 2018, keep such master weights).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from training.fitting.optimisation import quick_dtype

MAX_NORM = 1.0


class HalfWeights:
    """Fits a network in few bits.

    Args:
        network: the network; its weights become `dtype` until `finish`. Frozen ones stay.
        rate_of: learning rate of a weight, by its name.
        weight_decay: of AdamW.
        share_at: share of the learning rates at a step, counted from 0.
        averaged_from: the step from which the weights' mean is kept.
        dtype: in what the network computes; by default in what is quick here.
    """

    def __init__(
        self,
        network: nn.Module,
        rate_of: Callable[[str], float],
        weight_decay: float,
        share_at: Callable[[int], float],
        averaged_from: int,
        dtype: torch.dtype | None = None,
    ) -> None:
        self._network = network.to(dtype or quick_dtype())
        self._low = {n: p for n, p in network.named_parameters() if p.requires_grad}
        self._masters = {
            name: p.detach().float().clone().requires_grad_() for name, p in self._low.items()
        }
        groups: dict[float, list[Tensor]] = {}
        for name, master in self._masters.items():
            groups.setdefault(rate_of(name), []).append(master)
        self._optimizer = torch.optim.AdamW(
            [{"params": params, "lr": rate} for rate, params in groups.items()],
            weight_decay=weight_decay,
        )
        self._schedule = LambdaLR(self._optimizer, share_at)
        self._mean: dict[str, Tensor] = {}
        self._n_steps, self._averaged_from = 0, averaged_from

    def step(self, loss: Tensor) -> None:
        """Take a step down a loss that the network's bfloat16 weights gave."""
        self._network.zero_grad()
        loss.backward()
        for name, low in self._low.items():
            self._masters[name].grad = None if low.grad is None else low.grad.float()
        nn.utils.clip_grad_norm_(self._masters.values(), MAX_NORM)
        self._optimizer.step()
        self._schedule.step()
        self._put(self._masters)
        self._n_steps += 1
        if self._n_steps > self._averaged_from:
            self._average()

    def finish(self) -> None:
        """Leave the network in float32, with the mean of its last weights."""
        self._network.float()
        self._put(self._mean or self._masters)

    @torch.no_grad()
    def _put(self, weights: Mapping[str, Tensor]) -> None:
        for name, low in self._low.items():
            low.copy_(weights[name])

    @torch.no_grad()
    def _average(self) -> None:
        n_averaged = self._n_steps - self._averaged_from
        for name, master in self._masters.items():
            if n_averaged == 1:
                self._mean[name] = master.detach().clone()
            else:
                self._mean[name] += (master - self._mean[name]) / n_averaged
