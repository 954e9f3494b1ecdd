"""The learning curve: how themes on gold articles improve with the corpus and the pointers.

`python -m training.experiments.curve GOLD.jsonl [SETTINGS.toml]`

Trains on a quarter, a half, three quarters and all of the corpus, without and with the pointers,
calibrates each fit on what it holds out, and prints micro-F1 on the gold articles through the
float network. The frozen lower layers are computed once for all trainings. Trainings on fewer
articles take more passes, so that all have about the same number of steps; `Settings.passes` are
those of the largest. No training chooses among its passes.
"""

from __future__ import annotations

import copy
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from data.command import run_command
from data.corpus.loader import load_labelled
from data.corpus.split import split_held_out
from data.gold import read_gold, to_labelled
from data.labelled import CORPUS, LabelledArticle
from data.themes import ThemeEntry, read_themes
from training.encoder.pretrained import PACKED_BASE, load_base, prepare
from training.encoder.trainable import TrainableNetwork
from training.fitting.examples import Example, make_examples
from training.fitting.fine_tuning import fine_tune
from training.fitting.lower_layers import CachedExample, cache_lower, held_out_logits
from training.fitting.metrics import micro_average
from training.fitting.optimisation import set_seed
from training.packaging.calibrate import HeldOut, fit_settings, to_scores
from training.settings import Settings, read_settings

SHARES = (0.25, 0.5, 0.75, 1.0)
# Further passes over the same articles do not help.
MOST_PASSES = 6
_DRAW = 11


@dataclass(frozen=True)
class Point:
    """One training: share of the corpus, with or without pointers, micro-averages on gold."""

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
    """Shared by all trainings: articles with cached lower layers, of all parts."""

    themes: tuple[ThemeEntry, ...]
    settings: Settings
    cached: dict[str, CachedExample]
    held_out: Sequence[CachedExample]
    gold: Sequence[CachedExample]

    def to_held_out(self, network: TrainableNetwork) -> HeldOut:
        """Return the held-out articles, on which thresholds are chosen."""
        return self._read(network, self.held_out)

    def to_gold(self, network: TrainableNetwork) -> HeldOut:
        """Return the gold articles, on which each training is measured."""
        return self._read(network, self.gold)

    def _read(self, network: TrainableNetwork, part: Sequence[CachedExample]) -> HeldOut:
        labels = np.stack([one.example.article_themes for one in part])
        return HeldOut(held_out_logits(network, part, self.settings), labels)


def draw_curve(gold: Path, settings: Settings) -> None:
    """Run every training and print its point of the curve."""
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
        return make_examples(articles, keys, base.tokenizer, settings.window_tokens)

    cached, cached_held_out, cached_gold = (
        cache_lower(fresh, examples(part), settings.frozen_layers)
        for part in (train, held_out, [to_labelled(one) for one in golds])
    )
    pool = _Pool(
        themes,
        settings,
        {one.example.labelled.id: one for one in cached},
        cached_held_out,
        cached_gold,
    )
    later = count()
    for with_pointers in (False, True):
        for share in SHARES:
            chosen = _choose(train, share, with_pointers=with_pointers)
            network = copy.deepcopy(fresh)
            own = [pool.cached[a.id] for a in chosen]
            passes = min(MOST_PASSES, round(settings.passes * len(train) / len(chosen)))
            fine_tune(network, own, replace(settings, passes=passes), judge=lambda _: -next(later))
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
    accepted = to_scores(gold.logits, fitted) >= [theme.threshold for theme in fitted]
    return micro_average(accepted, gold)


def main(
    gold: Annotated[Path, typer.Argument(help="JSON Lines of gold articles.")],
    settings: Annotated[
        Path | None, typer.Argument(help="TOML file that overrides settings.")
    ] = None,
) -> None:
    """Train on growing shares of the corpus and print micro-F1 on gold articles."""
    draw_curve(gold, read_settings(settings))


if __name__ == "__main__":
    run_command(main)
