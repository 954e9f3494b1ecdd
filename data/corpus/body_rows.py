"""Bodies of labelled rows, in cleaned texts: whose each key figure is, for fitting and measuring.

Articles fall into two parts by their id: rules may be written and weights fitted on `written`, and
only `reported` says how good they are.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data.corpus.figure_rows import Place, resolve_rows
from model import Article, InputError
from model.spans import Span

PARTS = ("written", "reported")
_MIN_TAIL_CHARS = 3
_NATION = frozenset(("全国", "我国", "中国"))


@dataclass(frozen=True)
class BodyRow:
    """A figure at `at` in sentence `number`; `body` is the span of whose it is, None of nobody."""

    at: Span
    number: int
    body: Span | None


@dataclass(frozen=True)
class BodyArticle:
    """A cleaned article with its sure rows whose body is known and in the text."""

    article: Article
    rows: tuple[BodyRow, ...]


def part_of(id: str) -> str:
    """Return the part that an article belongs to, by its id alone."""
    return PARTS[hashlib.sha1(id.encode(), usedforsecurity=False).digest()[0] % 2]


def body_articles(parts: tuple[str, ...] = PARTS) -> Iterator[BodyArticle]:
    """Return the articles of some parts whose texts are at hand (`YIWEN_TEXTS`)."""
    for found in resolve_rows()[0]:
        if part_of(found.id) not in parts:
            continue
        try:
            article = Article.from_raw(found.text, id=found.id, date=found.date)
        except InputError:
            continue
        places, rows = _CleanedPlaces(article), []
        for row in found.rows:
            at, body = places.find(row.at), row.body and places.find(row.body)
            if at and row.is_sure and row.is_body_known and bool(body) == bool(row.body):
                number = bisect_right(article.sentences, at.start, key=lambda s: s.start) - 1
                rows.append(BodyRow(at, number, body or None))
        yield BodyArticle(article, tuple(rows))


def is_near(name: str, wanted: str) -> bool:
    """Whether two names are of one body: one is the end of the other, as with a place before it."""
    if name in _NATION and wanted in _NATION:
        return True
    return name == wanted or (
        min(len(name), len(wanted)) >= _MIN_TAIL_CHARS
        and (name.endswith(wanted) or wanted.endswith(name))
    )


class _CleanedPlaces:
    """Where stretches of a raw text are in the cleaned one."""

    def __init__(self, article: Article) -> None:
        self._cleaned = np.full(len(article.raw) + 1, -1)
        self._cleaned[article.offsets] = np.arange(len(article.offsets))

    def find(self, place: Place) -> Span | None:
        kept = self._cleaned[place[0] : place[1]]
        kept = kept[kept >= 0]
        return Span(int(kept.min()), int(kept.max()) + 1) if len(kept) else None
