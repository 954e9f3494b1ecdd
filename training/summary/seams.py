"""Fitting the seams: lines without a stop are glued to the sentences that follow them.

Texts that have their line breaks show where headlines, headings and captions end; the same texts
without the breaks are what the finder learns from.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from model.sentences import split_sentences
from model.summary.seams import (
    MAX_HEAD_CHARS,
    MIN_HEAD_CHARS,
    SeamFinder,
    describe,
    describe_whole,
    list_places,
)

_ENDED = re.compile(r"[。！？!?…][”’」』）)》】\"]*$")
_HAN = re.compile(r"[\u4e00-\u9fff]")
# Lines around an article that no collection glues to its sentences.
_AROUND = re.compile(r"[：:]$|责任?编辑|记者|来源|日期|首页|登录|版权|上一篇|下一篇")
_LINE_CHARS = range(4, 46)
_HAN_SHARE = 0.6
_MIN_SENTENCE_CHARS = 20
_MIN_LINES, _MAX_CHARS = 4, 8_000
_WHOLE_SHARE, _LATER_SHARE = 0.35, 0.12  # of sentences to which nothing is glued
_BARE_SHARE = 0.7  # of first sentences that are shown without what stands above them, too
_MIN_SEEN, _MIN_OFFERED = 4, 12
_N_OFFERED = 3
_BATCH, _RATE, _STRENGTH = 64, 0.05, 2e-4
N_EPOCHS = 12


@dataclass(frozen=True)
class SeamExample:
    """A sentence; the first `n_glued` characters are those of the lines before it."""

    sentence: str
    n_glued: int
    text: str
    is_first: bool


def glue_lines(text: str, drawn: random.Random) -> Iterator[SeamExample]:
    """Yield the sentences of a text as they would read without its line breaks.

    Those to which nothing is glued are a sample.
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) < _MIN_LINES or len(text) > _MAX_CHARS:
        return
    joined, is_first = "".join(lines), True
    head: str | None = ""
    for line in lines:
        if not _ENDED.search(line):
            head = head + line if head is not None and _may_head(line) else None
            continue
        first, *others = [span.of(line) for span in split_sentences(line)]
        if head == "" and drawn.random() < _WHOLE_SHARE:
            yield SeamExample(first, 0, joined, is_first)
        elif head and MIN_HEAD_CHARS <= len(head) <= MAX_HEAD_CHARS:
            yield SeamExample(head + first, len(head), joined, is_first)
            if is_first and drawn.random() < _BARE_SHARE:
                yield SeamExample(first, 0, joined, is_first)
        later = (s for s in others if drawn.random() < _LATER_SHARE)
        yield from (SeamExample(s, 0, joined, is_first=False) for s in later)
        head, is_first = "", False


def _may_head(line: str) -> bool:
    is_han = len(_HAN.findall(line)) > _HAN_SHARE * len(line)
    return len(line) in _LINE_CHARS and is_han and not _AROUND.search(line)


class SeamTable:
    """Examples as numbers: a row a place, with the features that it has."""

    def __init__(self, examples: Iterable[SeamExample], drawn: random.Random) -> None:
        self._described: list[tuple[int, list[list[str]]]] = []
        seen: Counter[str] = Counter()
        offered: Counter[str] = Counter()
        for example in examples:
            if len(example.sentence) < _MIN_SENTENCE_CHARS:
                continue
            places = list(list_places(example.sentence))
            if example.n_glued and example.n_glued not in places:
                continue
            right = places.index(example.n_glued) + 1 if example.n_glued else 0
            rows = list(_describe(example, places))
            seen.update(rows[right])
            others = drawn.sample(rows, min(_N_OFFERED, len(rows)))
            offered.update(name for row in others for name in row)
            self._described.append((right, rows))
        names = sorted(
            name
            for name in seen | offered
            if seen[name] >= _MIN_SEEN or offered[name] >= _MIN_OFFERED
        )
        self.numbers = {name: number for number, name in enumerate(names, 1)}

    def __len__(self) -> int:
        return len(self._described)

    def batch(self, chosen: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return features (examples, places, features), 0 for none, and the right places."""
        some = [self._described[i] for i in chosen]
        n_places = max(len(rows) for _, rows in some)
        n_names = max(len(row) for _, rows in some for row in rows)
        table = np.zeros((len(some), n_places, n_names), np.int64)
        for i, (_, rows) in enumerate(some):
            for j, row in enumerate(rows):
                own = [self.numbers[name] for name in row if name in self.numbers]
                table[i, j, : len(own)] = own
        return torch.from_numpy(table), torch.tensor([right for right, _ in some])


def _describe(example: SeamExample, places: Sequence[int]) -> Iterator[list[str]]:
    first = example.is_first
    yield list(describe_whole(example.sentence, is_first=first))
    yield from describe(example.sentence, places, example.text, is_first=first)


def fit_seams(examples: Sequence[SeamExample], seed: int = 0) -> SeamFinder:
    """Fit the weights: of all places of a sentence, and none, the right one is the likeliest."""
    drawn = random.Random(seed)  # noqa: S311 # no secret
    table = SeamTable(examples, drawn)
    weights = torch.zeros(len(table.numbers) + 1, requires_grad=True)
    optimizer = torch.optim.Adam([weights], lr=_RATE)
    n_steps = N_EPOCHS * (len(table) // _BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: max(1 - n / n_steps, 0.02))
    for _ in range(N_EPOCHS):
        order = drawn.sample(range(len(table)), len(table))
        for start in range(0, len(order) - _BATCH + 1, _BATCH):
            names, right = table.batch(order[start : start + _BATCH])
            has_place = (names > 0).any(dim=-1)
            scores = (weights[names] * (names > 0)).sum(-1)
            scores = scores.masked_fill(~has_place, -1e4)
            loss = torch.nn.functional.cross_entropy(scores, right)
            loss = loss + _STRENGTH * (weights**2).sum() / _BATCH
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    fitted = weights.detach().numpy()
    return SeamFinder({name: float(fitted[number]) for name, number in table.numbers.items()})
