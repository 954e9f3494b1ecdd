"""Themes: from segment logits to calibrated article scores, evidence and the main theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from model.arrays import FloatArray
from model.article import Article
from model.encoder import EncodedArticle
from model.manifest import Manifest, ThemeSetting
from model.report import Theme
from model.spans import Span

# Removing evidence changes the context of the other sentences; allow for slightly higher logits.
EVIDENCE_MARGIN = 0.5


def pool_logits(logits: FloatArray) -> FloatArray:
    """Pool segment logits (segments, themes) into article logits (themes,): log-sum-exp."""
    top = logits.max(axis=0)
    pooled: FloatArray = top + np.log(np.exp(logits - top).sum(axis=0))
    return pooled


def calibrate(logit: float, setting: ThemeSetting) -> float:
    """Turn a pooled logit into a probability (Platt, 1999)."""
    return float(1 / (1 + np.exp(-(setting.slope * logit + setting.bias))))


def score_themes(encoded: EncodedArticle, manifest: Manifest) -> dict[str, float]:
    """Return the calibrated probability of every theme."""
    pooled = pool_logits(encoded.theme_logits)
    return {
        setting.key: calibrate(float(x), setting)
        for x, setting in zip(pooled, manifest.themes, strict=True)
    }


def show_scores(scores: Mapping[str, float], manifest: Manifest) -> dict[str, float]:
    """Return what people are shown of scores: 0.5 is each theme's own threshold.

    A theme of 58% that is no beside one of 39% that is yes cannot be read. The score's odds are
    divided by those of the threshold, so that order, 0 and 1 stay.
    """
    shown = {}
    for setting in manifest.themes:
        odds = scores[setting.key] * (1 - setting.threshold)
        against = (1 - scores[setting.key]) * setting.threshold
        shown[setting.key] = odds / (odds + against) if odds + against else 0.5
    return shown


def sentence_logits(article: Article, encoded: EncodedArticle) -> FloatArray:
    """Return what each sentence adds to an article's pooled logits, shape (sentences, themes)."""
    logits = np.full((len(article.sentences), encoded.theme_logits.shape[1]), -np.inf, np.float32)
    np.logaddexp.at(logits, list(encoded.sentences), encoded.theme_logits)
    return logits


def accept_themes(
    article: Article, by_sentence: FloatArray, scores: dict[str, float], manifest: Manifest
) -> tuple[Theme, ...]:
    """Return the themes above their thresholds with their evidence, best first.

    `by_sentence` is the result of `sentence_logits`.
    """
    themes = [
        Theme(
            setting.key,
            setting.name,
            scores[setting.key],
            find_evidence(article, logits, setting, manifest.evidence_threshold),
        )
        for setting, logits in zip(manifest.themes, by_sentence.T, strict=True)
        if scores[setting.key] >= setting.threshold
    ]
    return tuple(sorted(themes, key=lambda theme: -theme.score))


def find_evidence(
    article: Article, logits: FloatArray, setting: ThemeSetting, evidence_threshold: float
) -> tuple[Span, ...]:
    """Return the sentences that carry a theme, in order; `logits` are the theme's, (sentences,).

    They are the fewest sentences without which the pooled logit would fall `EVIDENCE_MARGIN`
    below the theme's threshold, and every other sentence that reaches `evidence_threshold` alone.
    Headings, captions and the like are none, unless the article has nothing else.
    """
    speaking = np.array([article.may_speak(i) for i in range(len(logits))])
    if speaking.any():
        logits = np.where(speaking, logits, -np.inf)
    order = np.argsort(-logits, kind="stable")
    rest = np.logaddexp.accumulate(logits[order][::-1])[::-1]  # pooled from each rank on
    n_needed = int((rest >= to_logit(setting.threshold, setting) - EVIDENCE_MARGIN).sum())
    clear = to_logit(evidence_threshold, setting)
    chosen = {*order[: max(n_needed, 1)], *np.flatnonzero(logits >= clear)}
    return tuple(article.sentences[i] for i in sorted(chosen))


def to_logit(score: float, setting: ThemeSetting) -> float:
    """Return the logit whose calibrated probability is `score`."""
    return float((np.log(score / (1 - score)) - setting.bias) / setting.slope)


def name_for_review(scores: dict[str, float], manifest: Manifest) -> tuple[str, ...]:
    """Return the themes whose score is too close to call."""
    return tuple(s.key for s in manifest.themes if s.review[0] <= scores[s.key] <= s.review[1])


def choose_primary(
    article: Article, themes: Sequence[Theme], by_sentence: FloatArray, manifest: Manifest
) -> str | None:
    """Return the accepted theme that most of the text touches; None below `primary_share` of it.

    A sentence touches a theme where, as an article by itself, it would score `touch_threshold`.
    """
    lowest = [to_logit(manifest.touch_threshold, setting) for setting in manifest.themes]
    lengths = np.array([span.end - span.start for span in article.sentences])
    touched = lengths @ (by_sentence >= lowest) / lengths.sum()
    shares = {
        setting.key: float(share) for setting, share in zip(manifest.themes, touched, strict=True)
    }
    main = max(themes, key=lambda theme: (shares[theme.theme], theme.score), default=None)
    if main is None or shares[main.theme] < manifest.primary_share:
        return None
    return main.theme
