"""Examples: labelled articles as tokens and targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from data.labelled import LabelledArticle, LabelledSentence
from model import Article, InputError, Span
from model.arrays import FloatArray
from model.windows import Window, cut_segments, pack_windows

UNKNOWN = -1.0
BORDERLINE = 0.5


@dataclass(frozen=True)
class Targets:
    """Targets of one article.

    `segment_themes` has shape (segments, themes) and `article_themes` (themes,): 1 with the
    theme, 0 without, 0.5 for a borderline label, -1 for an unknown one. `salience`, shape
    (segments,), is 1 for a sentence of the reference summary.
    """

    segment_themes: FloatArray
    salience: FloatArray
    article_themes: FloatArray


@dataclass(frozen=True)
class Example(Targets):
    """One labelled article, ready for the network."""

    labelled: LabelledArticle
    windows: tuple[Window, ...]


def make_example(
    labelled: LabelledArticle,
    themes: Sequence[str],
    tokenizer: Tokenizer,
    window_tokens: int,
) -> Example:
    """Clean, split and tokenise an article as serving does, and make its targets."""
    article = Article.from_raw(labelled.text, id=labelled.id)
    segments = cut_segments(article, tokenizer, window_tokens)
    targets = make_targets(article, labelled, themes, [s.sentence for s in segments])
    return Example(
        **vars(targets), labelled=labelled, windows=tuple(pack_windows(segments, window_tokens))
    )


def make_examples(
    articles: Iterable[LabelledArticle],
    themes: Sequence[str],
    tokenizer: Tokenizer,
    window_tokens: int,
) -> list[Example]:
    """Make an example of each article; those of which cleaning leaves nothing are left out."""
    examples = list[Example]()
    for article in articles:
        with suppress(InputError):
            examples.append(make_example(article, themes, tokenizer, window_tokens))
    return examples


def make_targets(
    article: Article, labelled: LabelledArticle, themes: Sequence[str], rows: Sequence[int]
) -> Targets:
    """Make targets of an article's segments from its labels.

    Args:
        article: the cleaned text of `labelled`.
        labelled: the labels.
        themes: keys, in the order of the columns.
        rows: index of each segment's sentence.
    """
    whole = np.array(
        [_target(t, labelled.themes, labelled.borderline) for t in themes], dtype=np.float32
    )
    by_sentence, salience = _sentence_targets(article, labelled, themes, whole)
    unasked = [theme in labelled.unasked for theme in themes]
    whole[unasked] = UNKNOWN
    by_sentence[:, unasked] = UNKNOWN
    return Targets(by_sentence[list(rows)], salience[list(rows)], whole)


def _sentence_targets(
    article: Article, labelled: LabelledArticle, themes: Sequence[str], whole: FloatArray
) -> tuple[FloatArray, FloatArray]:
    n = len(article.sentences)
    if labelled.sentences is None:
        # A theme that the article does not have is in none of its sentences.
        rows = np.tile(np.where(whole == 0, 0, UNKNOWN).astype(np.float32), (n, 1))
        return rows, np.full(n, UNKNOWN, dtype=np.float32)
    unlisted = np.zeros(len(themes), dtype=np.float32)
    if not labelled.complete:
        unlisted = np.where(whole == 0, 0, UNKNOWN).astype(np.float32)
    rows = np.tile(unlisted, (n, 1))
    keys = any(s.key for s in labelled.sentences)
    salience = np.full(n, 0 if keys else UNKNOWN, dtype=np.float32)
    for i, sentence in enumerate(article.sentences):
        for mark in _marks(article.to_raw(sentence), labelled.sentences):
            for j, theme in enumerate(themes):
                rows[i, j] = max(rows[i, j], _target(theme, mark.themes, mark.borderline))
            salience[i] = max(salience[i], float(mark.key))
    return rows, salience


def _marks(span: Span, marks: Sequence[LabelledSentence]) -> list[LabelledSentence]:
    """Return the marks that share at least half of the shorter of both stretches."""
    found = []
    for mark in marks:
        shared = min(span.end, mark.end) - max(span.start, mark.start)
        if shared * 2 >= min(span.end - span.start, mark.end - mark.start):
            found.append(mark)
    return found


def _target(theme: str, sure: frozenset[str], borderline: frozenset[str]) -> float:
    if theme in sure:
        return 1.0
    return BORDERLINE if theme in borderline else 0.0
