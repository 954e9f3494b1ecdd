"""Sentence split; the only one, for training and serving alike."""

from __future__ import annotations

import re

from model.spans import Span

_CLOSERS = '”’」』）)》】"'
# A sentence ends behind 。！？ or an ellipsis and the closing quotes that follow, or at a line end.
_END = re.compile(rf"(?:[。！？!?]+|…{{2,}}(?=[{_CLOSERS}])|\.{{6}})[{_CLOSERS}]*|\n+")


def split_sentences(text: str) -> tuple[Span, ...]:
    """Split a cleaned text into sentences, without the white space around them."""
    spans = []
    start = 0
    for match in _END.finditer(text):
        if _closes_mid_sentence(text, match):
            continue
        spans.append(_trim(text, start, match.end()))
        start = match.end()
    spans.append(_trim(text, start, len(text)))
    return tuple(s for s in spans if s.end > s.start)


def _closes_mid_sentence(text: str, match: re.Match[str]) -> bool:
    """A quoted title or exclamation inside a sentence: `“你好！”的活动`, `《谁？》，`."""
    following = text[match.end() : match.end() + 1]
    return match[0][-1] in _CLOSERS and following in tuple("，、；：的了等是为和与及")


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)
