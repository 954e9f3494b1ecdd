"""A review queue against random choice, simulated on our own corpus.

One theme is treated as unlabelled. A simulated person labels ten articles a round, chosen at random
or by the queue; after each round a head is fitted on all labelled articles and measured on other
articles. A shipped encoder was trained on these labels, which flatters both methods alike; an
encoder trained with `passes = 0` was not.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rich.console import Console
from sklearn.metrics import f1_score

from data.corpus.loader import load_labelled
from data.labels.review_queue import choose_for_review, to_topics
from data.themes import read_themes
from model import Article
from model.arrays import FloatArray
from model.encoder import Encoder
from model.manifest import ENCODER_NAME, Manifest
from training.encoder.trainable import START_BIAS
from training.fitting.examples import make_targets
from training.fitting.heads import Head, HeadData, fit_head
from training.fitting.vectors import VectorCache
from training.settings import Settings

CACHE = Path.home() / ".cache" / "yiwen" / "vectors"
N_FIRST, N_ROUND, N_ROUNDS = 10, 10, 24
SEEDS = range(5)
TEST_SHARE = 0.4


def try_queue(model: Path, console: Console) -> None:
    """Print F1 by number of labels for both methods, and the labels that each needs."""
    keys = [theme.key for theme in read_themes()]
    data, topics = _read(model, keys)
    curves: dict[str, list[FloatArray]] = {"random": [], "queue": []}
    for theme in range(len(keys)):
        for seed in SEEDS:
            for way, found in curves.items():
                found.append(_simulate(data, topics, theme, seed, way))
    means = {way: np.mean(found, axis=0) for way, found in curves.items()}
    for at in range(0, N_ROUNDS + 1, 2):
        shown = ", ".join(f"{way} {mean[at]:.3f}" for way, mean in means.items())
        console.print(f"{N_FIRST + at * N_ROUND} labels: F1 {shown}", highlight=False)
    for share in (0.5, 0.75, 1.0):
        at = round(share * N_ROUNDS)
        reached = np.flatnonzero(means["queue"] >= means["random"][at])
        needed = N_FIRST + int(reached[0]) * N_ROUND if len(reached) else None
        console.print(
            f"F1 {means['random'][at]:.3f}: random {N_FIRST + at * N_ROUND} labels, queue {needed}",
            highlight=False,
        )


def _read(model: Path, keys: list[str]) -> tuple[HeadData, FloatArray]:
    """Return articles as vectors, and their topics as in the page's review queue."""
    manifest = Manifest.load(model)
    encoder = Encoder.load(
        model, manifest.window_tokens, manifest.marks, threads=Settings().threads
    )
    cache = VectorCache(encoder, manifest, CACHE, model / ENCODER_NAME)
    encoded, targets, texts = [], [], []
    for labelled in load_labelled(read_themes()).articles:
        article = Article.from_raw(labelled.text)
        encoded.append(cache.encode(article))
        targets.append(make_targets(article, labelled, keys, encoded[-1].sentences))
        texts.append(article.text)
    return HeadData.join(encoded, targets), to_topics(texts)


def _simulate(data: HeadData, topics: FloatArray, theme: int, seed: int, way: str) -> FloatArray:
    """Return F1 on the test articles after each round, shape (rounds + 1,)."""
    random = np.random.default_rng(seed)
    known = np.flatnonzero(np.isin(data.article_themes[:, theme], (0, 1)))
    order = random.permutation(known)
    n_test = round(TEST_SHARE * len(order))
    test, pool = data.pick(order[:n_test]), data.pick(order[n_test:])
    topics = topics[order[n_test:]]
    positives = np.flatnonzero(pool.article_themes[:, theme] == 1)
    # A person who asks for a theme has one article of it.
    first = [int(random.choice(positives))]
    rest = random.permutation(pool.n_articles)
    chosen = [*first, *(int(i) for i in rest if i not in first)][:N_FIRST]
    found = []
    for _ in range(N_ROUNDS + 1):
        head = fit_head(
            pool.pick(chosen), theme, Head(np.zeros(pool.vectors.shape[1]), START_BIAS), Settings()
        ).head
        labels = test.article_themes[:, theme] == 1
        found.append(f1_score(labels, test.pool(head) > 0, zero_division=0.0))
        remaining = np.setdiff1d(np.arange(pool.n_articles), chosen)
        if way == "random":
            picked = random.choice(remaining, N_ROUND, replace=False)
        else:
            scores = 1 / (1 + np.exp(-pool.pool(head)[remaining]))
            picked = remaining[choose_for_review(scores[:, None], topics[remaining], N_ROUND)]
        chosen += [int(i) for i in picked]
    return np.array(found)
