"""Measures: pure functions from a sheet to one number, and the list that report and gate share.

A measure that the sheet cannot give (no figures marked, no scores) is NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score

from eval.measuring.sheet import FIGURE_COLUMNS, Sheet

NAN = float("nan")
N_BINS = 10
_HITS, _FALSE, _MISSED, *_ = range(len(FIGURE_COLUMNS))


@dataclass(frozen=True)
class Measure:
    """One number of the report; `key` names it in JSON and in the floors."""

    key: str
    name: str
    of: Callable[[Sheet], float]
    lower_is_better: bool = False


@dataclass(frozen=True)
class Bin:
    """One bar of a reliability curve: mean score, share that holds, and how many."""

    score: float
    share: float
    n: int


def precision(hits: float, false: float) -> float:
    """Share of what was said that holds; 0 where nothing was said."""
    return hits / (hits + false) if hits + false else 0.0


def recall(hits: float, missed: float) -> float:
    """Share of what holds that was said; 0 where nothing holds."""
    return hits / (hits + missed) if hits + missed else 0.0


def f1(hits: float, false: float, missed: float) -> float:
    """Harmonic mean of precision and recall."""
    return 2 * hits / (2 * hits + false + missed) if hits else 0.0


def count_themes(sheet: Sheet) -> npt.NDArray[np.int64]:
    """Return (t, 3): hits, false and missed of each theme; borderline labels count nowhere."""
    hits = ((sheet.want == 1) & (sheet.said == 1)).sum(axis=0)
    false = ((sheet.want == 0) & (sheet.said == 1)).sum(axis=0)
    missed = ((sheet.want == 1) & (sheet.said == 0)).sum(axis=0)
    return np.stack([hits, false, missed], axis=1)


def micro(sheet: Sheet) -> tuple[float, float, float]:
    """Return precision, recall and F1 over all labels together."""
    hits, false, missed = map(int, count_themes(sheet).sum(axis=0))
    return precision(hits, false), recall(hits, missed), f1(hits, false, missed)


def micro_part(sheet: Sheet, which: int) -> float:
    """Return the micro-average's precision (0), recall (1) or F1 (2)."""
    return micro(sheet)[which]


def macro_f1(sheet: Sheet) -> float:
    """Mean F1 over themes."""
    return float(np.mean([f1(*map(int, row)) for row in count_themes(sheet)]))


def exact_match(sheet: Sheet) -> float:
    """Share of articles whose every label is right."""
    return float(((sheet.want == sheet.said) | (sheet.want < 0)).all(axis=1).mean())


def false_alarm_rate(sheet: Sheet) -> float:
    """Share of the articles without a theme, not even a borderline one, that get one."""
    plain = (sheet.want == 0).all(axis=1)
    return float(sheet.said[plain].any(axis=1).mean()) if plain.any() else NAN


def primary_accuracy(sheet: Sheet) -> float:
    """Share of the marked main themes that are named."""
    return _share(sheet.primary)


def average_precision(sheet: Sheet) -> float:
    """Mean over themes of the area under the precision–recall curve: quality of the ranking."""
    values = [
        average_precision_score(want, scores)
        for want, scores in map(partial(known_scores, sheet), range(sheet.want.shape[1]))
        if want.any() and not np.isnan(scores).any()
    ]
    return float(np.mean(values)) if values else NAN


def calibration_error(sheet: Sheet) -> float:
    """Expected calibration error over all labels, in ten bins of equal width (Naeini, 2015)."""
    bins = reliability(sheet)
    total = sum(b.n for b in bins)
    return sum(b.n * abs(b.score - b.share) for b in bins) / total if total else NAN


def reliability(sheet: Sheet, theme: int | None = None) -> list[Bin]:
    """Return the filled bins of the reliability curve, of one theme or of all."""
    columns = range(sheet.want.shape[1]) if theme is None else [theme]
    pairs = [known_scores(sheet, column) for column in columns]
    want, scores = (np.concatenate(part) for part in zip(*pairs, strict=True))
    if np.isnan(scores).any():
        return []
    places = np.minimum((scores * N_BINS).astype(int), N_BINS - 1)
    return [
        Bin(float(scores[here].mean()), float(want[here].mean()), int(here.sum()))
        for here in (places == i for i in range(N_BINS))
        if here.any()
    ]


def known_scores(sheet: Sheet, theme: int) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float64]]:
    """Return labels and scores of one theme, without its borderline articles."""
    known = sheet.want[:, theme] >= 0
    return sheet.want[known, theme], sheet.scores[known, theme]


def review_share(sheet: Sheet) -> float:
    """Share of articles of which a person is asked to look at a label."""
    return float(sheet.review.any(axis=1).mean())


def outside_review(sheet: Sheet) -> tuple[float, float]:
    """Return precision and recall over the labels that no person is asked about."""
    left = np.where(sheet.review == 1, -1, sheet.want)
    hits = int(((left == 1) & (sheet.said == 1)).sum())
    false = int(((left == 0) & (sheet.said == 1)).sum())
    missed = int(((left == 1) & (sheet.said == 0)).sum())
    return precision(hits, false), recall(hits, missed)


def figure_scores(sheet: Sheet) -> tuple[float, float, float]:
    """Return precision, recall and F1 of figures over value and unit."""
    hits, false, missed = (int(sheet.figures[:, i].sum()) for i in (_HITS, _FALSE, _MISSED))
    if not hits + missed:
        return NAN, NAN, NAN
    return precision(hits, false), recall(hits, missed), f1(hits, false, missed)


def figure_part(sheet: Sheet, which: int) -> float:
    """Return the figures' precision (0), recall (1) or F1 (2)."""
    return figure_scores(sheet)[which]


def figure_accuracy(sheet: Sheet, column: str) -> float:
    """Share of the figures found whose indicator, kind, bound or year is right as well."""
    total = "with_year" if column == "year" else "hits"
    right, of = (int(sheet.figures[:, FIGURE_COLUMNS.index(c)].sum()) for c in (column, total))
    return right / of if of else NAN


def rouge_mean(sheet: Sheet, which: int) -> float:
    """Mean ROUGE F1 over articles with a reference summary; `which` is 0, 1, 2 for 1, 2, L."""
    values = sheet.rouge[:, which]
    known = ~np.isnan(values)
    return float(values[known].mean()) if known.any() else NAN


def true_numbers(sheet: Sheet) -> float:
    """Share of the numbers in summaries that stand in the text."""
    true, total = map(int, sheet.numbers.sum(axis=0))
    return true / total if total else NAN


def main_figure_share(sheet: Sheet) -> float:
    """Share of articles whose summary carries a figure that the reader's carries."""
    return _share(sheet.main_figure)


def summary_chars(sheet: Sheet) -> float:
    """Mean length of the summaries that have a reference."""
    known = ~np.isnan(sheet.rouge[:, 0])
    return float(sheet.chars[known].mean()) if known.any() else NAN


def theme_measures(themes: Sequence[str], names: dict[str, str]) -> tuple[Measure, ...]:
    """Return precision, recall and F1 of each theme."""

    def of_theme(sheet: Sheet, i: int, which: int) -> float:
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
