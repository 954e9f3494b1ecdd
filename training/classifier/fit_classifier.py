"""A plain `transformers` classifier, distilled from the full model.

The full model pools sentences; `BertForSequenceClassification` uses the first token alone. It
starts from the model's own encoder, and its upper layers learn, from the full model's scores of
texts of one window, to gather the sentences' content in the first token (Hinton et al., "Distilling
the Knowledge in a Neural Network", 2015).
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.lr_scheduler import LambdaLR
from transformers import BertForSequenceClassification, PreTrainedTokenizerFast

from model import Analyzer, Article, Span
from model.arrays import FloatArray
from model.manifest import Manifest
from model.theme_scoring import pool_logits
from model.windows import N_MARKS, SpecialTokens, Window, cut_segments, pack_windows
from training.encoder.trainable import TrainableNetwork
from training.fitting.optimisation import half_precision, rate_share
from training.packaging.calibrate import to_scores

TRAINED_LAYERS = 4
PASSES = 3
BATCH_TEXTS = 32
LEARNING_RATE, HEAD_LEARNING_RATE = 1e-4, 1e-3
WARMUP_SHARE = 0.1
# Texts with a theme score from here on are in every pass; as many of the others are drawn.
NEAR_SCORE = 0.05
POOLER_SCALE = 0.1  # keeps tanh in its nearly linear range
_START_LOGIT = -3.0


@dataclass(frozen=True)
class ScoredText:
    """A text of one window: token ids without special tokens, and the full model's scores."""

    text: str
    ids: tuple[int, ...]
    scores: FloatArray


def score_texts(
    analyzer: Analyzer, articles: Iterable[Article], tokenizer: Tokenizer
) -> Iterator[ScoredText]:
    """Score articles with the full model and cut them into texts of one window.

    Ids are tokens of the whole text, as the exported tokenizer makes them, not of its sentences
    joined: a line break is a token, and `。“` may be one. Windows with a part of a sentence, and
    windows without room for these ids, are left out.
    """
    manifest = analyzer.manifest
    for article in articles:
        logits = analyzer.encode(article).theme_logits
        at = 0
        for window, text in _cut(article, tokenizer, manifest.window_tokens):
            own = logits[at : at + len(window.segments)]
            at += len(window.segments)
            ids = tuple(tokenizer.encode(text, add_special_tokens=False).ids)
            if text and len(ids) <= manifest.window_tokens - N_MARKS:
                scores = to_scores(pool_logits(own)[None], manifest.themes)[0]
                yield ScoredText(text, ids, scores)


def _cut(article: Article, tokenizer: Tokenizer, room: int) -> Iterator[tuple[Window, str]]:
    """Cut an article into windows and their texts; "" for a window with a part of a sentence."""
    segments = cut_segments(article, tokenizer, room)
    n_parts = Counter(segment.sentence for segment in segments)
    for window in pack_windows(segments, room):
        numbers = [segment.sentence for segment in window.segments]
        span = Span(article.sentences[numbers[0]].start, article.sentences[numbers[-1]].end)
        is_whole = all(n_parts[number] == 1 for number in numbers)
        yield window, span.of(article.text) if is_whole else ""


def make_classifier(network: TrainableNetwork, manifest: Manifest) -> BertForSequenceClassification:
    """Return an untrained classifier on the network's encoder."""
    config = copy.deepcopy(network.bert.config)
    config.num_labels = len(manifest.themes)
    config.id2label = {i: theme.key for i, theme in enumerate(manifest.themes)}
    config.label2id = {theme.key: i for i, theme in enumerate(manifest.themes)}
    config.problem_type = "multi_label_classification"
    config.yiwen_thresholds = {theme.key: theme.threshold for theme in manifest.themes}
    classifier: BertForSequenceClassification = BertForSequenceClassification(config)
    classifier.bert.load_state_dict(network.bert.state_dict(), strict=False)  # all but the pooler
    pooler: Any = classifier.bert.pooler
    with torch.no_grad():
        pooler.dense.weight.copy_(POOLER_SCALE * torch.eye(config.hidden_size))
        nn.init.zeros_(pooler.dense.bias)
        nn.init.constant_(classifier.classifier.bias, _START_LOGIT)
    classifier.eval()
    return classifier


def fit_classifier(
    classifier: BertForSequenceClassification,
    texts: Sequence[ScoredText],
    marks: SpecialTokens,
    seed: int,
    on_step: Callable[[int, int], None] = lambda _step, _n: None,
) -> None:
    """Train the upper layers, pooler and classifier on the full model's scores."""
    layers: Any = classifier.bert.encoder.layer
    top = list(layers)[-TRAINED_LAYERS:]
    pooler: Any = classifier.bert.pooler
    heads = [pooler, classifier.classifier]
    classifier.requires_grad_(False)
    for module in (*top, *heads):
        module.requires_grad_(True)
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for layer in top for p in layer.parameters()], "lr": LEARNING_RATE},
            {"params": [p for head in heads for p in head.parameters()], "lr": HEAD_LEARNING_RATE},
        ]
    )
    batches = list(_plan(texts, seed))
    schedule = LambdaLR(optimizer, lambda step: rate_share(step, len(batches), WARMUP_SHARE))
    classifier.train()
    for step, batch in enumerate(batches, 1):
        wanted = torch.from_numpy(np.stack([one.scores for one in batch])).float()
        with half_precision():
            logits = classifier(**_to_inputs(batch, marks)).logits
        loss = functional.binary_cross_entropy_with_logits(logits.float(), wanted)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(classifier.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        on_step(step, len(batches))
    classifier.eval()


def _plan(texts: Sequence[ScoredText], seed: int) -> Iterator[list[ScoredText]]:
    """Fill batches pass by pass, with texts of similar lengths together."""
    order = random.Random(seed)  # noqa: S311 (no secret)
    near = [one for one in texts if one.scores.max() >= NEAR_SCORE]
    far = [one for one in texts if one.scores.max() < NEAR_SCORE]
    for _ in range(PASSES):
        part = near + order.sample(far, min(len(far), max(len(near), BATCH_TEXTS)))
        part.sort(key=lambda one: len(one.ids) + order.random() * BATCH_TEXTS)
        batches = [part[i : i + BATCH_TEXTS] for i in range(0, len(part), BATCH_TEXTS)]
        order.shuffle(batches)
        yield from batches


def _to_inputs(texts: Sequence[ScoredText], marks: SpecialTokens) -> dict[str, Tensor]:
    ids = [torch.tensor([marks.start, *one.ids, marks.end]) for one in texts]
    ones = [torch.ones_like(row) for row in ids]
    pad = nn.utils.rnn.pad_sequence
    return {
        "input_ids": pad(ids, batch_first=True, padding_value=marks.pad),
        "attention_mask": pad(ones, batch_first=True),
    }


def wrap_tokenizer(
    tokenizer: Tokenizer, marks: SpecialTokens, window_tokens: int
) -> PreTrainedTokenizerFast:
    """Return the tokenizer in the form of `transformers`; it adds special tokens itself."""
    names = {
        key: tokenizer.id_to_token(number)
        for key, number in (
            ("cls_token", marks.start), ("pad_token", marks.pad), ("sep_token", marks.end)
        )
    }  # fmt: skip
    start, end = names["cls_token"], names["sep_token"]
    own = Tokenizer.from_str(tokenizer.to_str())
    own.post_processor = TemplateProcessing(
        single=f"{start} $A {end}",
        pair=f"{start} $A {end} $B:1 {end}:1",
        special_tokens=[(start, marks.start), (end, marks.end)],
    )
    return PreTrainedTokenizerFast(tokenizer_object=own, model_max_length=window_tokens, **names)
