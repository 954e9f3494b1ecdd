"""The sheet: every answer marked against its gold, as arrays with one row an article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from data.gold import GoldArticle
from eval.measuring.answers import Answer
from eval.measuring.figures import is_same_indicator, match_figures
from eval.measuring.summaries import carries_main_figure, count_true_numbers, rouge

UNKNOWN = -1
FIGURE_COLUMNS = (
    "hits", "false", "missed", "indicator", "kind", "bound", "year", "with_year",
)  # fmt: skip
Flags = npt.NDArray[np.int8]
Counts = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sheet:
    """Marks of n articles for t themes.

    `want` (n, t) is 1, 0, or -1 where the theme is borderline and counts neither way; `said`
    (n, t) is 1 or 0; `scores` (n, t) are probabilities; `review` (n, t) is 1 where a person is
    asked. `primary` (n,) is 1 right, 0 wrong, -1 none marked. `figures` (n, 8) are counts in the
    order of `FIGURE_COLUMNS`. `rouge` (n, 3) is NaN where no summary is marked. `numbers` (n, 2)
    counts the summary's numbers that stand in the text, and all. `main_figure` (n,) is 1, 0 or
    -1 like `primary`; `chars` (n,) is the length of the summary.
    """

    want: Flags
    said: Flags
    scores: Shares
    review: Flags
    primary: Flags
    figures: Counts
    rouge: Shares
    numbers: Counts
    main_figure: Flags
    chars: Counts

    def __len__(self) -> int:
        return len(self.want)

    def take(self, rows: npt.NDArray[np.int64]) -> Sheet:
        """Return the sheet of some rows, which may repeat."""
        return Sheet(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def mark(golds: Sequence[GoldArticle], answers: Sequence[Answer], themes: Sequence[str]) -> Sheet:
    """Mark every answer.

    Raises:
        ValueError: the two differ in length.
    """
    rows = [_mark_one(g, a, themes) for g, a in zip(golds, answers, strict=True)]
    columns: dict[str, Any] = {}
    types = {"scores": np.float64, "rouge": np.float64}
    flags = ("want", "said", "review", "primary", "main_figure")
    for field in fields(Sheet):
        kind = np.int8 if field.name in flags else types.get(field.name, np.int64)
        columns[field.name] = np.array([row[field.name] for row in rows], dtype=kind)
    return Sheet(**columns)


def _mark_one(gold: GoldArticle, answer: Answer, themes: Sequence[str]) -> dict[str, Any]:
    return {
        "want": [_want(gold, theme) for theme in themes],
        "said": [theme in answer.themes for theme in themes],
        "scores": [answer.scores.get(theme, float("nan")) for theme in themes],
        "review": [theme in answer.review for theme in themes],
        "primary": int(answer.primary == gold.primary) if gold.primary else UNKNOWN,
        "figures": _mark_figures(gold, answer),
        **_mark_summary(gold, answer),
    }


def _want(gold: GoldArticle, theme: str) -> int:
    if theme in gold.themes:
        return 1
    return UNKNOWN if theme in gold.borderline else 0


def _mark_figures(gold: GoldArticle, answer: Answer) -> list[int]:
    if gold.figures is None:
        return [0] * len(FIGURE_COLUMNS)
    match = match_figures(gold.figures, answer.figures)
    pairs = match.right
    dated = [(want, found) for want, found in pairs if want.year]
    return [
        len(pairs),
        len(match.extra),
        len(match.missed),
        sum(is_same_indicator(found.indicator, want.indicator) for want, found in pairs),
        sum(found.kind in want.kinds for want, found in pairs),
        sum(found.bound == want.bound for want, found in pairs),
        sum(found.year == want.year for want, found in dated),
        len(dated),
    ]


def _mark_summary(gold: GoldArticle, answer: Answer) -> dict[str, Any]:
    carried = None
    if gold.summary and gold.figures:
        carried = carries_main_figure(answer.summary, gold.summary, gold.figures)
    return {
        "rouge": rouge(answer.summary, gold.summary) if gold.summary else (float("nan"),) * 3,
        "numbers": count_true_numbers(answer.summary, answer.text),
        "main_figure": UNKNOWN if carried is None else int(carried),
        "chars": len(answer.summary),
    }
