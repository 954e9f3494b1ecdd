"""The learning curve: how themes on gold articles improve with the corpus and the pointers.

usage: python -m training.experiments.curve GOLD.jsonl [SETTINGS.toml]

Trains on a quarter, a half, three quarters and all of the corpus, without and with the pointers,
calibrates each fit on what it holds out, and prints micro-F1 on the gold articles through the
float network. The frozen lower layers are computed once for all fits. Fits on fewer articles read
them more often, so that all take about as many steps, `Settings.passes` being those of the largest;
none chooses among its passes.
"""

from __future__ import annotations

import copy
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np

from data.corpus.loader import load_labelled
from data.corpus.split import split_held_out
from data.gold import read_gold, to_labelled
from data.labelled import CORPUS, LabelledArticle
from data.themes import ThemeEntry, read_themes
from training.encoder.pretrained import PACKED_BASE, load_base, prepare
from training.encoder.trainable import TrainableNetwork
from training.fitting.examples import Example, make_example
from training.fitting.fine_tuning import CachedExample, cache_lower, fit, held_out_logits, set_seed
from training.fitting.metrics import micro_average
from training.packaging.calibrate import HeldOut, fit_settings, to_scores
from training.settings import Settings, read_settings

SHARES = (0.25, 0.5, 0.75, 1.0)
# Beyond these, an article that is read again teaches nothing more.
MOST_PASSES = 6
_DRAW = 11


@dataclass(frozen=True)
class Point:
    """One fit: the share of the corpus, whether with pointers, and micro-averages on gold."""

    share: float
    with_pointers: bool
    n_articles: int
    precision: float
    recall: float
    f1: float

    def __str__(self) -> str:
        pointers = "with" if self.with_pointers else "without"
        return (
            f"{self.share:4.0%} of the corpus, {pointers} pointers: {self.n_articles} articles, "
            f"micro-F1 {self.f1:.3f} (P {self.precision:.3f}, R {self.recall:.3f})"
        )


@dataclass(frozen=True)
class _Pool:
    """All that fits share: the articles with cached lower layers, and what they are judged on."""

    themes: tuple[ThemeEntry, ...]
    settings: Settings
    cached: dict[str, CachedExample]
    held_out: Sequence[CachedExample]
    gold: Sequence[CachedExample]

    def to_held_out(self, network: TrainableNetwork) -> HeldOut:
        """Return what thresholds are chosen on."""
        return self._read(network, self.held_out)

    def to_gold(self, network: TrainableNetwork) -> HeldOut:
        """Return what each fit is measured on."""
        return self._read(network, self.gold)

    def _read(self, network: TrainableNetwork, part: Sequence[CachedExample]) -> HeldOut:
        labels = np.stack([one.example.article_themes for one in part])
        return HeldOut(held_out_logits(network, part, self.settings), labels)


def draw_curve(gold: Path, settings: Settings) -> None:
    """Run every fit and print its point."""
    set_seed(settings.seed, settings.threads)
    themes = read_themes()
    keys = [theme.key for theme in themes]
    golds = read_gold(gold, frozenset(keys))
    train, held_out = split_held_out(
        load_labelled(themes).articles, settings.held_out, settings.seed
    )
    with tempfile.TemporaryDirectory() as scratch:
        base = load_base(PACKED_BASE, Path(scratch))
    fresh = TrainableNetwork(prepare(base, settings), len(themes), base.marks)

    def examples(articles: Sequence[LabelledArticle]) -> list[Example]:
        return [make_example(a, keys, base.tokenizer, settings.window_tokens) for a in articles]

    cached, held, cached_gold = (
        cache_lower(fresh, examples(part), settings.frozen_layers)
        for part in (train, held_out, [to_labelled(one) for one in golds])
    )
    pool = _Pool(
        themes,
        settings,
        {one.example.labelled.id: one for one in cached},
        held,
        cached_gold,
    )
    later = count()
    for with_pointers in (False, True):
        for share in SHARES:
            chosen = _choose(train, share, with_pointers=with_pointers)
            network = copy.deepcopy(fresh)
            own = [pool.cached[a.id] for a in chosen]
            passes = min(MOST_PASSES, round(settings.passes * len(train) / len(chosen)))
            fit(network, own, replace(settings, passes=passes), judge=lambda _: -next(later))
            scores = _score(network, pool)
            print(Point(share, with_pointers, len(chosen), *scores), flush=True)


def _choose(
    train: Sequence[LabelledArticle], share: float, *, with_pointers: bool
) -> list[LabelledArticle]:
    corpus = [a for a in train if a.source == CORPUS]
    random.Random(_DRAW).shuffle(corpus)  # noqa: S311 (no secret)
    others = [a for a in train if a.source != CORPUS] if with_pointers else []
    return [*corpus[: round(share * len(corpus))], *others]


def _score(network: TrainableNetwork, pool: _Pool) -> tuple[float, float, float]:
    """Return precision, recall and F1 over all labels of the gold articles."""
    fitted = fit_settings(pool.themes, pool.to_held_out(network), pool.settings)
    gold = pool.to_gold(network)
    said = to_scores(gold.logits, fitted) >= [theme.threshold for theme in fitted]
    return micro_average(said, gold)


if __name__ == "__main__":
    draw_curve(Path(sys.argv[1]), read_settings(Path(sys.argv[2]) if sys.argv[2:] else None))
