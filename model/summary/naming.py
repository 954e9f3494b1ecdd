"""Names: which body or place a pointer such as 我院 or 全县 stands for, in one article."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from model.article import Article
from model.names import Cast
from model.spans import Span
from model.summary.starts import opens_midway

# 全国 and the like may stand where no name is found; 我院, 该县 and a bare 医院 may not.
_WHOLE = "全"
_HOUSES = frozenset(("hospital", "office", "company"))
_PREDICATE = re.compile(r"[已将正曾共是有在于从由向以把被拟]|与[^，。]{2,20}(?:合作|签|联合)")
_OPENING_CHARS = 12  # a sentence's subject stands behind a day at most


class Names:
    """The names and pointers of an article's cast, sentence by sentence."""

    def __init__(self, article: Article, cast: Cast) -> None:
        self._text, self._sentences, self._cast = article.text, article.sentences, cast
        outer = [m for m in cast.mentions if m.is_sure and not m.is_inner]
        self._mentions = sorted(outer, key=lambda mention: mention.span.start)
        self._starts = [mention.span.start for mention in self._mentions]
        self._named: dict[int, list[Span]] = {}

    def find_pointers(self, row: int) -> list[Span]:
        """Return the pointers of a sentence: 我院, 该县, 全市."""
        return [span for span, level in self._find(row) if level.startswith("=")]

    def find_names(self, row: int) -> list[Span]:
        """Return the names of bodies and places in a sentence, the country's among them."""
        if row not in self._named:
            named = (span for span, level in self._find(row) if not level.startswith("="))
            self._named[row] = [s for s in named if not opens_midway(s.of(self._text))]
        return self._named[row]

    def resolve(self, pointer: Span) -> str | None:
        """Return the name that a pointer stands for; None where it is not sure."""
        referent = self._cast.resolve(pointer)
        return referent.name if referent else None

    def find_subject(self, row: int) -> str | None:
        """Return whom a sentence without a subject is about; None where it is not sure.

        It is sure where the sentence before, of the same paragraph, opens with the name of a house,
        and a verb stands behind it: `县医院开诊。`, not `县医院护士开讲。`.
        """
        subject = self._cast.subjects[row]
        if subject is None or not row:
            return None
        before = self._sentences[row - 1]
        opens = before.start <= subject.start <= before.start + _OPENING_CHARS
        same = self._cast.subjects[row - 1] == subject
        if not (opens and same) or "\n" in self._text[before.end : self._sentences[row].start]:
            return None
        rest = self._text[subject.end : before.end]
        if not (opens_midway(rest) or _PREDICATE.match(rest)):
            return None
        own = (b.name for b in self._cast.bodies if subject in b.spans and b.kind in _HOUSES)
        return next(own, None)

    def must_be_named(self, pointer: Span) -> bool:
        """Whether a pointer without a known name may not stand: all but 全国 and the like."""
        return self._text[pointer.start] != _WHOLE

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
