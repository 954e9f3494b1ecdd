"""Extracts: Lead, TextRank, and the best possible extract as the ceiling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from eval.measuring.summary_scores import rouge
from model import Article, Span

MAX_CHARS = 150
_DAMPING = 0.85
_STEPS = 50
_ROUGE_L = 2


def lead(article: Article) -> str:
    """Return the first sentences that fit `MAX_CHARS`."""
    return _join(article, range(len(article.sentences)), stop=True)


def textrank(article: Article) -> str:
    """Return the sentences most like the others (Mihalcea and Tarau, 2004), as many as fit."""
    texts = [s.of(article.text) for s in article.sentences]
    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit_transform(texts)
    likeness = (grams @ grams.T).toarray()
    np.fill_diagonal(likeness, 0)
    flow = likeness / np.maximum(likeness.sum(axis=1, keepdims=True), 1e-9)
    rank = np.full(len(texts), 1 / len(texts))
    for _ in range(_STEPS):
        rank = (1 - _DAMPING) / len(texts) + _DAMPING * rank @ flow
    return _join(article, np.argsort(-rank, kind="stable").tolist())


def best_extract(article: Article, reference: str) -> str:
    """Return the extract of highest ROUGE-L, chosen greedily by sentence: the ceiling."""
    chosen: list[int] = []
    score = 0.0
    while True:
        remaining = [i for i in range(len(article.sentences)) if i not in chosen]
        options = [sorted([*chosen, i]) for i in remaining]
        fitting = [o for o in options if sum(map(len, _texts(article, o))) <= MAX_CHARS]
        scored = [(rouge("".join(_texts(article, o)), reference)[_ROUGE_L], o) for o in fitting]
        best = max(scored, default=(0.0, chosen))
        if best[0] <= score:
            return "".join(_texts(article, chosen))
        score, chosen = best


def _join(article: Article, order: Sequence[int], *, stop: bool = False) -> str:
    """Take sentences in order as long as they fit; with `stop`, end at the first that does not."""
    taken: list[Span] = []
    room = MAX_CHARS
    for i in order:
        span = article.sentences[i]
        if span.end - span.start <= room:
            taken.append(span)
            room -= span.end - span.start
        elif stop:
            break
    if not taken:
        first = article.sentences[order[0]]
        taken = [Span(first.start, min(first.end, first.start + MAX_CHARS))]
    return "".join(span.of(article.text) for span in sorted(taken, key=lambda s: s.start))


def _texts(article: Article, chosen: Sequence[int]) -> list[str]:
    return [article.sentences[i].of(article.text) for i in chosen]
