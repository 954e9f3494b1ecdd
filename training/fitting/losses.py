"""Losses of labels: themes by article, themes by sentence, salience."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from model.arrays import FloatArray
from training.encoder.trainable import pool_article
from training.fitting.examples import UNKNOWN, Example
from training.settings import Settings


def label_loss(logits: Tensor, examples: Sequence[Example], settings: Settings) -> Tensor:
    """Loss of whole articles: themes by article, themes by sentence, salience.

    Args:
        logits: the batch's segment logits in order, shape (segments, themes + 1).
        examples: the batch's articles.
        settings: weights of the parts.
    """
    counts = [len(e.segment_themes) for e in examples]
    pooled = torch.stack([pool_article(part[:, :-1]) for part in torch.split(logits, counts)])
    by_article = _label_loss(pooled, _stack(e.article_themes[None] for e in examples), settings)
    by_sentence = _label_loss(
        logits[:, :-1], _stack(e.segment_themes for e in examples), settings, by_row=False
    )
    salience = _label_loss(logits[:, -1:], _stack(e.salience[:, None] for e in examples), settings)
    return by_article + settings.sentence_weight * by_sentence + settings.salience_weight * salience


def _label_loss(
    logits: Tensor, target: Tensor, settings: Settings, *, by_row: bool = True
) -> Tensor:
    """Binary cross-entropy over known labels.

    With `by_row` the mean is over labels. Otherwise, for sentences, of which a few in a hundred
    carry a theme, the sum is divided mostly by the number of positives, so that a positive's
    gradient does not depend on the number of negatives in the batch.
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


def _stack(arrays: Iterator[FloatArray]) -> Tensor:
    return torch.from_numpy(np.concatenate(list(arrays)))
