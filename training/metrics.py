"""Metrics of a run: ranking, decisions and what 8 bits change, on held-out articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_fscore_support

from data.labelled import LabelledArticle
from model.manifest import ThemeSetting
from training.calibrate import FloatArray, HeldOut, measure_review, to_scores
from training.settings import Settings


def measure(
    themes: Sequence[ThemeSetting], held_out: HeldOut, settings: Settings
) -> dict[str, Any]:
    """Return what a manifest tells of ranking, decisions and review."""
    return {
        "average_precision": average_precision([theme.key for theme in themes], held_out),
        "decisions": decisions(themes, held_out),
        "review": measure_review(themes, held_out, settings),
    }


def average_precision(themes: Sequence[str], held_out: HeldOut) -> dict[str, float | None]:
    """Ranking quality by theme, borderline labels apart; None where no article holds it."""
    found: dict[str, float | None] = {}
    for i, theme in enumerate(themes):
        known = held_out.known[:, i]
        labels, logits = held_out.labels[known, i], held_out.logits[known, i]
        found[theme] = float(average_precision_score(labels, logits)) if labels.any() else None
    return found


def decisions(themes: Sequence[ThemeSetting], held_out: HeldOut) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and number of articles that hold each theme."""
    accepted = to_scores(held_out.logits, themes) >= [s.threshold for s in themes]
    found = {}
    for i, theme in enumerate(themes):
        known = held_out.known[:, i]
        labels = held_out.labels[known, i] == 1
        precision, recall, f1, _ = precision_recall_fscore_support(
            labels, accepted[known, i], average="binary", zero_division=0.0
        )
        found[theme.key] = {
            "precision": float(precision),
            "recall": float(recall),
            "f1": float(f1),
            "articles": int(labels.sum()),
        }
    return found


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
    """Count articles, by source and by theme."""
    return {
        "articles": len(articles),
        "sources": dict(sorted(Counter(a.source for a in articles).items())),
        "themes": dict(sorted(Counter(t for a in articles for t in a.themes).items())),
        "without_theme": sum(not a.themes for a in articles),
    }
