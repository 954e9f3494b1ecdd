"""Fine-tuning: train a `TrainableNetwork` on examples, its lower layers frozen."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel

from model.windows import fill
from training.encoder.trainable import TrainableNetwork
from training.fitting.checkpoint import EVERY_STEPS, Checkpoint, copy_trained, put_trained
from training.fitting.losses import label_loss
from training.fitting.lower_layers import CachedExample, run_upper_layers, segment_vectors
from training.fitting.optimisation import make_optimizer, rate_share
from training.settings import Settings

OnStep = Callable[[int, int, float], None]
Judge = Callable[[TrainableNetwork], float]


@dataclass(frozen=True)
class History:
    """Course of a fine-tuning: every step's loss, and each candidate's held-out loss in order."""

    losses: tuple[float, ...]
    judged: dict[str, float]

    @property
    def chosen(self) -> str:
        """Name of the candidate of lowest held-out loss, whose weights are kept."""
        return min(self.judged, key=lambda name: self.judged[name])


def fine_tune(
    network: TrainableNetwork,
    cached: Sequence[CachedExample],
    settings: Settings,
    *,
    judge: Judge,
    checkpoint: Checkpoint | None = None,
    on_step: OnStep | None = None,
) -> History:
    """Train the heads, then the upper layers with them; keep the weights of lowest held-out loss.

    Candidates are the weights after each pass and their mean over the last steps, which
    depends less on the order of the articles (Izmailov et al., "Averaging Weights Leads to
    Wider Optima", 2018).

    Args:
        network: the network; it ends with the best weights.
        cached: training examples.
        settings: see `Settings`.
        judge: function that returns the loss on held-out articles.
        checkpoint: file to resume from and to save states to; a resumed fine-tuning ends with the
            same bits.
        on_step: called with step, number of steps, and loss.
    """
    order = random.Random(settings.seed)  # noqa: S311 (no secret)
    plan = [list(_batches(cached, settings.batch_tokens, order)) for _ in range(settings.passes)]
    ends = list(accumulate(map(len, plan)))
    batches = [batch for one_pass in plan for batch in one_pass]
    freeze_lower(network, settings.frozen_layers)
    state = checkpoint.load() if checkpoint else None
    if state is None:
        fit_heads(network, cached, settings)
    fitting = FineTuning(network, len(batches), settings)
    if state is not None:
        fitting.restore(state)
    if not batches:  # no passes: only the heads are trained
        fitting.judge_weights("heads", judge)
    network.train()
    for batch in batches[fitting.step :]:
        loss = fitting.learn(batch)
        if on_step:
            on_step(fitting.step, len(batches), loss)
        if fitting.step in ends:
            fitting.judge_weights(f"pass {ends.index(fitting.step) + 1}", judge)
        if checkpoint and (fitting.step % EVERY_STEPS == 0 or fitting.step in ends):
            checkpoint.save(fitting.to_state())
    return fitting.finish(judge)


def freeze_lower(network: TrainableNetwork, n_layers: int) -> None:
    """Freeze the word embeddings and the lower layers."""
    frozen = [network.bert.embeddings, *network.bert.encoder.layer[:n_layers]]
    for module in frozen:
        module.requires_grad_(False)


class FineTuning:
    """State of a fine-tuning: network, optimizer, running mean of weights, best weights so far."""

    def __init__(self, network: TrainableNetwork, n_steps: int, settings: Settings) -> None:
        self._network = network
        self._settings = settings
        self._optimizer = make_optimizer(network, settings)
        self._schedule = LambdaLR(
            self._optimizer, lambda step: rate_share(step, n_steps, settings.warmup_share)
        )
        self._average = AveragedModel(network)
        self._first_averaged = round(n_steps * (1 - settings.averaged_share))
        self._losses: list[float] = []
        self._judged: dict[str, float] = {}
        self._best: dict[str, Tensor] = {}

    @property
    def step(self) -> int:
        """Number of steps done."""
        return len(self._losses)

    def learn(self, batch: Sequence[CachedExample]) -> float:
        """Take one step; return its loss."""
        vectors = run_upper_layers(self._network, batch, self._settings.frozen_layers)
        loss = label_loss(
            self._network.heads(vectors), [one.example for one in batch], self._settings
        )
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._losses.append(loss.item())
        if self.step > self._first_averaged:
            self._average.update_parameters(self._network)
        return loss.item()

    def judge_weights(self, name: str, judge: Judge) -> None:
        """Compute the held-out loss of the current weights; keep the weights of lowest loss."""
        self._network.eval()
        loss = judge(self._network)
        self._network.train()
        if loss < min(self._judged.values(), default=inf):
            self._best = copy_trained(self._network)
        self._judged[name] = loss

    def finish(self, judge: Judge) -> History:
        """Judge the mean of the last weights too, and put the best weights into the network."""
        if self._average.n_averaged > 0:
            put_trained(self._network, copy_trained(self._average.module))
            self.judge_weights("average", judge)
        put_trained(self._network, self._best)
        self._network.eval()
        return History(tuple(self._losses), dict(self._judged))

    def to_state(self) -> dict[str, Any]:
        """Return everything that further steps depend on."""
        return {
            "weights": copy_trained(self._network),
            "average": copy_trained(self._average.module),
            "n_averaged": self._average.n_averaged,
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "losses": list(self._losses),
            "judged": dict(self._judged),
            "best": self._best,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore a state from `to_state`."""
        put_trained(self._network, state["weights"])
        put_trained(self._average.module, state["average"])
        self._average.n_averaged.copy_(state["n_averaged"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._losses = list(state["losses"])
        self._judged = dict(state["judged"])
        self._best = dict(state["best"])


def fit_heads(
    network: TrainableNetwork, cached: Sequence[CachedExample], settings: Settings
) -> None:
    """Train the heads alone, on segment vectors of the base (linear probing).

    Fine-tuning from untrained heads drives all segments to one vector; from probed heads it
    does not (Kumar et al., "Fine-Tuning can Distort Pretrained Features", 2022).
    """
    vectors = {id(one): segment_vectors(network, one, settings.frozen_layers) for one in cached}
    optimizer = torch.optim.AdamW(network.heads.parameters(), lr=settings.probe_learning_rate)
    order = random.Random(settings.seed)  # noqa: S311 (no secret)
    for _ in range(settings.probe_passes):
        for batch in _batches(cached, settings.batch_tokens, order):
            logits = network.heads(torch.cat([vectors[id(one)] for one in batch]))
            loss = label_loss(logits, [one.example for one in batch], settings)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def _batches(
    cached: Sequence[CachedExample], batch_tokens: int, order: random.Random
) -> Iterator[list[CachedExample]]:
    """Shuffle, then fill batches with whole articles up to a number of tokens."""
    shuffled = list(cached)
    order.shuffle(shuffled)
    return fill(shuffled, batch_tokens)
