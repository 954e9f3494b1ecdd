"""Sentence split; the only one, for training and serving alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from model.pairs import MAX_PAIR_CHARS, find_pairs
from model.spans import Span

_CLOSERS = '”’」』）)》】"'
# A sentence ends behind 。！？ or an ellipsis and the closing quotes that follow, or at a line end.
_END = re.compile(
    rf"(?:[。！？!?]++|(?<!…)…{{2,}}+(?=[{_CLOSERS}])|(?<!\.)\.{{6}})[{_CLOSERS}]*+|\n++"
)
_LINE = re.compile(r"[^\n]+")
_STOP = re.compile(r"[，。；！？、]")
_BLANK = re.compile(r"[ \t]+")
# A line so long that has no stop at all says where to pause by its blanks alone.
UNSTOPPED_MIN_CHARS = 60
UNSTOPPED_MIN_SENTENCE = 30


def split_sentences(text: str, borders: Iterable[int] = ()) -> tuple[Span, ...]:
    """Split a cleaned text into sentences, without the white space around them.

    No sentence ends inside of brackets or quotes, unless they hold more than 120 characters or
    are never closed. A long line without any stop is split at its blanks.

    Args:
        text: the cleaned text.
        borders: where the blocks of its outline start; no sentence crosses one.
    """
    inside = _count_open(text)
    ends = [m.end() for m in _END.finditer(text) if _ends_sentence(text, m, inside)]
    ends = sorted({*ends, *_pauses(text), *borders})
    spans = [_trim(text, a, b) for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]
    return tuple(s for s in spans if s.end > s.start)


def _count_open(text: str) -> npt.NDArray[np.int64]:
    """Return how many pairs are open before each character, and at the end."""
    changes = np.zeros(len(text) + 2, dtype=np.int64)
    for start, end in find_pairs(text)[0]:
        if end - start <= MAX_PAIR_CHARS:
            changes[start + 1] += 1
            changes[end + 1] -= 1
    return np.cumsum(changes)


def _ends_sentence(text: str, match: re.Match[str], inside: npt.NDArray[np.int64]) -> bool:
    if match[0][0] == "\n":
        return True
    return not inside[match.end()] and not _closes_mid_sentence(text, match)


def _closes_mid_sentence(text: str, match: re.Match[str]) -> bool:
    """A quoted title or exclamation inside a sentence: `“你好！”的活动`, `《谁？》，`."""
    following = text[match.end() : match.end() + 1]
    return match[0][-1] in _CLOSERS and following in tuple("，、；：的了等是为和与及")


def _pauses(text: str) -> Iterator[int]:
    """The blanks of long lines without a stop at which enough was said."""
    for line in _LINE.finditer(text):
        if len(line[0]) < UNSTOPPED_MIN_CHARS or _STOP.search(line[0]):
            continue
        start = 0
        for blank in _BLANK.finditer(line[0]):
            if blank.start() - start >= UNSTOPPED_MIN_SENTENCE:
                start = blank.end()
                yield line.start() + start


def _trim(text: str, start: int, end: int) -> Span:
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    return Span(start, max(start, end - len(words) + len(words.rstrip())))
