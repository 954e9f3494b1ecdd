"""The gate: a challenger against the model in use, on articles that neither was trained on.

Both answer as serving does, from the 8-bit network. The challenger is let through where no theme
falls beyond its tolerance, articles without a theme are not tagged more often, and the whole is
better; one that brings a new theme need not be better at the old ones, but good at the new.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from typing import Any

import numpy as np

from data.corpus.duplicates import find_known
from data.gold import GoldArticle
from data.labelled import LabelledArticle
from eval.measuring.answers import Answer, ask_model, to_article
from eval.measuring.bootstrap import Estimate, estimate, estimate_difference
from eval.measuring.measures import THEMES, Measure, theme_measures
from eval.measuring.sheet import Sheet, mark
from model import Analyzer, InputError
from model.manifest import Manifest

MIN_ARTICLES = 20
# A theme's F1 may fall by the first where the interval leaves no doubt that it fell, and by the
# second in any case: of ten articles that hold a theme, one more mistake is 0.05, and is chance.
TOLERANCE, DOUBTFUL_TOLERANCE = 0.03, 0.1
# False alarms may rise by so much.
FALSE_ALARM_TOLERANCE = 0.03
# From so many held-out articles that hold a theme on, its F1 is judged by itself.
MIN_POSITIVE = 5
NEW_THEME_F1 = 0.6
USER_SOURCE = "user"
WHOLE, FALSE_ALARMS = "micro.f1", "false_alarms"


@dataclass(frozen=True)
class Judged:
    """One measure of both models: `old` is None for a theme that the model in use lacks.

    `low` and `high` are the ends of the 95% interval of the difference, of `new` itself where
    there is no `old`. `n_positive` counts the articles that hold the theme; -1 where it is not
    one theme's.
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
        """New minus old; 0 where there is no old."""
        return 0.0 if self.old is None else self.new - self.old


@dataclass(frozen=True)
class Verdict:
    """What the gate says: the measures, and every reason against; none lets the model through."""

    old: str
    new: str
    n_articles: int
    judged: tuple[Judged, ...]
    reasons: tuple[str, ...]

    @property
    def accepted(self) -> bool:
        """Whether nothing speaks against the challenger."""
        return not self.reasons

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as the registry keeps it."""
        return asdict(self) | {"accepted": self.accepted}


def choose_articles(
    old: Manifest,
    new: Manifest,
    articles: Sequence[LabelledArticle],
    learned: Collection[str] | None,
) -> list[LabelledArticle]:
    """Return the articles that neither model learned from.

    An article of ours counts if both held it out: what is not on a model's list may be what it
    learned. A user's article may have come after the model in use, so there it is enough that it
    is known not to have been learned; but it must not be near anything that either learned.

    Args:
        old: the model in use.
        new: the challenger.
        articles: all that are at hand.
        learned: ids of the users' articles that the model in use learned from; None where nobody
            knows.
    """
    held_out, before = frozenset(new.held_out), frozenset(old.held_out)
    users = [
        a
        for a in articles
        if a.source == USER_SOURCE
        and a.id in held_out
        and (a.id in before or (learned is not None and a.id not in learned))
    ]
    ours = [a for a in articles if a.source != USER_SOURCE and a.id in held_out & before]
    chosen = {id(article) for article in (*users, *ours)}
    seen = [article.text for article in articles if id(article) not in chosen]
    known = find_known([a.text for a in users], seen) if users else []
    return [*ours, *(a for a, like in zip(users, known, strict=True) if like is None)]


def judge(
    old: Analyzer,
    new: Analyzer,
    golds: Sequence[GoldArticle],
    *,
    min_articles: int = MIN_ARTICLES,
) -> Verdict:
    """Measure both models on the same articles, which neither was trained on.

    Raises:
        InputError: there are too few articles to judge by.
    """
    if len(golds) < min_articles:
        raise InputError(
            f"两个模型都没有学过的留出文章只有 {len(golds)} 篇，少于 {min_articles} 篇，无法评判；"
            "请用 --data 给出标注数据，或说明理由（--why）直接启用"
        )
    before, after = old.manifest.theme_names, new.manifest.theme_names
    common = {key: name for key, name in after.items() if key in before}
    fresh = {key: name for key, name in after.items() if key not in before}
    articles = [to_article(gold) for gold in golds]
    said, said_now = ask_model(old, articles), ask_model(new, articles)
    judged = [*_compare(golds, said, said_now, common), *_measure(golds, said_now, fresh)]
    lost = [name for key, name in before.items() if key not in after]
    reasons = [f"新模型没有原来的主题：{'、'.join(lost)}"] if lost else []
    reasons += [reason for j in judged for reason in _object(j)]
    whole = next((j for j in judged if j.key == WHOLE), None)
    if whole and not fresh and whole.difference <= 0:
        reasons.append(f"整体没有变好（F1 {whole.old:.3f} → {whole.new:.3f}）")
    return Verdict(
        old.manifest.version, new.manifest.version, len(golds), tuple(judged), tuple(reasons)
    )


def _compare(
    golds: Sequence[GoldArticle],
    old: Sequence[Answer],
    new: Sequence[Answer],
    names: dict[str, str],
) -> list[Judged]:
    """Return the measures of the themes that both models have."""
    if not names:
        return []
    sheets = [mark(golds, answers, list(names)) for answers in (old, new)]
    measures = [m for m in THEMES if m.key in (WHOLE, FALSE_ALARMS)] + _f1_of(names)
    differences = estimate_difference(sheets[0], sheets[1], tuple(measures))
    return [
        _judged(m, m.of(sheets[0]), m.of(sheets[1]), differences[m.key], sheets[1], names)
        for m in measures
    ]


def _measure(
    golds: Sequence[GoldArticle], new: Sequence[Answer], names: dict[str, str]
) -> list[Judged]:
    """Return the measures of the themes that only the challenger has."""
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
    sheet: Sheet,
    names: dict[str, str],
) -> Judged:
    key = measure.key.removesuffix(".f1")
    n_positive = int(np.sum(sheet.want[:, list(names).index(key)] == 1)) if key in names else -1
    return Judged(measure.key, measure.name, old, new, interval.low, interval.high, n_positive)


def _object(judged: Judged) -> list[str]:
    """Return what speaks against the challenger in one measure."""
    if judged.key == WHOLE or isnan(judged.new):
        return []
    if judged.key == FALSE_ALARMS:
        return _object_to_alarms(judged)
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


def _object_to_alarms(judged: Judged) -> list[str]:
    if judged.difference <= FALSE_ALARM_TOLERANCE:
        return []
    return [
        f"无主题文章的误报上升 {judged.difference:.1%}（{judged.old:.1%} → {judged.new:.1%}），"
        f"超过容许的 {FALSE_ALARM_TOLERANCE:.0%}"
    ]
