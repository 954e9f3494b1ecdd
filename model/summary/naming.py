"""Names: which body or place a pointer such as 我院 or 全县 stands for, in one article."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from model.article import Article
from model.names import Cast
from model.spans import Span

# 我院, 该县 must be named; 全国 and the like may stand where no name is found.
OWN = "我本该"
_WHOLE = "全"


class Names:
    """The names and pointers of an article's cast, sentence by sentence."""

    def __init__(self, article: Article, cast: Cast) -> None:
        self._sentences, self._cast = article.sentences, cast
        outer = [mention for mention in cast.mentions if not mention.is_inner]
        self._mentions = sorted(outer, key=lambda mention: mention.span.start)
        self._starts = [mention.span.start for mention in self._mentions]

    def find_pointers(self, row: int) -> list[Span]:
        """Return the pointers of a sentence: 我院, 该县, 全市."""
        return [span for span, level in self._find(row) if level.startswith("=")]

    def find_names(self, row: int) -> list[Span]:
        """Return the names of bodies and places in a sentence, the country's among them."""
        return [span for span, level in self._find(row) if not level.startswith("=")]

    def resolve(self, pointer: Span) -> str | None:
        """Return the name that a pointer stands for; None where it is not sure."""
        referent = self._cast.resolve(pointer)
        return referent.name if referent else None

    def is_plain(self, pointer: Span, row: int, kept: Sequence[Span], text: str) -> bool:
        """Whether a pointer such as 全省 may stand as it is: what is kept names somebody there."""
        return text[pointer.start] == _WHOLE and self.names_someone(row, kept)

    def names_someone(self, row: int, kept: Sequence[Span]) -> bool:
        """Whether what is kept of a sentence names a body or place."""
        return any(
            span.start <= name.start and name.end <= span.end
            for name in self.find_names(row)
            for span in kept
        )

    def _find(self, row: int) -> list[tuple[Span, str]]:
        sentence = self._sentences[row]
        first = bisect_left(self._starts, sentence.start)
        last = bisect_left(self._starts, sentence.end)
        return [(mention.span, mention.level) for mention in self._mentions[first:last]]
