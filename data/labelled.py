"""Labelled articles: the common form of the corpus, pointers and users' corrections."""

from __future__ import annotations

from dataclasses import dataclass

# The source of articles that were written for this project.
CORPUS = "corpus"


@dataclass(frozen=True)
class LabelledSentence:
    """A stretch of an article's raw text with the themes it reports on.

    `start` and `end` are character offsets into `LabelledArticle.text`, end-exclusive.
    `borderline` themes count neither way. `key` marks a sentence of the reference summary.
    """

    start: int
    end: int
    themes: frozenset[str] = frozenset()
    borderline: frozenset[str] = frozenset()
    key: bool = False


@dataclass(frozen=True)
class LabelledFigure:
    """A key figure as an annotator marked it; fields as in `model.report.Figure`.

    `value` is in base units, `(low, high)` for a range; `start` and `end` are offsets into
    `LabelledArticle.text`. `body`, `base` and `official` are None where nobody was asked for them,
    empty where there is none.
    """

    start: int
    end: int
    indicator: str
    value: tuple[float, ...]
    unit: str
    kind: str
    bound: str
    year: int | None
    body: str | None = None
    base: str | None = None
    official: str | None = None


@dataclass(frozen=True)
class LabelledArticle:
    """An article with an annotator's labels.

    `sentences` is None if only the article as a whole was labelled. With `complete` false, an
    unlisted sentence may carry a theme of the article. `figures` is None if figures were not
    marked. `unasked` are themes that the annotator did not look for: their absence from `themes`
    means nothing. `near` are themes that the article resembles without having them. Articles with
    the same non-empty `cluster` come from one source, and a split keeps them together.
    """

    id: str
    text: str
    source: str
    themes: frozenset[str]
    borderline: frozenset[str] = frozenset()
    primary: str | None = None
    title: str = ""
    date: str = ""
    genre: str = ""
    near: frozenset[str] = frozenset()
    cluster: str = ""
    sentences: tuple[LabelledSentence, ...] | None = None
    complete: bool = True
    figures: tuple[LabelledFigure, ...] | None = None
    unasked: frozenset[str] = frozenset()
