"""The gate: a new model against the model in use, on articles that neither was trained on.

Both predict as serving does, with the 8-bit network. The new model is accepted if no theme's F1
falls beyond its tolerance, articles without a theme are not tagged more often, and micro-F1 rises.
A model with a new theme need not be better at the old themes. A new theme of the user's own is
judged out of fold, on all labels (`eval.gate.own_themes`); where training left no such figures, on
held-out articles, where it must reach `NEW_THEME_F1`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from math import ceil, isnan

import numpy as np

from data.corpus.duplicates import find_known
from data.gold import GoldArticle
from data.labelled import LabelledArticle
from data.labels.user import SOURCE
from data.themes import read_themes
from eval.gate.own_themes import (
    MIN_POSITIVE,
    NEW_THEME_F1,
    compare_own,
    judge_new,
    note_too_few,
    object_to_new,
)
from eval.gate.verdict import Judged, Verdict
from eval.measuring.bootstrap import Estimate, estimate, estimate_difference
from eval.measuring.measures import THEMES, Measure, theme_measures
from eval.measuring.predictions import Prediction, clean_gold, predict
from eval.measuring.scoresheet import Scoresheet, mark
from model import Analyzer, Article, InputError
from model.manifest import Manifest
from model.own_themes import read_own_themes, read_too_few

MIN_ARTICLES = 20
# Allowed drop in F1: 0.03 if the 95% interval excludes zero, else 0.1. Of ten articles with a
# theme, one more mistake is 0.05, which is chance.
TOLERANCE, DOUBTFUL_TOLERANCE = 0.03, 0.1
# Allowed rise of the share of false alarms.
FALSE_ALARM_TOLERANCE = 0.03
# The share of users' articles that training holds out, where the manifest does not say.
HELD_OUT_SHARE = 0.15
WHOLE, FALSE_ALARMS = "micro.f1", "false_alarms"


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

    Articles of which cleaning leaves nothing are left out, as in training.

    Args:
        old: the model in use.
        new: the challenger.
        golds: the articles.
        min_articles: fewer are refused.
        show: is called with how many analyses are done, of how many.

    Raises:
        InputError: there are too few articles.
    """
    golds, articles = _read(golds)
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
    advance = _counter(2 * len(articles), show)
    old_predictions, new_predictions = (predict(m, articles, advance) for m in (old, new))
    compared = _take_out_of_fold(
        _compare(golds, old_predictions, new_predictions, common), old.manifest, new.manifest
    )
    own = {k: one for k, one in read_own_themes(new.manifest.metrics).items() if k in added}
    held_out = {key: name for key, name in added.items() if key not in own}
    compared += _measure(golds, new_predictions, held_out)
    lost = [name for key, name in before.items() if key not in after]
    reasons = [f"新模型没有原来的主题：{'、'.join(lost)}"] if lost else []
    share = _held_out_share(new.manifest)
    reasons += [reason for j in compared for reason in _objections(j, share)]
    reasons += [reason for key, one in own.items() for reason in object_to_new(added[key], one)]
    reasons += [] if added else _object_to_whole(compared)
    new_rows = [row for key, one in own.items() for row in judge_new(key, added[key], one)]
    return Verdict(
        old.manifest.version, new.manifest.version, len(golds), (*compared, *new_rows),
        tuple(reasons), tuple(note_too_few(read_too_few(new.manifest.metrics))),
    )  # fmt: skip


def _read(golds: Sequence[GoldArticle]) -> tuple[list[GoldArticle], list[Article]]:
    """Return the articles that can be read, and what cleaning leaves of them."""
    kept, articles = list[GoldArticle](), list[Article]()
    for gold in golds:
        with suppress(InputError):
            articles.append(clean_gold(gold))
            kept.append(gold)
    return kept, articles


def _take_out_of_fold(compared: Sequence[Judged], old: Manifest, new: Manifest) -> list[Judged]:
    """Judge users' own themes out of fold where too few held-out articles have the theme."""
    own_old, own_new = read_own_themes(old.metrics), read_own_themes(new.metrics)
    both = {f"{key}.f1": key for key in own_old.keys() & own_new.keys()}

    def choose(row: Judged) -> Judged:
        key = both.get(row.key)
        if key is None or not row.n_positive < MIN_POSITIVE <= own_new[key].n_positive:
            return row
        return compare_own(key, new.theme_names[key], own_old[key], own_new[key])

    return [choose(row) for row in compared]


def _object_to_whole(judged: Sequence[Judged]) -> list[str]:
    """Return the reason against a model that is no better; a theme out of fold may be what is."""
    whole = next((j for j in judged if j.key == WHOLE), None)
    is_better = any(j.folds and j.difference > 0 for j in judged)
    if whole is None or whole.difference > 0 or (whole.difference == 0 and is_better):
        return []
    return [f"整体没有变好（F1 {whole.old:.3f} → {whole.new:.3f}）"]


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
    asked = [_pick_asked(sheet, list(names)) for sheet in sheets]
    whole, alarms = (next(m for m in THEMES if m.key == key) for key in (WHOLE, FALSE_ALARMS))
    rows = []
    for (before, after), measures in ((sheets, (whole, *_f1_of(names))), (asked, (alarms,))):
        differences = estimate_difference(before, after, measures)
        rows += [
            _judged(m, m.of(before), m.of(after), differences[m.key], after, names)
            for m in measures
        ]
    return rows


def _pick_asked(sheet: Scoresheet, themes: list[str]) -> Scoresheet:
    """Return the sheet of our themes, which alone were looked for in every article of the corpus.

    With a theme of the user's own among the columns, no article would surely be without a theme.
    """
    ours = {theme.key for theme in read_themes()}
    columns = [i for i, key in enumerate(themes) if key in ours] or list(range(len(themes)))
    return replace(
        sheet, expected=sheet.expected[:, columns], predicted=sheet.predicted[:, columns]
    )


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


def _held_out_share(manifest: Manifest) -> float:
    """Return which share of users' articles training held out."""
    share = manifest.settings.get("held_out")
    return share if isinstance(share, float) and 0 < share < 1 else HELD_OUT_SHARE


def _objections(judged: Judged, held_out_share: float) -> list[str]:
    """Return the reasons against the new model from one measure."""
    if judged.key == WHOLE or isnan(judged.new):
        return []
    if judged.key == FALSE_ALARMS:
        return _objections_to_alarms(judged)
    if judged.n_positive < MIN_POSITIVE:
        fall = "" if judged.old is None else f"下降 {-judged.difference:.3f}，而"
        n_more = ceil((MIN_POSITIVE - judged.n_positive) / held_out_share)
        few = (
            f"{judged.name} {fall}留出文章里只有 {judged.n_positive} 篇有这个主题，"
            f"至少 {MIN_POSITIVE} 篇才能评判：请再标注约 {n_more} 篇有它的文章"
            f"（其中约 {held_out_share:.0%} 会留出来评判），或写明理由后启用"
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
