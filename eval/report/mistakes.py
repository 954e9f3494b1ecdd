"""The worst mistakes of each aspect, to be read with their text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.gold import GoldArticle, GoldFigure
from eval.measuring.figure_matching import is_same_indicator, match_figures
from eval.measuring.predictions import Prediction
from eval.measuring.scoresheet import Scoresheet
from model import Figure

NONE = "无"


@dataclass(frozen=True)
class ThemeMistake:
    """An article with wrong themes; `regret` is the highest probability given to a mistake, 0–1."""

    gold: GoldArticle
    prediction: Prediction
    missed: tuple[str, ...]
    extra: tuple[str, ...]
    regret: float


@dataclass(frozen=True)
class FigureMistakes:
    """An article's missed, extra and misread figures."""

    gold: GoldArticle
    missed: tuple[GoldFigure, ...]
    extra: tuple[Figure, ...]
    misread: tuple[tuple[GoldFigure, Figure], ...]


@dataclass(frozen=True)
class WeakSummary:
    """A summary unlike its reference."""

    gold: GoldArticle
    summary: str
    rouge_l: float


def find_theme_mistakes(
    golds: Sequence[GoldArticle], predictions: Sequence[Prediction]
) -> list[ThemeMistake]:
    """Return the articles with wrong themes, worst first."""
    found = []
    for gold, prediction in zip(golds, predictions, strict=True):
        missed = tuple(sorted(gold.themes - prediction.themes))
        extra = tuple(sorted(prediction.themes - gold.themes - gold.borderline))
        if missed or extra:
            regrets = [1 - prediction.scores[t] for t in missed] + [
                prediction.scores[t] for t in extra
            ]
            found.append(ThemeMistake(gold, prediction, missed, extra, max(regrets)))
    return sorted(found, key=lambda mistake: -mistake.regret)


def find_figure_mistakes(
    golds: Sequence[GoldArticle], predictions: Sequence[Prediction]
) -> list[FigureMistakes]:
    """Return the articles with wrong figures, most mistakes first."""
    found = []
    for gold, prediction in zip(golds, predictions, strict=True):
        if gold.figures is None:
            continue
        match = match_figures(gold.figures, prediction.figures)
        misread = tuple(pair for pair in match.right if _is_misread(*pair))
        if match.missed or match.extra or misread:
            found.append(FigureMistakes(gold, match.missed, match.extra, misread))
    return sorted(found, key=lambda m: -len(m.missed) - len(m.extra) - len(m.misread))


def find_weak_summaries(
    golds: Sequence[GoldArticle], predictions: Sequence[Prediction], sheet: Scoresheet
) -> list[WeakSummary]:
    """Return summaries with a reference, lowest ROUGE-L first."""
    pairs = zip(golds, predictions, sheet.rouge[:, 2], strict=True)
    found = [WeakSummary(g, a.summary, float(score)) for g, a, score in pairs if g.summary]
    return sorted(found, key=lambda weak: weak.rouge_l)


def confuse(sheet: Scoresheet) -> npt.NDArray[np.int64]:
    """Return the confusion table (t+1, t+1): expected (rows) by predicted; the last is no theme.

    A theme that is right counts on the diagonal. A missed theme counts against each wrong theme of
    its article, or against no theme; a wrong theme without a missed one counts in the last row.
    """
    n_themes = sheet.expected.shape[1]
    table = np.zeros((n_themes + 1, n_themes + 1), dtype=np.int64)
    for expected, predicted in zip(sheet.expected, sheet.predicted, strict=True):
        for theme in np.flatnonzero((expected == 1) & (predicted == 1)):
            table[theme, theme] += 1
        missed = np.flatnonzero((expected == 1) & (predicted == 0)).tolist() or [n_themes]
        wrong = np.flatnonzero((expected == 0) & (predicted == 1)).tolist() or [n_themes]
        if (missed, wrong) != ([n_themes], [n_themes]) or (expected == 0).all():
            table[np.ix_(missed, wrong)] += 1
    return table


def _is_misread(expected: GoldFigure, found: Figure) -> bool:
    return not (
        is_same_indicator(found.indicator, expected.indicator)
        and found.kind in expected.kinds
        and found.bound == expected.bound
        and (not expected.year or found.year == expected.year)
    )
