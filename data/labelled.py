"""Labelled articles: what the corpus, pointers to real text and users' corrections all become."""

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
    """A key figure as an annotator marked it; the fields are those of `LABELS.md`.

    `value` is in base units, `(low, high)` for a range; `start` and `end` are offsets into
    `LabelledArticle.text`.
    """

    start: int
    end: int
    indicator: str
    value: tuple[float, ...]
    unit: str
    kind: str
    bound: str
    year: int | None


@dataclass(frozen=True)
class LabelledArticle:
    """An article with what a careful reader says of it.

    `sentences` is None where only the article as a whole was labelled. Where `complete` is
    false, an unlisted sentence may carry a theme of the article all the same. `figures` is
    None where nobody marked figures. `unasked` are themes that nobody looked for in it, so that
    their absence from `themes` says nothing. `near` are themes that it only looks like. Articles
    that share a `cluster` come from one source and are never parted by a split; empty: alone.
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
