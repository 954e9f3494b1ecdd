"""Names: which body or place a pointer such as 我院 or 全县 stands for, in one article."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from model.article import Article
from model.figures.body import Body, find_bodies
from model.spans import Span

# A pointer stands for what was named at most so many sentences before it.
_REACH = 40
# 我院, 该县 must be named; 全国 and the like may stand where no name is found.
OWN = "我本该"


class Names:
    """The bodies that an article's sentences name; each sentence is searched once."""

    def __init__(self, article: Article) -> None:
        self._text, self._sentences = article.text, article.sentences
        self._found: dict[int, list[Body]] = {}

    def find_pointers(self, row: int) -> list[Span]:
        """Return the pointers of a sentence: 我院, 该县, 全市."""
        return [body.span for body in self._bodies(row) if body.level.startswith("=")]

    def find_names(self, row: int) -> list[Span]:
        """Return the names of bodies and places in a sentence, the country's among them."""
        return [body.span for body in self._bodies(row) if not body.level.startswith("=")]

    def resolve(self, row: int, pointer: Span) -> str | None:
        """Return the name that a pointer in a sentence stands for; None where none is near.

        The last name before it counts; where there is none, the first behind it.
        """
        level = next(b.level for b in self._bodies(row) if b.span == pointer)[1:]
        before = (
            body
            for number in range(row, max(-1, row - _REACH), -1)
            for body in reversed(self._bodies(number))
            if body.span.start < pointer.start
        )
        behind = (
            body
            for number in range(row, min(len(self._sentences), row + _REACH))
            for body in self._bodies(number)
            if body.span.start > pointer.start
        )
        names = (_part_of_level(self._text, body, level) for body in chain(before, behind))
        return next((name for name in names if name), None)

    def _bodies(self, row: int) -> Sequence[Body]:
        if row not in self._found:
            self._found[row] = find_bodies(self._text, self._sentences[row])
        return self._found[row]


def _part_of_level(text: str, body: Body, level: str) -> str | None:
    """The body's own name, or that of the place of a level that it opens with."""
    if body.level == level:
        return body.span.of(text)
    ends = [end for end, of_level in body.places if of_level == level]
    return text[body.span.start : ends[-1]] if ends else None
