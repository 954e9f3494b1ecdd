"""Heads of a continued model: fitted theme by theme, calibrated, and used to find label errors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from data.corpus.split import group_articles
from data.labelled import LabelledArticle
from data.labels.user import SOURCE
from data.themes import ThemeEntry
from model import Article, InputError
from model.arrays import BoolArray, FloatArray
from model.manifest import ThemeSetting
from training.fitting.examples import UNKNOWN, Targets, make_targets
from training.fitting.heads import FittedHead, Head, HeadData, fit_head
from training.fitting.suspects import Suspect, to_suspects
from training.fitting.vectors import VectorCache
from training.packaging.calibrate import HeldOut, fit_settings, to_scores
from training.settings import Settings


@dataclass(frozen=True)
class EncodedPart:
    """Labelled articles of one side of the split, with their vectors and targets."""

    articles: list[LabelledArticle]
    data: HeadData

    @property
    def is_users(self) -> BoolArray:
        """Whether each article is a user's, shape (articles,)."""
        return np.array([a.source == SOURCE for a in self.articles])


@dataclass(frozen=True)
class FittedTheme:
    """A head fitted on all articles, and logits of users' articles out of fold (NaN: others)."""

    full: FittedHead
    out_of_fold: FloatArray


@dataclass(frozen=True)
class ThemeHeads:
    """Heads of all themes by key, in the order of `keys`; `fitted` are those fitted this time."""

    keys: list[str]
    heads: dict[str, Head]
    fitted: dict[str, FittedTheme]

    def decide(self, themes: Sequence[ThemeSetting], part: EncodedPart) -> HeldOut:
        """Return logits and labels of some of the themes."""
        return decide(themes, self.keys, self.heads, part)


def encode_part(
    articles: list[LabelledArticle],
    themes: Sequence[str],
    vectors: VectorCache,
    on_article: Callable[[], None],
) -> EncodedPart:
    """Encode every article of which cleaning leaves enough, from the cache where possible."""
    kept, encoded, targets = list[LabelledArticle](), [], list[Targets]()
    for labelled in articles:
        with suppress(InputError):
            article = Article.from_raw(labelled.text, id=labelled.id)
            encoded.append(vectors.encode(article))
            targets.append(make_targets(article, labelled, themes, encoded[-1].sentences))
            kept.append(labelled)
        on_article()
    return EncodedPart(kept, HeadData.join(encoded, targets))


def fit_themes(
    train: EncodedPart,
    start: dict[str, Head],
    themes: Collection[str],
    settings: Settings,
    on_theme: Callable[[], None],
) -> ThemeHeads:
    """Fit the heads of some themes.

    Args:
        train: what to learn from.
        start: heads of all themes, in the order of the targets' columns.
        themes: keys of the heads to fit.
        settings: see `Settings`.
        on_theme: called after each theme.
    """
    keys = list(start)
    fitted = {}
    for key in sorted(themes):
        fitted[key] = _fit_theme(train, keys.index(key), start[key], settings)
        on_theme()
    heads = start | {key: one.full.head for key, one in fitted.items()}
    return ThemeHeads(keys, heads, fitted)


def _fit_theme(train: EncodedPart, column: int, start: Head, settings: Settings) -> FittedTheme:
    """Fit a theme's head on all articles, and in folds for logits that no own label influenced."""
    users = np.flatnonzero(train.is_users)
    weights = np.where(train.is_users, settings.own_weight, 1.0)
    out_of_fold = np.full(len(train.articles), np.nan)
    for fold in make_folds([train.articles[i] for i in users], settings.folds):
        left_out = users[fold]
        rest = np.setdiff1d(np.arange(len(train.articles)), left_out)
        found = fit_head(train.data.pick(rest), column, start, settings, weights[rest])
        out_of_fold[left_out] = train.data.pick(left_out).pool(found.head)
    return FittedTheme(fit_head(train.data, column, start, settings, weights), out_of_fold)


def make_folds(articles: Sequence[LabelledArticle], n: int) -> list[list[int]]:
    """Deal stories into at most `n` folds, stories of the same themes in turn."""
    stories = sorted(group_articles(articles), key=lambda story: sorted(articles[story[0]].themes))
    folds: list[list[int]] = [[] for _ in range(n)]
    for at, story in enumerate(stories):
        folds[at % n] += story
    return [fold for fold in folds if fold]


def decide(
    themes: Sequence[ThemeSetting],
    keys: list[str],
    heads: Mapping[str, Head],
    part: EncodedPart,
) -> HeldOut:
    """Return logits and labels of some themes; `keys` are all themes, in order of the targets."""
    columns = [keys.index(theme.key) for theme in themes]
    logits = np.stack([part.data.pool(heads[theme.key]) for theme in themes], axis=1)
    return HeldOut(logits, part.data.article_themes[:, columns])


def calibrate_themes(
    entries: Sequence[ThemeEntry],
    old: Sequence[ThemeSetting],
    found: ThemeHeads,
    train: EncodedPart,
    held_out: EncodedPart,
    settings: Settings,
) -> tuple[ThemeSetting, ...]:
    """Calibrate fitted themes on held-out articles and on users' own, out of fold.

    Themes that were not fitted keep their old settings. Users' labels of these count as unknown;
    their logits count towards the share of articles in review.
    """
    kept = {theme.key: theme for theme in old}
    users = train.is_users
    logits, labels = [], []
    for column, key in enumerate(found.keys):
        is_fitted = key in found.fitted
        seen = train.data.article_themes[users, column]
        outside = found.fitted[key].out_of_fold if is_fitted else train.data.pool(found.heads[key])
        logits.append(np.append(held_out.data.pool(found.heads[key]), outside[users]))
        users_labels = seen if is_fitted else np.full(len(seen), UNKNOWN)
        labels.append(np.append(held_out.data.article_themes[:, column], users_labels))
    fitted = fit_settings(
        entries, HeldOut(np.stack(logits, axis=1), np.stack(labels, axis=1)), settings
    )
    return tuple(new if new.key in found.fitted else kept[new.key] for new in fitted)


def suspect_labels(
    themes: Sequence[ThemeSetting], found: ThemeHeads, train: EncodedPart, held_out: EncodedPart
) -> list[Suspect]:
    """Find users' labels of fitted themes that heads which did not learn from them contradict."""
    suspects = []
    users, users_held_out = np.flatnonzero(train.is_users), np.flatnonzero(held_out.is_users)
    articles = [train.articles[i] for i in users] + [held_out.articles[i] for i in users_held_out]
    for column, theme in enumerate(themes):
        if theme.key not in found.fitted:
            continue
        logits = np.append(
            found.fitted[theme.key].out_of_fold[users],
            held_out.data.pool(found.heads[theme.key])[users_held_out],
        )
        labels = np.append(
            train.data.article_themes[users, column],
            held_out.data.article_themes[users_held_out, column],
        )
        scores = to_scores(logits[:, None], [theme])[:, 0]
        suspects += to_suspects(articles, theme.key, labels, scores)
    return suspects
