"""Metrics of a training: ranking, decisions and changes by quantisation, on held-out articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from data.labelled import LabelledArticle
from data.themes import ThemeEntry
from model.arrays import BoolArray, FloatArray
from model.manifest import ThemeSetting
from training.packaging.calibrate import HeldOut, fit_settings, in_review, measure_review, to_scores
from training.settings import Settings

_DRAWS = 10


def measure_quality(
    themes: Sequence[ThemeSetting], held_out: HeldOut, settings: Settings
) -> dict[str, Any]:
    """Return a manifest's metrics of ranking, decisions and review."""
    return {
        "average_precision": rank_precision([theme.key for theme in themes], held_out),
        "decisions": decisions(themes, held_out),
        "review": measure_review(themes, held_out, settings),
    }


def rank_precision(themes: Sequence[str], held_out: HeldOut) -> dict[str, float | None]:
    """Average precision by theme, without borderline labels; None without positives."""
    found: dict[str, float | None] = {}
    for i, theme in enumerate(themes):
        known = held_out.known[:, i]
        labels, logits = held_out.labels[known, i], held_out.logits[known, i]
        found[theme] = float(average_precision_score(labels, logits)) if labels.any() else None
    return found


def decisions(themes: Sequence[ThemeSetting], held_out: HeldOut) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and number of positives of each theme."""
    accepted = to_scores(held_out.logits, themes) >= [s.threshold for s in themes]
    found = {}
    for i, theme in enumerate(themes):
        known = held_out.known[:, i]
        labels = held_out.labels[known, i] == 1
        precision, recall, f1 = _score(labels, accepted[known, i])
        found[theme.key] = {
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "articles": int(labels.sum()),
        }
    return found


def measure_out_of_fold(
    themes: Sequence[ThemeEntry], found: HeldOut, settings: Settings, first: int
) -> dict[str, float]:
    """Measure thresholds and review bands on articles that they were not chosen on.

    The articles from `first` on are dealt into folds at random; each fold is decided with
    thresholds chosen on all other articles. Values are means over several draws of the folds.
    """
    tested = np.arange(first, len(found.labels))
    draws = []
    for seed in range(_DRAWS):
        order = np.random.default_rng(seed).permutation(tested)
        accepted, review = (np.zeros(found.labels.shape, dtype=bool) for _ in range(2))
        for n in range(settings.folds):
            fold = order[n :: settings.folds]
            rest = np.setdiff1d(np.arange(len(found.labels)), fold)
            fitted = fit_settings(themes, HeldOut(found.logits[rest], found.labels[rest]), settings)
            scores = to_scores(found.logits[fold], fitted)
            accepted[fold] = scores >= [theme.threshold for theme in fitted]
            review[fold] = in_review(scores, fitted)
        part = HeldOut(found.logits[tested], found.labels[tested])
        decided, unsure = accepted[tested], review[tested]
        outside = micro_average(decided & ~unsure, part)[0]
        share = unsure.any(axis=1).mean()
        draws.append([*micro_average(decided, part), false_alarms(decided, part), share, outside])
    means = np.mean(draws, axis=0)
    names = ("precision", "recall", "f1", "false_alarms", "in_review", "precision_outside")
    return {name: round(float(mean), 4) for name, mean in zip(names, means, strict=True)}


def micro_average(accepted: BoolArray, found: HeldOut) -> tuple[float, float, float]:
    """Return precision, recall and F1 over all known labels."""
    known = found.known
    return _score(found.labels[known] == 1, accepted[known])


def _score(labels: BoolArray, accepted: BoolArray) -> tuple[float, float, float]:
    """Return precision, recall and F1; zeros without labels."""
    if not labels.size:
        return 0.0, 0.0, 0.0
    precision, recall, f1, _ = precision_recall_fscore_support(
        labels, accepted, average="binary", zero_division=0.0
    )
    return float(precision), float(recall), float(f1)


def false_alarms(accepted: BoolArray, found: HeldOut) -> float:
    """Return the share of articles with an accepted theme among those that surely have none."""
    empty = (found.labels == 0).all(axis=1)
    return float(accepted[empty].any(axis=1).mean()) if empty.any() else 0.0


def score_changes(
    logits: Mapping[str, FloatArray], themes: Sequence[ThemeSetting]
) -> dict[str, dict[str, float]]:
    """Largest and mean change of calibrated article scores by export and by quantization."""
    scores = {form: to_scores(rows, themes) for form, rows in logits.items()}
    steps = {"export": ("trained", "exported"), "quantization": ("exported", "quantized")}
    gaps = {step: np.abs(scores[a] - scores[b]) for step, (a, b) in steps.items()}
    return {
        step: {"largest": float(gap.max()), "mean": float(gap.mean())} for step, gap in gaps.items()
    }


def count_articles(articles: Sequence[LabelledArticle]) -> dict[str, Any]:
    """Count articles, in all and by source and theme."""
    return {
        "articles": len(articles),
        "sources": dict(sorted(Counter(a.source for a in articles).items())),
        "themes": dict(sorted(Counter(t for a in articles for t in a.themes).items())),
        "without_theme": sum(not a.themes for a in articles),
    }


def describe_data(
    train: Sequence[LabelledArticle], held_out: Sequence[LabelledArticle], digest: str
) -> dict[str, Any]:
    """Return a manifest's entry on its data: counts of both parts, and the data's digest."""
    return {
        "train": count_articles(train),
        "held_out": count_articles(held_out),
        "sha256": digest,
    }
