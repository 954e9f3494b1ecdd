"""Scores of summaries: ROUGE, numbers that occur in the text, the main figure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

from data.characters import strip_punctuation
from data.gold import GoldFigure

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*[万亿千百]*[%％]?")
_SPACE = re.compile(r"\s")


def rouge(found: str, expected: str) -> tuple[float, float, float]:
    """Return ROUGE-1, ROUGE-2 and ROUGE-L F1 by character (Lin, 2004), without punctuation.

    ROUGE's usual tokenizer drops Chinese characters and scores equal texts as 0; here a
    character is a token.
    """
    one, other = strip_punctuation(found), strip_punctuation(expected)
    grams = (_count_grams(one, other, n) for n in (1, 2))
    scores = [_f1(common, n_found, n_want) for common, n_found, n_want in grams]
    longest = int(LCSseq.similarity(one, other))
    return scores[0], scores[1], _f1(longest, len(one), len(other))


def count_true_numbers(summary: str, text: str) -> tuple[int, int]:
    """Return how many numbers of a summary occur in the text, and how many it has."""
    in_text = Counter(_NUMBER.findall(text))
    numbers = _NUMBER.findall(summary)
    return sum(number in in_text for number in numbers), len(numbers)


def carries_main_figure(summary: str, reference: str, figures: Sequence[GoldFigure]) -> bool | None:
    """Whether a summary has one of the reference summary's figures.

    None where the reference summary has no marked figure.
    """
    main = {_SPACE.sub("", f.text) for f in figures if f.must}
    wanted = {text for text in main if text in _SPACE.sub("", reference)}
    return any(text in _SPACE.sub("", summary) for text in wanted) if wanted else None


def _count_grams(one: str, other: str, n: int) -> tuple[int, int, int]:
    first, second = (Counter(s[i : i + n] for i in range(len(s) - n + 1)) for s in (one, other))
    return (first & second).total(), first.total(), second.total()


def _f1(common: int, n_found: int, n_want: int) -> float:
    return 2 * common / (n_found + n_want) if common else 0.0
