"""Distillation: a student of fewer layers learns from its teachers' logits and vectors."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import LambdaLR

from data.labelled import LabelledArticle
from model import Article
from model.encoder import Encoder
from model.windows import fill, make_batch, pack_windows
from training.encoder.trainable import TrainableNetwork, pool_article, to_tensors
from training.fitting.examples import UNKNOWN, Example, make_example
from training.fitting.losses import label_loss
from training.fitting.optimisation import half_precision, make_optimizer, rate_share
from training.settings import Settings

# Articles with a sentence whose logit of a theme is above this are in every pass; of the other
# articles, half as many are drawn.
NEAR_LOGIT = -4.0
# In each pass an article is packed anew, in windows of at least this many tokens: a sentence's
# logits must not depend on where its window is cut.
MIN_WINDOW_TOKENS = 64
# Logits of teachers are clipped to this range: beyond it they are as good as no or yes.
LOWEST, HIGHEST = -9.0, 6.0


@dataclass(frozen=True)
class Lesson:
    """An article with its teachers' outputs, and its labels if it has any.

    `logits` has shape (segments, themes + 1), the mean over the teachers; `vectors` (segments,
    hidden) are the first teacher's.
    """

    example: Example
    logits: Tensor
    vectors: Tensor

    @property
    def n_tokens(self) -> int:
        """Number of tokens of all windows."""
        return sum(w.n_tokens for w in self.example.windows)

    @property
    def is_near(self) -> bool:
        """Whether the article is labelled, or a sentence comes near to a theme."""
        is_labelled = bool((self.example.article_themes != UNKNOWN).any())
        return is_labelled or float(self.logits[:, :-1].max()) > NEAR_LOGIT


def ask_teachers(article: Article, teachers: Sequence[Encoder]) -> tuple[Tensor, Tensor]:
    """Return the teachers' mean logits and the first one's vectors, as `Lesson` has them."""
    encoded = [teacher.encode(article) for teacher in teachers]
    rows = [np.column_stack([r.theme_logits, r.salience]) for r in encoded]
    return torch.from_numpy(np.mean(rows, axis=0)), torch.from_numpy(encoded[0].vectors)


def make_lesson(
    article: LabelledArticle,
    themes: Sequence[str],
    tokenizer: Tokenizer,
    teachers: Sequence[Encoder],
    settings: Settings,
    *,
    is_labelled: bool,
) -> Lesson:
    """Make a lesson of an article; an unlabelled article has unknown targets.

    Raises:
        InputError: the text is too short.
    """
    example = make_example(article, themes, tokenizer, settings.window_tokens)
    if not is_labelled:
        unknown = (np.full_like(a, UNKNOWN) for a in (
            example.segment_themes, example.salience, example.article_themes
        ))  # fmt: skip
        segment_themes, salience, article_themes = unknown
        example = replace(
            example, segment_themes=segment_themes, salience=salience, article_themes=article_themes
        )
    return Lesson(example, *ask_teachers(Article.from_raw(article.text, id=article.id), teachers))


def make_student(start: TrainableNetwork, layers: Sequence[int]) -> TrainableNetwork:
    """Keep some layers of a network, in order, and freeze its word embeddings."""
    kept = [start.bert.encoder.layer[i] for i in layers]
    start.bert.encoder.layer = nn.ModuleList(kept)
    start.bert.config.num_hidden_layers = len(kept)
    start.bert.embeddings.requires_grad_(False)
    return start


def distil(
    student: TrainableNetwork,
    lessons: Sequence[Lesson],
    settings: Settings,
    on_step: Callable[[int, int, float], None] = lambda _step, _n, _loss: None,
) -> list[float]:
    """Train a student on lessons; return every step's loss.

    The student ends with the mean of its last weights, or the last weights with
    `averaged_share` 0.

    The loss joins the teachers' logits of segments and articles, the directions of the segments'
    vectors, and the labels (Hinton et al., "Distilling the Knowledge in a Neural Network", 2015;
    Jiao et al., "TinyBERT", 2020).
    """
    batches = list(_plan(lessons, settings))
    optimizer = make_optimizer(student, settings)
    schedule = LambdaLR(optimizer, lambda s: rate_share(s, len(batches), settings.warmup_share))
    trained = [p for p in student.parameters() if p.requires_grad]
    averaged = range(int(len(batches) * (1 - settings.averaged_share)), len(batches))
    sums = [torch.zeros_like(p) for p in trained]
    losses = []
    student.train()
    for step, batch in enumerate(batches):
        loss = _loss(student, batch, settings)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step in averaged:
            for total, weights in zip(sums, trained, strict=True):
                total.add_(weights.detach())
        on_step(len(losses), len(batches), losses[-1])
    if averaged:
        with torch.no_grad():
            for weights, total in zip(trained, sums, strict=True):
                weights.copy_(total / len(averaged))
    student.eval()
    return losses


def _plan(lessons: Sequence[Lesson], settings: Settings) -> Iterator[list[Lesson]]:
    """Fill batches pass by pass: all near lessons, and half as many of the others."""
    order = random.Random(settings.seed)  # noqa: S311 (no secret)
    near = [one for one in lessons if one.is_near]
    far = [one for one in lessons if not one.is_near]
    for _ in range(settings.passes):
        part = near + order.sample(far, min(len(far), len(near) // 2))
        order.shuffle(part)
        packed = (repack(lesson, order, settings) for lesson in part)
        yield from fill(packed, settings.batch_tokens)


def repack(lesson: Lesson, order: random.Random, settings: Settings) -> Lesson:
    """Pack a lesson's segments into windows of a random width."""
    segments = [s for window in lesson.example.windows for s in window.segments]
    width = order.randint(min(MIN_WINDOW_TOKENS, settings.window_tokens), settings.window_tokens)
    windows = tuple(pack_windows(segments, width))
    return replace(lesson, example=replace(lesson.example, windows=windows))


def _loss(student: TrainableNetwork, batch: Sequence[Lesson], settings: Settings) -> Tensor:
    examples = [one.example for one in batch]
    inputs = to_tensors(make_batch([w for e in examples for w in e.windows], student.marks))
    pool = inputs.pop("pool")
    with half_precision():
        states = student.run_lower(**inputs, n_layers=len(student.bert.encoder.layer))
    vectors = pool @ states.float()
    logits = student.heads(vectors)
    return teaching_loss(logits, vectors, batch) + label_loss(logits, examples, settings)


def teaching_loss(logits: Tensor, vectors: Tensor, batch: Sequence[Lesson]) -> Tensor:
    """Loss against the teachers: segments' logits, articles' scores, directions of vectors."""
    wanted = torch.cat([one.logits for one in batch])
    weight = 1 + 8 * torch.sigmoid(wanted + 1)  # of about thirty segments, one has a theme
    gap = functional.smooth_l1_loss(logits, wanted.clamp(LOWEST, HIGHEST), reduction="none")
    counts = [len(one.logits) for one in batch]
    pooled, wanted_pooled = (
        torch.stack([pool_article(part[:, :-1]) for part in torch.split(rows, counts)])
        for rows in (logits, wanted)
    )
    by_article = functional.binary_cross_entropy_with_logits(pooled, torch.sigmoid(wanted_pooled))
    known = torch.cat([one.vectors for one in batch])
    turned = 1 - functional.cosine_similarity(vectors, known, dim=1)
    return (weight * gap).mean() + 2 * by_article + 2 * turned.mean()
