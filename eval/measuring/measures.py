"""Measures: pure functions from a scoresheet to one number, shared by report and gate.

A measure that is undefined (no figures marked, no scores) is NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score

from eval.measuring.scoresheet import FIGURE_COLUMNS, Scoresheet

NAN = float("nan")
N_BINS = 10
_HITS, _FALSE, _MISSED, *_ = range(len(FIGURE_COLUMNS))


@dataclass(frozen=True)
class Measure:
    """One number of the report; `key` names it in JSON and in the floors."""

    key: str
    name: str
    of: Callable[[Scoresheet], float]
    lower_is_better: bool = False


@dataclass(frozen=True)
class Bin:
    """One bar of a reliability curve: mean score, share of true labels, number of labels."""

    score: float
    share: float
    n: int


def precision(hits: float, false: float) -> float:
    """Share of predictions that are true; 0 without predictions."""
    return hits / (hits + false) if hits + false else 0.0


def recall(hits: float, missed: float) -> float:
    """Share of true items that were predicted; 0 without true items."""
    return hits / (hits + missed) if hits + missed else 0.0


def f1(hits: float, false: float, missed: float) -> float:
    """Harmonic mean of precision and recall."""
    return 2 * hits / (2 * hits + false + missed) if hits else 0.0


def count_themes(sheet: Scoresheet) -> npt.NDArray[np.int64]:
    """Return (t, 3): hits, false and missed of each theme; borderline labels count nowhere."""
    hits = ((sheet.expected == 1) & (sheet.predicted == 1)).sum(axis=0)
    false = ((sheet.expected == 0) & (sheet.predicted == 1)).sum(axis=0)
    missed = ((sheet.expected == 1) & (sheet.predicted == 0)).sum(axis=0)
    return np.stack([hits, false, missed], axis=1)


def micro(sheet: Scoresheet) -> tuple[float, float, float]:
    """Return precision, recall and F1 over all labels together."""
    hits, false, missed = map(int, count_themes(sheet).sum(axis=0))
    return precision(hits, false), recall(hits, missed), f1(hits, false, missed)


def micro_part(sheet: Scoresheet, which: int) -> float:
    """Return the micro-average's precision (0), recall (1) or F1 (2)."""
    return micro(sheet)[which]


def macro_f1(sheet: Scoresheet) -> float:
    """Mean F1 over themes."""
    return float(np.mean([f1(*map(int, row)) for row in count_themes(sheet)]))


def exact_match(sheet: Scoresheet) -> float:
    """Share of articles with all labels right."""
    return float(((sheet.expected == sheet.predicted) | (sheet.expected < 0)).all(axis=1).mean())


def false_alarm_rate(sheet: Scoresheet) -> float:
    """Share of articles with a predicted theme among those without even a borderline one."""
    plain = (sheet.expected == 0).all(axis=1)
    return float(sheet.predicted[plain].any(axis=1).mean()) if plain.any() else NAN


def primary_accuracy(sheet: Scoresheet) -> float:
    """Share of the marked main themes that are predicted."""
    return _share(sheet.primary)


def average_precision(sheet: Scoresheet) -> float:
    """Mean over themes of the area under the precision–recall curve."""
    values = [
        average_precision_score(expected, scores)
        for expected, scores in map(partial(known_scores, sheet), range(sheet.expected.shape[1]))
        if expected.any() and not np.isnan(scores).any()
    ]
    return float(np.mean(values)) if values else NAN


def calibration_error(sheet: Scoresheet) -> float:
    """Expected calibration error over all labels, in ten bins of equal width (Naeini, 2015)."""
    bins = reliability(sheet)
    total = sum(b.n for b in bins)
    return sum(b.n * abs(b.score - b.share) for b in bins) / total if total else NAN


def reliability(sheet: Scoresheet, theme: int | None = None) -> list[Bin]:
    """Return the filled bins of the reliability curve, of one theme or of all."""
    columns = range(sheet.expected.shape[1]) if theme is None else [theme]
    pairs = [known_scores(sheet, column) for column in columns]
    expected, scores = (np.concatenate(part) for part in zip(*pairs, strict=True))
    if np.isnan(scores).any():
        return []
    places = np.minimum((scores * N_BINS).astype(int), N_BINS - 1)
    return [
        Bin(float(scores[here].mean()), float(expected[here].mean()), int(here.sum()))
        for here in (places == i for i in range(N_BINS))
        if here.any()
    ]


def known_scores(
    sheet: Scoresheet, theme: int
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float64]]:
    """Return labels and scores of one theme, without its borderline articles."""
    known = sheet.expected[:, theme] >= 0
    return sheet.expected[known, theme], sheet.scores[known, theme]


def review_share(sheet: Scoresheet) -> float:
    """Share of articles with a label that a person should check."""
    return float(sheet.review.any(axis=1).mean())


def outside_review(sheet: Scoresheet) -> tuple[float, float]:
    """Return precision and recall over the labels outside the review bands."""
    outside = np.where(sheet.review == 1, -1, sheet.expected)
    hits = int(((outside == 1) & (sheet.predicted == 1)).sum())
    false = int(((outside == 0) & (sheet.predicted == 1)).sum())
    missed = int(((outside == 1) & (sheet.predicted == 0)).sum())
    return precision(hits, false), recall(hits, missed)


def figure_scores(sheet: Scoresheet) -> tuple[float, float, float]:
    """Return precision, recall and F1 of figures, by value and unit."""
    hits, false, missed = (int(sheet.figures[:, i].sum()) for i in (_HITS, _FALSE, _MISSED))
    if not hits + missed:
        return NAN, NAN, NAN
    return precision(hits, false), recall(hits, missed), f1(hits, false, missed)


def figure_part(sheet: Scoresheet, which: int) -> float:
    """Return the figures' precision (0), recall (1) or F1 (2)."""
    return figure_scores(sheet)[which]


def figure_accuracy(sheet: Scoresheet, column: str) -> float:
    """Share of paired figures whose indicator, kind, bound or year is right as well."""
    total = "with_year" if column == "year" else "hits"
    right, of = (int(sheet.figures[:, FIGURE_COLUMNS.index(c)].sum()) for c in (column, total))
    return right / of if of else NAN


def rouge_mean(sheet: Scoresheet, which: int) -> float:
    """Mean ROUGE F1 over articles with a reference summary; `which` is 0, 1, 2 for 1, 2, L."""
    values = sheet.rouge[:, which]
    known = ~np.isnan(values)
    return float(values[known].mean()) if known.any() else NAN


def true_numbers(sheet: Scoresheet) -> float:
    """Share of the numbers in summaries that occur in the text."""
    true, total = map(int, sheet.numbers.sum(axis=0))
    return true / total if total else NAN


def main_figure_share(sheet: Scoresheet) -> float:
    """Share of articles whose summary has a figure of the reference summary."""
    return _share(sheet.main_figure)


def summary_chars(sheet: Scoresheet) -> float:
    """Mean length of the summaries that have a reference."""
    known = ~np.isnan(sheet.rouge[:, 0])
    return float(sheet.chars[known].mean()) if known.any() else NAN


def theme_measures(themes: Sequence[str], names: dict[str, str]) -> tuple[Measure, ...]:
    """Return precision, recall and F1 of each theme."""

    def of_theme(sheet: Scoresheet, i: int, which: int) -> float:
        hits, false, missed = map(int, count_themes(sheet)[i])
        return (precision(hits, false), recall(hits, missed), f1(hits, false, missed))[which]

    return tuple(
        Measure(f"{key}.{part}", f"{names[key]} {label}", partial(of_theme, i=i, which=which))
        for i, key in enumerate(themes)
        for which, (part, label) in enumerate(_PARTS)
    )


def _share(flags: npt.NDArray[np.int8]) -> float:
    known = flags[flags >= 0]
    return float(known.mean()) if known.size else NAN


_PARTS = (("precision", "精确率"), ("recall", "召回率"), ("f1", "F1"))

THEMES = (
    *(
        Measure(f"micro.{key}", f"主题 {name}（微平均）", partial(micro_part, which=i))
        for i, (key, name) in enumerate(_PARTS)
    ),
    Measure("macro.f1", "主题 F1（各主题平均）", macro_f1),
    Measure("exact", "主题全对的文章", exact_match),
    Measure("false_alarms", "无主题文章误报", false_alarm_rate, lower_is_better=True),
    Measure("primary", "主要主题", primary_accuracy),
    Measure("average_precision", "排序（平均精度）", average_precision),
    Measure("calibration_error", "校准误差", calibration_error, lower_is_better=True),
    Measure("review.share", "送复核的文章", review_share, lower_is_better=True),
    Measure("review.precision", "复核之外的精确率", lambda s: outside_review(s)[0]),
    Measure("review.recall", "复核之外的召回率", lambda s: outside_review(s)[1]),
)
FIGURES = (
    *(
        Measure(f"figures.{key}", f"数字 {name}", partial(figure_part, which=i))
        for i, (key, name) in enumerate(_PARTS)
    ),
    *(
        Measure(f"figures.{key}", f"数字的{name}", partial(figure_accuracy, column=key))
        for key, name in (
            ("indicator", "指标"), ("kind", "类别"), ("bound", "界限"), ("year", "年份")
        )
    ),
)  # fmt: skip
SUMMARIES = (
    *(
        Measure(f"summary.rouge{key}", f"摘要 ROUGE-{key}", partial(rouge_mean, which=i))
        for i, key in enumerate("12L")
    ),
    Measure("summary.true_numbers", "摘要中见于原文的数字", true_numbers),
    Measure("summary.main_figure", "摘要带主要数字", main_figure_share),
    Measure("summary.chars", "摘要平均字数", summary_chars, lower_is_better=True),
)
ALL = (*THEMES, *FIGURES, *SUMMARIES)
