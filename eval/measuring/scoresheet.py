"""The scoresheet: predictions marked against gold, as arrays with one row an article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from data.gold import GoldArticle
from eval.measuring.figure_matching import is_same_indicator, match_figures
from eval.measuring.predictions import Prediction
from eval.measuring.summary_scores import carries_main_figure, count_true_numbers, rouge

UNKNOWN = -1
FIGURE_COLUMNS = (
    "hits", "false", "missed", "indicator", "kind", "bound", "year", "with_year",
)  # fmt: skip
Flags = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scoresheet:
    """Marks of n articles for t themes.

    `expected` (n, t) is 1, 0, or -1 where the theme is borderline and counts neither way;
    `predicted` (n, t) is 1 or 0; `scores` (n, t) are probabilities; `review` (n, t) is 1 inside the
    review band. `primary` (n,) is 1 right, 0 wrong, -1 where none is marked. `figures` (n, 8) are
    counts in the order of `FIGURE_COLUMNS`. `rouge` (n, 3) is NaN where no summary is marked.
    `numbers` (n, 2) counts the summary's numbers that occur in the text, and all its numbers.
    `main_figure` (n,) is 1, 0 or -1 like `primary`; `chars` (n,) is the length of the summary.
    """

    expected: Flags
    predicted: Flags
    scores: Shares
    review: Flags
    primary: Flags
    figures: Counts
    rouge: Shares
    numbers: Counts
    main_figure: Flags
    chars: Counts

    def __len__(self) -> int:
        return len(self.expected)

    def take(self, rows: npt.NDArray[np.int64]) -> Scoresheet:
        """Return the scoresheet of some rows, which may repeat."""
        return Scoresheet(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def mark(
    golds: Sequence[GoldArticle], predictions: Sequence[Prediction], themes: Sequence[str]
) -> Scoresheet:
    """Mark every prediction.

    Raises:
        ValueError: there are not as many predictions as gold articles.
    """
    rows = [_mark_one(g, a, themes) for g, a in zip(golds, predictions, strict=True)]
    columns: dict[str, Any] = {}
    types = {"scores": np.float64, "rouge": np.float64}
    flags = ("expected", "predicted", "review", "primary", "main_figure")
    for field in fields(Scoresheet):
        kind = np.int8 if field.name in flags else types.get(field.name, np.int64)
        columns[field.name] = np.array([row[field.name] for row in rows], dtype=kind)
    return Scoresheet(**columns)


def _mark_one(gold: GoldArticle, prediction: Prediction, themes: Sequence[str]) -> dict[str, Any]:
    return {
        "expected": [_want(gold, theme) for theme in themes],
        "predicted": [theme in prediction.themes for theme in themes],
        "scores": [prediction.scores.get(theme, float("nan")) for theme in themes],
        "review": [theme in prediction.review for theme in themes],
        "primary": int(prediction.primary == gold.primary) if gold.primary else UNKNOWN,
        "figures": _mark_figures(gold, prediction),
        **_mark_summary(gold, prediction),
    }


def _want(gold: GoldArticle, theme: str) -> int:
    if theme in gold.themes:
        return 1
    return UNKNOWN if theme in gold.borderline else 0


def _mark_figures(gold: GoldArticle, prediction: Prediction) -> list[int]:
    if gold.figures is None:
        return [0] * len(FIGURE_COLUMNS)
    match = match_figures(gold.figures, prediction.figures)
    pairs = match.right
    dated = [(expected, found) for expected, found in pairs if expected.year]
    return [
        len(pairs),
        len(match.extra),
        len(match.missed),
        sum(is_same_indicator(found.indicator, expected.indicator) for expected, found in pairs),
        sum(found.kind in expected.kinds for expected, found in pairs),
        sum(found.bound == expected.bound for expected, found in pairs),
        sum(found.year == expected.year for expected, found in dated),
        len(dated),
    ]


def _mark_summary(gold: GoldArticle, prediction: Prediction) -> dict[str, Any]:
    carried = None
    if gold.summary and gold.figures:
        carried = carries_main_figure(prediction.summary, gold.summary, gold.figures)
    return {
        "rouge": rouge(prediction.summary, gold.summary) if gold.summary else (float("nan"),) * 3,
        "numbers": count_true_numbers(prediction.summary, prediction.text),
        "main_figure": UNKNOWN if carried is None else int(carried),
        "chars": len(prediction.summary),
    }
