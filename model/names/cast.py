"""`Cast`: the places and bodies of an article, and whom each of its sentences is about."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from model.names.mentions import Mention, find_mentions
from model.spans import Span

# A pointer stands for what was named at most so many sentences before it.
POINTER_SENTENCES = 40


@dataclass(frozen=True)
class Place:
    """A province, city or county; `path` names it from the province down, itself last."""

    code: str
    name: str
    level: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class NamedBody:
    """A body that the article names, by the shortest name that identifies it.

    `kind` is hospital, office, company, town, county, city or province; `aliases` are the other
    names that the article has for it, `spans` all places where it is named.
    """

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    place: Place | None = None
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Referent:
    """What a pointer stands for: a name, and where the text gives it."""

    name: str
    span: Span


@dataclass(frozen=True)
class Cast:
    """Who and where an article is about.

    `place` is where the news is about, at the finest level that is sure. `subjects` has an entry
    a sentence: the span that names whom it is about, in it or elsewhere, or None. `referents`
    maps where a pointer (我院, 该县, 全市) stands to what it stands for.
    """

    place: Place | None = None
    bodies: tuple[NamedBody, ...] = ()
    subjects: tuple[Span | None, ...] = ()
    referents: Mapping[Span, Referent] = field(default_factory=dict, repr=False)

    def resolve(self, span: Span) -> Referent | None:
        """Return the full name that a pointer stands for, or None where it is not sure.

        Args:
            span: exactly the pointer's characters: 我院, 该院, 全县, 该市, 中心.
        """
        return self.referents.get(span)


def read_cast(text: str, sentences: Sequence[Span]) -> Cast:
    """Find who and where an article is about, in one pass over its text."""
    mentions = [m for sentence in sentences for m in find_mentions(text, sentence)]
    referents = _find_referents(text, sentences, mentions)
    return Cast(subjects=_find_subjects(sentences, mentions, referents), referents=referents)


def _find_referents(
    text: str, sentences: Sequence[Span], mentions: Sequence[Mention]
) -> dict[Span, Referent]:
    last: dict[str, tuple[int, Span]] = {}
    referents: dict[Span, Referent] = {}
    for mention in mentions:
        sentence = bisect_right(sentences, mention.span.start, key=lambda s: s.start)
        if mention.level.startswith("="):
            number, span = last.get(mention.level[1:], (0, None))
            if span and sentence - number <= POINTER_SENTENCES:
                referents[mention.span] = Referent(span.of(text), span)
            continue
        for end, level in mention.places:
            last[level] = sentence, Span(mention.span.start, end)
        last[mention.level] = sentence, mention.span
    return referents


def _find_subjects(
    sentences: Sequence[Span], mentions: Sequence[Mention], referents: Mapping[Span, Referent]
) -> tuple[Span | None, ...]:
    first: dict[int, Span] = {}
    for mention in mentions:
        number = bisect_right(sentences, mention.span.start, key=lambda s: s.start) - 1
        if mention.level != "country":
            referent = referents.get(mention.span)
            first.setdefault(number, referent.span if referent else mention.span)
    return tuple(first.get(number) for number in range(len(sentences)))
