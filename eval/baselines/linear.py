"""Linear models on fixed features: one logistic regression a theme, thresholds out of fold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from model.arrays import BoolArray, FloatArray

N_FOLDS = 5
_SEED = 0


def tfidf_features(train: Sequence[str], test: Sequence[str]) -> tuple[Any, Any]:
    """Return sparse TF-IDF features of character 1- to 3-grams, fitted on `train`."""
    vectorizer = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), min_df=3, max_features=200_000, sublinear_tf=True
    )
    return vectorizer.fit_transform(train), vectorizer.transform(test)


def fit_and_score(
    train: Any, labels: npt.NDArray[np.int8], test: Any
) -> tuple[FloatArray, BoolArray]:
    """Fit on the articles whose label is known, and score the test articles.

    Args:
        train: features (n, k).
        labels: 1, 0 or -1 for borderline (n,).
        test: features (m, k).

    Returns:
        Probabilities (m,), and whether the theme is predicted (m,), by the threshold of highest F1
        on the training articles out of fold.
    """
    known = labels >= 0
    features, expected = train[known], labels[known]
    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)
    folds = StratifiedKFold(N_FOLDS, shuffle=True, random_state=_SEED)
    inner = cross_val_predict(model, features, expected, cv=folds, method="predict_proba")[:, 1]
    scores: FloatArray = model.fit(features, expected).predict_proba(test)[:, 1]
    return scores, scores >= best_threshold(expected, inner)


def best_threshold(expected: npt.NDArray[np.int8], scores: FloatArray) -> float:
    """Return the threshold of highest F1."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(expected[order])
    f1 = 2 * hits / (np.arange(1, len(expected) + 1) + expected.sum())
    return float(scores[order][f1.argmax()])
