"""Mistakes worth reading: the worst errors of each task with their text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.gold import GoldArticle, GoldFigure
from eval.measuring.answers import Answer
from eval.measuring.figures import is_same_indicator, match_figures
from eval.measuring.sheet import Sheet
from model import Figure

NONE = "无"


@dataclass(frozen=True)
class ThemeMistake:
    """An article with wrong themes; `regret` is how sure the model was of what is wrong, 0–1."""

    gold: GoldArticle
    answer: Answer
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
    """A summary unlike the reader's."""

    gold: GoldArticle
    summary: str
    rouge_l: float


def find_theme_mistakes(
    golds: Sequence[GoldArticle], answers: Sequence[Answer]
) -> list[ThemeMistake]:
    """Return the articles with wrong themes, worst first."""
    found = []
    for gold, answer in zip(golds, answers, strict=True):
        missed = tuple(sorted(gold.themes - answer.themes))
        extra = tuple(sorted(answer.themes - gold.themes - gold.borderline))
        if missed or extra:
            regrets = [1 - answer.scores[t] for t in missed] + [answer.scores[t] for t in extra]
            found.append(ThemeMistake(gold, answer, missed, extra, max(regrets)))
    return sorted(found, key=lambda mistake: -mistake.regret)


def find_figure_mistakes(
    golds: Sequence[GoldArticle], answers: Sequence[Answer]
) -> list[FigureMistakes]:
    """Return the articles with wrong figures, most mistakes first."""
    found = []
    for gold, answer in zip(golds, answers, strict=True):
        if gold.figures is None:
            continue
        match = match_figures(gold.figures, answer.figures)
        misread = tuple(pair for pair in match.right if _is_misread(*pair))
        if match.missed or match.extra or misread:
            found.append(FigureMistakes(gold, match.missed, match.extra, misread))
    return sorted(found, key=lambda m: -len(m.missed) - len(m.extra) - len(m.misread))


def find_weak_summaries(
    golds: Sequence[GoldArticle], answers: Sequence[Answer], sheet: Sheet
) -> list[WeakSummary]:
    """Return summaries with a reference, least like it first."""
    pairs = zip(golds, answers, sheet.rouge[:, 2], strict=True)
    found = [WeakSummary(g, a.summary, float(score)) for g, a, score in pairs if g.summary]
    return sorted(found, key=lambda weak: weak.rouge_l)


def confuse(sheet: Sheet) -> npt.NDArray[np.int64]:
    """Return (t+1, t+1): what was wanted (rows) against what was said; the last is no theme.

    A theme that is right counts on the diagonal. A missed theme counts against each wrong one
    said in its place, or no theme; a wrong one where nothing was missed counts in the last row.
    """
    n_themes = sheet.want.shape[1]
    table = np.zeros((n_themes + 1, n_themes + 1), dtype=np.int64)
    for want, said in zip(sheet.want, sheet.said, strict=True):
        for theme in np.flatnonzero((want == 1) & (said == 1)):
            table[theme, theme] += 1
        missed = np.flatnonzero((want == 1) & (said == 0)).tolist() or [n_themes]
        wrong = np.flatnonzero((want == 0) & (said == 1)).tolist() or [n_themes]
        if (missed, wrong) != ([n_themes], [n_themes]) or (want == 0).all():
            table[np.ix_(missed, wrong)] += 1
    return table


def _is_misread(want: GoldFigure, found: Figure) -> bool:
    return not (
        is_same_indicator(found.indicator, want.indicator)
        and found.kind in want.kinds
        and found.bound == want.bound
        and (not want.year or found.year == want.year)
    )
