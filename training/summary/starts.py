"""Counting starts: what opens sentences, and what opens the clauses behind their commas."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

from model.sentences import split_sentences
from model.summary.starts import LENGTHS, normalise

_COMMA = re.compile(r"[，；]")
_HAN = re.compile(r"[\u4e00-\u9fff]{2}")
_MAX_CHARS = 4_000  # of a text
_MIN_SENTENCE_CHARS = 12
_MIN_SEEN = 25  # of sentences, and of clauses as many as there are sentences
_SMOOTHED = 2.0


def count_starts(texts: Iterable[str]) -> dict[str, float]:
    """Return the log-odds of starts to open later clauses rather than sentences."""
    opening: Counter[str] = Counter()
    later: Counter[str] = Counter()
    n_sentences = n_clauses = 0
    for text in texts:
        head = text[:_MAX_CHARS]
        sentences = [span.of(head) for span in split_sentences(head)][1:]
        for words in sentences:
            if len(words) < _MIN_SENTENCE_CHARS or words[-1] not in "。！":
                continue
            opening.update(_starts(words))
            n_sentences += 1
            for comma in _COMMA.finditer(words):
                later.update(_starts(words[comma.end() :]))
                n_clauses += 1
    share = n_sentences / max(n_clauses, 1)
    return {
        start: math.log((later[start] * share + _SMOOTHED) / (opening[start] + _SMOOTHED))
        for start in sorted(later | opening)
        if later[start] * share + opening[start] >= _MIN_SEEN
    }


def _starts(words: str) -> list[str]:
    start = normalise(words)
    return [start[:n] for n in LENGTHS if len(start) >= n and _HAN.match(start)]
