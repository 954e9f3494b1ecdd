"""Likely label errors: labels that contradict out-of-fold scores.

Each article is scored by heads fitted on the other articles. A label is suspect if its article's
score is as far on the other side as the mean score of articles with the opposite label (Northcutt
et al., "Confident Learning", 2021). The paper's library has a licence that is not compatible with
Yiwen's, so the rule is implemented here.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.labelled import LabelledArticle
from data.labels.user import NONE, SURE, Disagreement
from model.arrays import FloatArray

_OPENING_CHARS = 60
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
SUSPECT, DISAGREEING = "疑似标错", "同文不同标"
_HEADER = ("问题", "主题", "文章", "标注", "模型给出的概率", "开头")


@dataclass(frozen=True)
class Suspect:
    """A label that is likely wrong; `score` is the out-of-fold probability of the theme."""

    article: LabelledArticle
    theme: str
    label: str
    score: float


def find_suspects(labels: FloatArray, scores: FloatArray) -> list[int]:
    """Return the articles whose label of one theme is likely wrong, the likeliest first.

    Args:
        labels: 1 with the theme, 0 without, any other value for unknown; shape (articles,).
        scores: out-of-fold probabilities of the theme, same shape.
    """
    positive, negative = labels == 1, labels == 0
    if not positive.any() or not negative.any():
        return []
    positive_mean, negative_mean = scores[positive].mean(), scores[negative].mean()
    wrong = (positive & (scores <= negative_mean)) | (negative & (scores >= positive_mean))
    doubt = np.abs(labels - scores)
    return sorted(np.flatnonzero(wrong).tolist(), key=lambda i: -doubt[i])


def write_review(
    path: Path,
    suspects: Sequence[Suspect],
    disagreements: Sequence[Disagreement],
    names: dict[str, str],
) -> None:
    """Write the labels that a person should check, as CSV for Excel."""
    rows = [
        (DISAGREEING, names[d.theme], "；".join(i for i, _ in d.answers),
         "；".join(label for _, label in d.answers), "", _opening(d.text))
        for d in disagreements
    ]  # fmt: skip
    rows += [
        (SUSPECT, names[s.theme], s.article.id, s.label, f"{s.score:.2f}",
         _opening(s.article.text))
        for s in suspects
    ]  # fmt: skip
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_HEADER)
        writer.writerows([[_escape(cell) for cell in row] for row in rows])


def to_suspects(
    articles: Sequence[LabelledArticle], theme: str, labels: FloatArray, scores: FloatArray
) -> list[Suspect]:
    """Find suspects among articles; see `find_suspects`."""
    return [
        Suspect(articles[i], theme, SURE if labels[i] == 1 else NONE, float(scores[i]))
        for i in find_suspects(labels, scores)
    ]


def _opening(text: str) -> str:
    return " ".join(text.split())[:_OPENING_CHARS]


def _escape(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
