"""The gate: a new model against the model in use, on articles that neither was trained on.

Both predict as serving does, with the 8-bit network. The new model is accepted if no theme's F1
falls beyond its tolerance, articles without a theme are not tagged more often, and micro-F1 rises.
A model with a new theme need not be better at the old themes, but must reach `NEW_THEME_F1`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from typing import Any

import numpy as np

from data.corpus.duplicates import find_known
from data.gold import GoldArticle
from data.labelled import LabelledArticle
from data.labels.user import SOURCE
from eval.measuring.bootstrap import Estimate, estimate, estimate_difference
from eval.measuring.measures import THEMES, Measure, theme_measures
from eval.measuring.predictions import Prediction, clean_gold, predict
from eval.measuring.scoresheet import Scoresheet, mark
from model import Analyzer, InputError
from model.manifest import Manifest

MIN_ARTICLES = 20
# Allowed drop in F1: 0.03 if the 95% interval excludes zero, else 0.1. Of ten articles with a
# theme, one more mistake is 0.05, which is chance.
TOLERANCE, DOUBTFUL_TOLERANCE = 0.03, 0.1
# Allowed rise of the share of false alarms.
FALSE_ALARM_TOLERANCE = 0.03
# A theme's own F1 is judged from this number of held-out articles with the theme.
MIN_POSITIVE = 5
NEW_THEME_F1 = 0.6
WHOLE, FALSE_ALARMS = "micro.f1", "false_alarms"


@dataclass(frozen=True)
class Judged:
    """One measure of both models: `old` is None for a theme that the model in use does not have.

    `low` and `high` are the ends of the 95% interval of the difference, of `new` itself
    without `old`. `n_positive` counts the articles with the theme; -1 for measures over
    all themes.
    """

    key: str
    name: str
    old: float | None
    new: float
    low: float
    high: float
    n_positive: int = -1

    @property
    def difference(self) -> float:
        """New minus old; 0 without an old value."""
        return 0.0 if self.old is None else self.new - self.old


@dataclass(frozen=True)
class Verdict:
    """The gate's decision: the measures, and the reasons against the new model; none accepts it."""

    old: str
    new: str
    n_articles: int
    judged: tuple[Judged, ...]
    reasons: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        """Whether there is no reason against the new model."""
        return not self.reasons

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as plain values, for the registry."""
        return asdict(self) | {"accepted": self.accepted}


def choose_articles(
    old: Manifest,
    new: Manifest,
    articles: Sequence[LabelledArticle],
    learned: Collection[str] | None,
) -> list[LabelledArticle]:
    """Return the articles that neither model learned from.

    A corpus article counts if both models held it out: a model may have learned from any article
    that is not on its held-out list. A user's article may be newer than the model in use; it counts
    if that model is known not to have learned from it, and if it is no near-duplicate of an article
    that either model learned from.

    Args:
        old: the model in use.
        new: the new model.
        articles: all labelled articles.
        learned: ids of the users' articles that the model in use learned from; None if
            unknown.
    """
    held_out, before = frozenset(new.held_out), frozenset(old.held_out)
    users = [
        a
        for a in articles
        if a.source == SOURCE
        and a.id in held_out
        and (a.id in before or (learned is not None and a.id not in learned))
    ]
    ours = [a for a in articles if a.source != SOURCE and a.id in held_out & before]
    chosen = {id(article) for article in (*users, *ours)}
    learned_texts = [article.text for article in articles if id(article) not in chosen]
    known = find_known([a.text for a in users], learned_texts) if users else []
    return [*ours, *(a for a, like in zip(users, known, strict=True) if like is None)]


def judge(
    old: Analyzer,
    new: Analyzer,
    golds: Sequence[GoldArticle],
    *,
    min_articles: int = MIN_ARTICLES,
    show: Callable[[int, int], None] | None = None,
) -> Verdict:
    """Measure both models on the same articles, from which neither learned.

    Args:
        old: the model in use.
        new: the challenger.
        golds: the articles.
        min_articles: fewer are refused.
        show: is called with how many analyses are done, of how many.

    Raises:
        InputError: there are too few articles.
    """
    if len(golds) < min_articles:
        raise InputError(
            f"两个模型都没有学过的留出文章只有 {len(golds)} 篇，少于 {min_articles} 篇，无法评判",
            code="too_few_to_judge",
            n_articles=len(golds),
            min_articles=min_articles,
        )
    before, after = old.manifest.theme_names, new.manifest.theme_names
    common = {key: name for key, name in after.items() if key in before}
    added = {key: name for key, name in after.items() if key not in before}
    articles = [clean_gold(gold) for gold in golds]
    advance = _counter(2 * len(articles), show)
    old_predictions, new_predictions = (predict(m, articles, advance) for m in (old, new))
    judged = [
        *_compare(golds, old_predictions, new_predictions, common),
        *_measure(golds, new_predictions, added),
    ]
    lost = [name for key, name in before.items() if key not in after]
    reasons = [f"新模型没有原来的主题：{'、'.join(lost)}"] if lost else []
    reasons += [reason for j in judged for reason in _objections(j)]
    whole = next((j for j in judged if j.key == WHOLE), None)
    if whole and not added and whole.difference <= 0:
        reasons.append(f"整体没有变好（F1 {whole.old:.3f} → {whole.new:.3f}）")
    return Verdict(
        old.manifest.version, new.manifest.version, len(golds), tuple(judged), tuple(reasons)
    )


def _counter(n_all: int, show: Callable[[int, int], None] | None) -> Callable[[], None]:
    """Return what counts one more analysis, and shows the count."""
    numbers = iter(range(1, n_all + 1))

    def advance() -> None:
        if show is not None:
            show(next(numbers), n_all)

    return advance


def _compare(
    golds: Sequence[GoldArticle],
    old: Sequence[Prediction],
    new: Sequence[Prediction],
    names: dict[str, str],
) -> list[Judged]:
    """Return the measures of the themes that both models have."""
    if not names:
        return []
    sheets = [mark(golds, predictions, list(names)) for predictions in (old, new)]
    measures = [m for m in THEMES if m.key in (WHOLE, FALSE_ALARMS)] + _f1_of(names)
    differences = estimate_difference(sheets[0], sheets[1], tuple(measures))
    return [
        _judged(m, m.of(sheets[0]), m.of(sheets[1]), differences[m.key], sheets[1], names)
        for m in measures
    ]


def _measure(
    golds: Sequence[GoldArticle], new: Sequence[Prediction], names: dict[str, str]
) -> list[Judged]:
    """Return the measures of the themes that only the new model has."""
    if not names:
        return []
    sheet = mark(golds, new, list(names))
    measures = _f1_of(names)
    estimates = estimate(sheet, tuple(measures))
    return [_judged(m, None, m.of(sheet), estimates[m.key], sheet, names) for m in measures]


def _f1_of(names: dict[str, str]) -> list[Measure]:
    return [m for m in theme_measures(list(names), names) if m.key.endswith(".f1")]


def _judged(
    measure: Measure,
    old: float | None,
    new: float,
    interval: Estimate,
    sheet: Scoresheet,
    names: dict[str, str],
) -> Judged:
    key = measure.key.removesuffix(".f1")
    n_positive = int(np.sum(sheet.expected[:, list(names).index(key)] == 1)) if key in names else -1
    return Judged(measure.key, measure.name, old, new, interval.low, interval.high, n_positive)


def _objections(judged: Judged) -> list[str]:
    """Return the reasons against the new model from one measure."""
    if judged.key == WHOLE or isnan(judged.new):
        return []
    if judged.key == FALSE_ALARMS:
        return _objections_to_alarms(judged)
    if judged.n_positive < MIN_POSITIVE:
        fall = "" if judged.old is None else f"下降 {-judged.difference:.3f}，而"
        few = (
            f"{judged.name} {fall}留出文章里只有 {judged.n_positive} 篇有这个主题，"
            f"至少 {MIN_POSITIVE} 篇才能评判：再标注一些，或写明理由后启用"
        )
        return [few] if judged.old is None or judged.difference < 0 else []
    if judged.old is None:
        low = f"{judged.name} 只有 {judged.new:.3f}，新主题至少要 {NEW_THEME_F1}"
        return [low] if judged.new < NEW_THEME_F1 else []
    tolerance = TOLERANCE if judged.high < 0 else DOUBTFUL_TOLERANCE
    if judged.difference < -tolerance:
        return [
            f"{judged.name} 下降 {-judged.difference:.3f}（{judged.old:.3f} → {judged.new:.3f}，"
            f"95% 区间 {judged.low:+.3f} 到 {judged.high:+.3f}），超过容许的 {tolerance}"
        ]
    return []


def _objections_to_alarms(judged: Judged) -> list[str]:
    if judged.difference <= FALSE_ALARM_TOLERANCE:
        return []
    return [
        f"无主题文章的误报上升 {judged.difference:.1%}（{judged.old:.1%} → {judged.new:.1%}），"
        f"超过容许的 {FALSE_ALARM_TOLERANCE:.0%}"
    ]
