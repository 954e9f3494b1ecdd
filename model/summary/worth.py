"""Worth: what sentences repeat of each other, and which stand out to the encoder."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, pairwise

import numpy as np

from model.arrays import FloatArray
from model.article import Article
from model.encoder import EncodedArticle

# Share of common pairs of characters from which a sentence repeats another.
_LIKE = 0.25


def standardise_salience(article: Article, encoded: EncodedArticle) -> FloatArray:
    """Return each sentence's salience in standard deviations from the article's mean.

    A sentence cut into segments takes its highest.
    """
    salience = np.full(len(article.sentences), -np.inf, dtype=np.float32)
    np.maximum.at(salience, list(encoded.sentences), encoded.salience)
    known = np.isfinite(salience)
    salience[~known] = salience[known].min()
    standing: FloatArray = (salience - salience.mean()) / max(float(salience.std()), 0.5)
    return standing


def find_repeated(words: Mapping[int, str]) -> dict[int, dict[int, float]]:
    """Return, for the words of each sentence, the share that others say too, by their numbers."""
    pairs = {row: _pairs(own) for row, own in words.items()}
    repeated: dict[int, dict[int, float]] = {row: {} for row in pairs}
    for one, other in combinations(pairs, 2):
        n_common = len(pairs[one] & pairs[other])
        share = n_common / max(min(len(pairs[one]), len(pairs[other])), 1)
        if share > _LIKE:
            scaled = (share - _LIKE) / (1 - _LIKE)
            repeated[one][other] = repeated[other][one] = scaled
    return repeated


def _pairs(words: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(words)))
