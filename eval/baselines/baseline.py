"""Baselines: each predicts one aspect of an article and leaves the others empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from data.gold import GoldArticle
from data.labelled import LabelledArticle
from data.themes import ThemeEntry
from eval.baselines.extracts import best_extract, lead, textrank
from eval.baselines.keywords import find_themes, read_keywords
from eval.baselines.linear import best_threshold, fit_and_score, tfidf_features
from eval.baselines.number_regex import find_numbers
from eval.measuring.predictions import Prediction
from model import Article

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]
MIN_POSITIVES = 5


class Aspect(StrEnum):
    """The part of a report that a baseline predicts."""

    THEMES = "themes"
    FIGURES = "figures"
    SUMMARIES = "summaries"


@dataclass(frozen=True)
class Baseline:
    """A baseline's predictions, one an article."""

    name: str
    aspect: Aspect
    predictions: list[Prediction]


@dataclass(frozen=True)
class _Data:
    train: Sequence[str]
    labels: npt.NDArray[np.int8]
    test: Sequence[Article]
    themes: Sequence[ThemeEntry]


def run_baselines(
    train: Sequence[LabelledArticle],
    golds: Sequence[GoldArticle],
    articles: Sequence[Article],
    themes: Sequence[ThemeEntry],
    embed: Embed | None,
) -> Iterator[Baseline]:
    """Run every baseline.

    Args:
        train: articles that the linear models learn from and thresholds are chosen on.
        golds: the gold articles, which only the best extract looks at.
        articles: the cleaned articles, in the order of `golds`.
        themes: the themes with their descriptions.
        embed: returns unit vectors of texts; without it, the vector baselines are left out.
    """
    texts = [Article.from_raw(a.text).text for a in train]
    labels = np.array([[_label(a, t.key) for t in themes] for a in train], dtype=np.int8)
    data = _Data(texts, labels, articles, themes)
    words = read_keywords()
    for n in (1, 2):
        found = [Prediction(a.text, themes=find_themes(a.text, words, n)) for a in articles]
        yield Baseline(f"关键词（{n} 处）", Aspect.THEMES, found)
    tests = [a.text for a in articles]
    if len(train) > MIN_POSITIVES:
        yield _linear("字符 TF-IDF + 逻辑回归", data, *tfidf_features(texts, tests))
    if embed is not None and len(train) > MIN_POSITIVES:
        vectors = embed(texts), embed(tests)
        yield _linear("e5 平均向量 + 逻辑回归", data, *vectors)
        yield _zero_shot(data, *vectors, embed([t.description for t in themes]))
    numbers = [Prediction(a.text, figures=find_numbers(a)) for a in articles]
    yield Baseline("带单位的数字（正则）", Aspect.FIGURES, numbers)
    yield _extracts("开头几句（Lead）", [lead(a) for a in articles], articles)
    yield _extracts("TextRank", [textrank(a) for a in articles], articles)
    best = [
        best_extract(a, g.summary) if g.summary else ""
        for a, g in zip(articles, golds, strict=True)
    ]
    yield _extracts("最佳摘录（上限）", best, articles)


def _linear(name: str, data: _Data, train: Any, test: Any) -> Baseline:
    columns = [
        fit_and_score(train, data.labels[:, i], test)
        if (data.labels[:, i] == 1).sum() >= MIN_POSITIVES
        else (np.zeros(len(data.test)), np.zeros(len(data.test), dtype=bool))
        for i in range(len(data.themes))
    ]
    return _to_baseline(name, data, columns)


def _zero_shot(data: _Data, train: Any, test: Any, described: Any) -> Baseline:
    columns = []
    for i, description in enumerate(described):
        known = data.labels[:, i] >= 0
        threshold = best_threshold(data.labels[known, i], (train @ description)[known])
        scores = test @ description
        columns.append((scores, scores >= threshold))
    return _to_baseline("与主题说明的相似度（零样本）", data, columns)


def _to_baseline(name: str, data: _Data, columns: Sequence[tuple[Any, Any]]) -> Baseline:
    keys = [theme.key for theme in data.themes]
    predictions = [
        Prediction(
            article.text,
            themes=frozenset(
                k for k, (_, predicted) in zip(keys, columns, strict=True) if predicted[row]
            ),
            scores={k: float(s[row]) for k, (s, _) in zip(keys, columns, strict=True)},
        )
        for row, article in enumerate(data.test)
    ]
    return Baseline(name, Aspect.THEMES, predictions)


def _extracts(name: str, summaries: Sequence[str], articles: Sequence[Article]) -> Baseline:
    pairs = zip(articles, summaries, strict=True)
    return Baseline(name, Aspect.SUMMARIES, [Prediction(a.text, summary=s) for a, s in pairs])


def _label(article: LabelledArticle, theme: str) -> int:
    if theme in article.themes:
        return 1
    return -1 if theme in article.borderline else 0
