"""Fit: train a `Reader` on examples, its lower layers frozen and computed once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel
from torch.utils import deterministic

from model.windows import make_batch
from training.examples import UNKNOWN, Example
from training.network import Reader, pool_article
from training.settings import Settings

OnStep = Callable[[int, int, float], None]


@dataclass(frozen=True)
class CachedExample:
    """An example with its lower layers' outputs, one (tokens, hidden) tensor a window."""

    example: Example
    states: tuple[Tensor, ...]

    @property
    def n_tokens(self) -> int:
        """Tokens of all windows."""
        return sum(len(s) for s in self.states)


def set_seed(seed: int, threads: int) -> None:
    """Make a fit repeatable on this machine."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 (libraries read the global state)
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(mode=True)
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def cache_lower(
    reader: Reader,
    examples: Sequence[Example],
    n_layers: int,
    on_example: Callable[[], None] = lambda: None,
) -> list[CachedExample]:
    """Run the frozen layers over every example once."""
    reader.eval()
    cached = []
    with torch.no_grad(), _half():
        for example in examples:
            batch = make_batch(example.windows, reader.marks)
            ids, mask = torch.from_numpy(batch.ids), torch.from_numpy(batch.mask)
            states = reader.run_lower(ids, mask, n_layers).bfloat16()
            rows = zip(states, example.windows, strict=True)
            cached.append(
                CachedExample(example, tuple(row[: w.n_tokens].clone() for row, w in rows))
            )
            on_example()
    return cached


def fit(
    reader: Reader,
    cached: Sequence[CachedExample],
    settings: Settings,
    on_step: OnStep | None = None,
) -> list[float]:
    """Train the upper layers and the heads; return the mean loss of each pass.

    The weights that stay are the mean over the last steps, which depends less on the order of
    the articles (Izmailov et al., "Averaging Weights Leads to Wider Optima", 2018).
    """
    order = random.Random(settings.seed)  # noqa: S311 (no secret)
    plan = [list(_batches(cached, settings.batch_tokens, order)) for _ in range(settings.passes)]
    n_steps = sum(len(batches) for batches in plan)
    optimizer = _optimizer(reader, settings)
    schedule = LambdaLR(optimizer, lambda step: _rate(step, n_steps, settings.warmup_share))
    average = AveragedModel(reader)
    first_averaged = round(n_steps * (1 - settings.averaged_share))
    reader.train()
    losses = []
    for batches in plan:
        total = 0.0
        for batch in batches:
            vectors = _read_batch(reader, batch, settings.frozen_layers)
            loss = label_loss(reader.heads(vectors), batch, settings)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            if schedule.last_epoch > first_averaged:
                average.update_parameters(reader)
            total += loss.item()
            if on_step:
                on_step(schedule.last_epoch, n_steps, loss.item())
        losses.append(total / len(batches))
    if average.n_averaged > 0:
        reader.load_state_dict(average.module.state_dict())
    reader.eval()
    return losses


def fit_heads(reader: Reader, cached: Sequence[CachedExample], settings: Settings) -> None:
    """Train the heads alone, on the base's own segment vectors.

    Fine-tuning from untrained heads drives all segments to one vector; from probed heads it
    does not (Kumar et al., "Fine-Tuning can Distort Pretrained Features", 2022).
    """
    vectors = {id(one): _segment_vectors(reader, one, settings.frozen_layers) for one in cached}
    optimizer = torch.optim.AdamW(reader.heads.parameters(), lr=settings.probe_learning_rate)
    order = random.Random(settings.seed)  # noqa: S311 (no secret)
    for _ in range(settings.probe_passes):
        for batch in _batches(cached, settings.batch_tokens, order):
            logits = reader.heads(torch.cat([vectors[id(one)] for one in batch]))
            loss = label_loss(logits, batch, settings)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def label_loss(logits: Tensor, batch: Sequence[CachedExample], settings: Settings) -> Tensor:
    """Loss of whole articles: themes by article, themes by sentence, salience.

    Args:
        logits: the batch's segment logits in order, shape (segments, themes + 1).
        batch: the articles they belong to.
        settings: weights.
    """
    examples = [one.example for one in batch]
    counts = [len(e.segment_themes) for e in examples]
    pooled = torch.stack([pool_article(part[:, :-1]) for part in torch.split(logits, counts)])
    by_article = _label_loss(pooled, _stack(e.article_themes[None] for e in examples), settings)
    by_sentence = _label_loss(
        logits[:, :-1], _stack(e.segment_themes for e in examples), settings, by_row=False
    )
    salience = _label_loss(logits[:, -1:], _stack(e.salience[:, None] for e in examples), settings)
    return by_article + settings.sentence_weight * by_sentence + settings.salience_weight * salience


def _segment_vectors(reader: Reader, one: CachedExample, n_layers: int) -> Tensor:
    reader.eval()
    with torch.no_grad():
        return _read_batch(reader, [one], n_layers)


def _read_batch(reader: Reader, batch: Sequence[CachedExample], n_layers: int) -> Tensor:
    """Run the upper layers over whole articles; return segment vectors in order."""
    windows = [w for one in batch for w in one.example.windows]
    inputs = make_batch(windows, reader.marks)
    states = nn.utils.rnn.pad_sequence([s for one in batch for s in one.states], batch_first=True)
    with _half():
        upper = reader.run_upper(states.float(), torch.from_numpy(inputs.mask), n_layers)
    return reader.pool(upper.float(), torch.from_numpy(inputs.pool))


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


def _half() -> torch.autocast:
    return torch.autocast("cpu", dtype=torch.bfloat16)


def _rate(step: int, n_steps: int, warmup_share: float) -> float:
    warmup = max(1, round(n_steps * warmup_share))
    if step < warmup:
        return (step + 1) / warmup
    return max(0.0, (n_steps - step) / max(1, n_steps - warmup))


def _optimizer(reader: Reader, settings: Settings) -> torch.optim.Optimizer:
    for parameter in reader.bert.embeddings.parameters():
        parameter.requires_grad = False
    for layer in reader.bert.encoder.layer[: settings.frozen_layers]:
        for parameter in layer.parameters():
            parameter.requires_grad = False
    body = [p for p in reader.bert.parameters() if p.requires_grad]
    return torch.optim.AdamW(
        [
            {"params": body, "lr": settings.learning_rate},
            {"params": list(reader.heads.parameters()), "lr": settings.head_learning_rate},
        ],
        weight_decay=settings.weight_decay,
    )


def _batches(
    cached: Sequence[CachedExample], batch_tokens: int, order: random.Random
) -> Iterator[list[CachedExample]]:
    """Shuffle, then fill batches with whole articles up to a number of tokens."""
    shuffled = list(cached)
    order.shuffle(shuffled)
    held: list[CachedExample] = []
    for one in shuffled:
        if held and sum(c.n_tokens for c in held) + one.n_tokens > batch_tokens:
            yield held
            held = []
        held.append(one)
    if held:
        yield held
