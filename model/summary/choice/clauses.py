"""Clauses: the stretches between commas of which the learned choice says what they are worth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from model.article import Article
from model.spans import Span
from model.summary.openings import HEAD_SENTENCES, find_openings

_STOPS = re.compile(r"[，；：]")
# A summary tells nothing of what stands behind so many clauses, some 8,000 characters.
MAX_CLAUSES = 600


@dataclass(frozen=True)
class Clause:
    """A stretch of a sentence up to its next comma; `opening` is one that rules leave out."""

    span: Span
    sentence: int
    opening: bool


def split_clauses(article: Article) -> list[Clause]:
    """Split every sentence at its commas, semicolons and colons, and where an opening ends."""
    clauses: list[Clause] = []
    for number, sentence in enumerate(article.sentences):
        words = sentence.of(article.text)
        near_head = number < HEAD_SENTENCES
        openings = [span.end for span, _ in find_openings(words, near_head=near_head)]
        opened = openings[-1] if openings else 0
        stops = {m.end() for m in _STOPS.finditer(words, opened)}
        edges = sorted({0, *openings, *stops, len(words)})
        clauses += [
            Clause(Span(sentence.start + a, sentence.start + b), number, b <= opened)
            for a, b in pairwise(edges)
        ]
        if len(clauses) >= MAX_CLAUSES:
            break
    return clauses[:MAX_CLAUSES]
