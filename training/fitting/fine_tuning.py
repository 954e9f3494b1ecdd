"""Fit: train a `TrainableNetwork` on examples, its lower layers frozen and computed once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel
from torch.utils import deterministic

from model.windows import fill, make_batch
from training.encoder.trainable import TrainableNetwork, pool_article, to_tensors
from training.fitting.checkpoint import EVERY_STEPS, Checkpoint, copy_trained, put_trained
from training.fitting.examples import UNKNOWN, Example
from training.settings import Settings

OnStep = Callable[[int, int, float], None]
Judge = Callable[[TrainableNetwork], float]


@dataclass(frozen=True)
class History:
    """What became of a fit: every step's loss, and the judged loss of each candidate in order."""

    losses: tuple[float, ...]
    judged: dict[str, float]

    @property
    def chosen(self) -> str:
        """The candidate whose weights were kept."""
        return min(self.judged, key=lambda name: self.judged[name])


@dataclass(frozen=True)
class CachedExample:
    """An example with its lower layers' outputs, shape (tokens of all windows, hidden)."""

    example: Example
    states: Tensor

    @property
    def n_tokens(self) -> int:
        """Tokens of all windows."""
        return len(self.states)


def set_seed(seed: int, threads: int) -> None:
    """Make a fit repeatable on this machine."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (libraries read the global state)
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=True)
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def cache_lower(
    network: TrainableNetwork,
    examples: Sequence[Example],
    n_layers: int,
    on_example: Callable[[], None] = lambda: None,
) -> list[CachedExample]:
    """Run the frozen layers over every example once."""
    network.eval()
    cached = []
    with torch.no_grad(), half():
        for example in examples:
            inputs = to_tensors(make_batch(example.windows, network.marks))
            del inputs["pool"]
            states = network.run_lower(**inputs, n_layers=n_layers)
            cached.append(CachedExample(example, states.bfloat16()))
            on_example()
    return cached


def fit(
    network: TrainableNetwork,
    cached: Sequence[CachedExample],
    settings: Settings,
    *,
    judge: Judge,
    checkpoint: Checkpoint | None = None,
    on_step: OnStep | None = None,
) -> History:
    """Train the heads, then the upper layers with them; keep the weights that are judged best.

    Candidates are the weights after each pass and their mean over the last steps, which
    depends less on the order of the articles (Izmailov et al., "Averaging Weights Leads to
    Wider Optima", 2018).

    Args:
        network: the network; it is left with the best weights.
        cached: what to learn from.
        settings: see `Settings`.
        judge: loss on articles that are not learned from.
        checkpoint: where to go on from, and to leave states; the same bits come out.
        on_step: is told step, steps in all and loss.
    """
    order = random.Random(settings.seed)  # noqa: S311 (no secret)
    plan = [list(_batches(cached, settings.batch_tokens, order)) for _ in range(settings.passes)]
    ends = list(accumulate(map(len, plan)))
    batches = [batch for one_pass in plan for batch in one_pass]
    freeze_lower(network, settings.frozen_layers)
    state = checkpoint.load() if checkpoint else None
    if state is None:
        fit_heads(network, cached, settings)
    fitting = Fitting(network, len(batches), settings)
    if state is not None:
        fitting.restore(state)
    if not batches:  # no passes: heads on the base as it is
        fitting.weigh("heads", judge)
    network.train()
    for batch in batches[fitting.step :]:
        loss = fitting.learn(batch)
        if on_step:
            on_step(fitting.step, len(batches), loss)
        if fitting.step in ends:
            fitting.weigh(f"pass {ends.index(fitting.step) + 1}", judge)
        if checkpoint and (fitting.step % EVERY_STEPS == 0 or fitting.step in ends):
            checkpoint.save(fitting.to_state())
    return fitting.finish(judge)


def freeze_lower(network: TrainableNetwork, n_layers: int) -> None:
    """Keep the word embeddings and the lower layers as they are."""
    frozen = [network.bert.embeddings, *network.bert.encoder.layer[:n_layers]]
    for module in frozen:
        module.requires_grad_(False)


class Fitting:
    """A fit under way: network, optimizer, running mean of weights, best weights so far."""

    def __init__(self, network: TrainableNetwork, n_steps: int, settings: Settings) -> None:
        self._network = network
        self._settings = settings
        self._optimizer = make_optimizer(network, settings)
        self._schedule = LambdaLR(
            self._optimizer, lambda step: rate(step, n_steps, settings.warmup_share)
        )
        self._average = AveragedModel(network)
        self._first_averaged = round(n_steps * (1 - settings.averaged_share))
        self._losses: list[float] = []
        self._judged: dict[str, float] = {}
        self._best: dict[str, Tensor] = {}

    @property
    def step(self) -> int:
        """Steps done."""
        return len(self._losses)

    def learn(self, batch: Sequence[CachedExample]) -> float:
        """Take one step; return its loss."""
        vectors = _read_batch(self._network, batch, self._settings.frozen_layers)
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

    def weigh(self, name: str, judge: Judge) -> None:
        """Judge the network as it is, and keep its weights if none were better."""
        self._network.eval()
        loss = judge(self._network)
        self._network.train()
        if loss < min(self._judged.values(), default=inf):
            self._best = copy_trained(self._network)
        self._judged[name] = loss

    def finish(self, judge: Judge) -> History:
        """Judge the mean of the last weights too, and leave the best in the network."""
        if self._average.n_averaged > 0:
            put_trained(self._network, copy_trained(self._average.module))
            self.weigh("average", judge)
        put_trained(self._network, self._best)
        self._network.eval()
        return History(tuple(self._losses), dict(self._judged))

    def to_state(self) -> dict[str, Any]:
        """Return all that the steps to come depend on."""
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
        """Go on from `to_state`."""
        put_trained(self._network, state["weights"])
        put_trained(self._average.module, state["average"])
        self._average.n_averaged.copy_(state["n_averaged"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._losses = list(state["losses"])
        self._judged = dict(state["judged"])
        self._best = dict(state["best"])


def held_out_logits(
    network: TrainableNetwork, cached: Sequence[CachedExample], settings: Settings
) -> npt.NDArray[np.float32]:
    """Return pooled theme logits of articles, shape (articles, themes), as training sees them."""
    logits = [
        pool_article(network.heads(_segment_vectors(network, one, settings.frozen_layers))[:, :-1])
        for one in cached
    ]
    pooled: npt.NDArray[np.float32] = torch.stack(logits).detach().numpy()
    return pooled


def fit_heads(
    network: TrainableNetwork, cached: Sequence[CachedExample], settings: Settings
) -> None:
    """Train the heads alone, on the base's own segment vectors.

    Fine-tuning from untrained heads drives all segments to one vector; from probed heads it
    does not (Kumar et al., "Fine-Tuning can Distort Pretrained Features", 2022).
    """
    vectors = {id(one): _segment_vectors(network, one, settings.frozen_layers) for one in cached}
    optimizer = torch.optim.AdamW(network.heads.parameters(), lr=settings.probe_learning_rate)
    order = random.Random(settings.seed)  # noqa: S311 (no secret)
    for _ in range(settings.probe_passes):
        for batch in _batches(cached, settings.batch_tokens, order):
            logits = network.heads(torch.cat([vectors[id(one)] for one in batch]))
            loss = label_loss(logits, [one.example for one in batch], settings)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def label_loss(logits: Tensor, examples: Sequence[Example], settings: Settings) -> Tensor:
    """Loss of whole articles: themes by article, themes by sentence, salience.

    Args:
        logits: the batch's segment logits in order, shape (segments, themes + 1).
        examples: the articles they belong to.
        settings: weights.
    """
    counts = [len(e.segment_themes) for e in examples]
    pooled = torch.stack([pool_article(part[:, :-1]) for part in torch.split(logits, counts)])
    by_article = _label_loss(pooled, _stack(e.article_themes[None] for e in examples), settings)
    by_sentence = _label_loss(
        logits[:, :-1], _stack(e.segment_themes for e in examples), settings, by_row=False
    )
    salience = _label_loss(logits[:, -1:], _stack(e.salience[:, None] for e in examples), settings)
    return by_article + settings.sentence_weight * by_sentence + settings.salience_weight * salience


def _segment_vectors(network: TrainableNetwork, one: CachedExample, n_layers: int) -> Tensor:
    network.eval()
    with torch.no_grad():
        return _read_batch(network, [one], n_layers)


def _read_batch(network: TrainableNetwork, batch: Sequence[CachedExample], n_layers: int) -> Tensor:
    """Run the upper layers over whole articles; return segment vectors in order."""
    windows = [w for one in batch for w in one.example.windows]
    inputs = to_tensors(make_batch(windows, network.marks))
    states = torch.cat([one.states for one in batch]).float()
    with half():
        upper = network.run_upper(states, inputs["slots"], inputs["places"], n_layers)
    return inputs["pool"] @ upper.float()


def _label_loss(
    logits: Tensor, target: Tensor, settings: Settings, *, by_row: bool = True
) -> Tensor:
    """Binary cross-entropy over known labels.

    With `by_row` the mean is over labels. Else, for sentences, of which a few in a hundred
    carry a theme, the sum is divided mostly by the number of positives, so that each pulls
    the same however many sentences without a theme are in the batch.
    """
    known = target != UNKNOWN
    weight = known.float()
    weight[target == 1] = settings.positive_weight
    weight[(target > 0) & (target < 1)] = settings.borderline_weight
    loss = functional.binary_cross_entropy_with_logits(
        logits, target.clamp(min=0), weight=weight, reduction="sum"
    )
    n = known.sum() if by_row else (target >= 1).sum() * 4 + known.sum() * 0.05
    return loss / n.clamp(min=1)


def _stack(arrays: Iterator[npt.NDArray[np.float32]]) -> Tensor:
    return torch.from_numpy(np.concatenate(list(arrays)))


def half() -> torch.autocast:
    """Run products in bfloat16."""
    return torch.autocast("cpu", dtype=torch.bfloat16)


def rate(step: int, n_steps: int, warmup_share: float) -> float:
    """Share of the learning rate at a step: up to 1, then down to 0, both in a line."""
    warmup = max(1, round(n_steps * warmup_share))
    if step < warmup:
        return (step + 1) / warmup
    return max(0.0, (n_steps - step) / max(1, n_steps - warmup))


def make_optimizer(network: TrainableNetwork, settings: Settings) -> torch.optim.Optimizer:
    """Return AdamW over what is not frozen, the heads with a rate of their own."""
    body = [p for p in network.bert.parameters() if p.requires_grad]
    return torch.optim.AdamW(
        [
            {"params": body, "lr": settings.learning_rate},
            {"params": list(network.heads.parameters()), "lr": settings.head_learning_rate},
        ],
        weight_decay=settings.weight_decay,
    )


def _batches(
    cached: Sequence[CachedExample], batch_tokens: int, order: random.Random
) -> Iterator[list[CachedExample]]:
    """Shuffle, then fill batches with whole articles up to a number of tokens."""
    shuffled = list(cached)
    order.shuffle(shuffled)
    return fill(shuffled, batch_tokens)
