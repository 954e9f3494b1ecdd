"""Likely label errors: labels that heads which never saw them contradict.

Scores are out of fold: each article is scored by heads fitted on the others. A label is listed
where its opposite is as likely as it is, on average, for articles that bear the opposite
(Northcutt et al., "Confident Learning", 2021). The library of that paper is under a licence that
ours does not go with; the rule is these few lines.
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

REVIEW_NAME = "review.csv"
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
        labels: 1 where the theme holds, 0 where not, anything else where it does not count;
            shape (articles,).
        scores: out-of-fold probabilities of the theme, same shape.
    """
    holds, lacks = labels == 1, labels == 0
    if not holds.any() or not lacks.any():
        return []
    surely, surely_not = scores[holds].mean(), scores[lacks].mean()
    wrong = (holds & (scores <= surely_not)) | (lacks & (scores >= surely))
    doubt = np.abs(labels - scores)
    return sorted(np.flatnonzero(wrong).tolist(), key=lambda i: -doubt[i])


def write_review(
    path: Path,
    suspects: Sequence[Suspect],
    disagreements: Sequence[Disagreement],
    names: dict[str, str],
) -> None:
    """Write what a person should look at as CSV that Excel opens."""
    rows = [
        (DISAGREEING, names[d.theme], "；".join(i for i, _ in d.answers),
         "；".join(said for _, said in d.answers), "", _opening(d.text))
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
