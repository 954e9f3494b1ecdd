"""The review queue: which articles of an archive teach a model most when a person labels them.

Uncertainty with diversity: articles on which a theme is undecided, one of each kind. Of the
likeliest to be undecided, those are taken that lie farthest from each other and from what was
taken before (as in Ash et al., "Deep Batch Active Learning by Diverse, Uncertain Gradient Lower
Bounds", 2020, with distances between articles weighed by uncertainty).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.arrays import FloatArray

# Texts are told apart by this many directions, and by the beginning of each.
N_TOPICS = 64
_MAX_FEATURES = 20_000
_READ_CHARS = 2_000


def choose_for_review(scores: FloatArray, vectors: FloatArray, n: int) -> list[int]:
    """Return the articles to label first, the most telling first.

    Args:
        scores: calibrated probabilities, shape (articles, themes).
        vectors: any vectors by which like articles lie near each other, shape (articles, hidden).
        n: how many to choose, at most.
    """
    if len(scores) == 0 or n <= 0:
        return []
    doubt = uncertainty(scores)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.maximum(lengths, 1e-9)
    chosen = [int(doubt.argmax())]
    distance = 1 - unit @ unit[chosen[0]]
    while len(chosen) < min(n, len(scores)):
        gain = doubt * np.maximum(distance, 0)
        gain[chosen] = -1
        chosen.append(int(gain.argmax()))
        distance = np.minimum(distance, 1 - unit @ unit[chosen[-1]])
    return chosen


def to_topics(texts: Sequence[str]) -> FloatArray:
    """Return vectors by which texts on like things lie near each other, shape (texts, topics).

    Latent semantic analysis of characters and their pairs (Deerwester et al., 1990); it takes no
    model.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    pairs = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 2), sublinear_tf=True, max_features=_MAX_FEATURES
    )
    counts = pairs.fit_transform([text[:_READ_CHARS] for text in texts])
    n_topics = min(N_TOPICS, min(counts.shape) - 1)
    if n_topics < 1:
        return np.ones((len(texts), 1))
    with np.errstate(invalid="ignore"):  # texts that are all the same have no variance
        topics: FloatArray = TruncatedSVD(n_topics, random_state=0).fit_transform(counts)
    return topics


def uncertainty(scores: FloatArray) -> FloatArray:
    """Return how undecided each article's most undecided theme is, 0 to 1, shape (articles,)."""
    undecided: FloatArray = (1 - 2 * np.abs(np.asarray(scores, np.float64) - 0.5)).max(axis=1)
    return undecided
