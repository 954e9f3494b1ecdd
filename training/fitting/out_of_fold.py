"""Out-of-fold decisions on a theme: head, calibration and threshold had not seen the article."""

from __future__ import annotations

import numpy as np

from data.labels.user import SOURCE
from data.themes import ThemeEntry
from model.arrays import BoolArray, FloatArray, IntArray
from model.own_themes import OutOfFold
from training.fitting.theme_heads import EncodedPart, ThemeHeads, make_folds
from training.packaging.calibrate import HeldOut, fit_settings, to_scores
from training.settings import Settings


def count_out_of_fold(
    entry: ThemeEntry,
    found: ThemeHeads,
    train: EncodedPart,
    held_out: EncodedPart,
    settings: Settings,
    n_suspects: int = 0,
) -> OutOfFold:
    """Decide every user's article, and every held-out one, out of fold, and count.

    Users' articles to learn from are scored by heads of the other folds, held-out articles by the
    head of the model. Calibration and threshold are fitted anew for each fold, on the scores of all
    other articles.

    Args:
        entry: a theme that was fitted.
        found: the heads.
        train: what they learned from.
        held_out: what they did not.
        settings: see `Settings`.
        n_suspects: number of the theme's labels that are likely wrong.
    """
    users = np.flatnonzero(train.is_users)
    articles = [*(train.articles[i] for i in users), *held_out.articles]
    column = found.keys.index(entry.key)
    logits = np.append(
        found.fitted[entry.key].out_of_fold[users], held_out.data.pool(found.heads[entry.key])
    )
    labels = np.append(
        train.data.article_themes[users, column], held_out.data.article_themes[:, column]
    )
    accepted = np.zeros(len(articles), dtype=bool)
    for fold in make_folds(articles, settings.folds):
        rest = np.setdiff1d(np.arange(len(articles)), fold)
        accepted[fold] = _decide(entry, logits, labels, rest, np.array(fold), settings)
    is_users = np.array([article.source == SOURCE for article in articles])
    positive, negative = is_users & (labels == 1), is_users & (labels == 0)
    clear = ~is_users & (labels == 0)
    return OutOfFold(
        folds=settings.folds,
        hits=int((positive & accepted).sum()),
        false=int((negative & accepted).sum()),
        missed=int((positive & ~accepted).sum()),
        rejected=int((negative & ~accepted).sum()),
        n_clear=int(clear.sum()),
        alarms=int((clear & accepted).sum()),
        suspects=n_suspects,
    )


def _decide(
    entry: ThemeEntry,
    logits: FloatArray,
    labels: FloatArray,
    rest: IntArray,
    fold: IntArray,
    settings: Settings,
) -> BoolArray:
    """Calibrate on `rest` and decide `fold`; both are rows of `logits` and `labels`."""
    (setting,) = fit_settings([entry], HeldOut(logits[rest, None], labels[rest, None]), settings)
    scores = to_scores(logits[fold, None], [setting])[:, 0]
    accepted: BoolArray = scores >= setting.threshold
    return accepted
