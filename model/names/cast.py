"""`Cast`: the places and bodies of an article, and whom each of its sentences is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from model.article import Article
from model.names.candidates import find_candidates
from model.names.entities import Entity, group_mentions
from model.names.gazetteer import Place, place_of_code
from model.names.location import locate
from model.names.mentions import Mention, find_mentions, keep_outermost, with_inner_places
from model.names.places import PlaceName, find_places
from model.names.pointers import PointerResolver
from model.names.subjects import NOBODY, SubjectFinder
from model.spans import Span

KINDS = frozenset(("hospital", "office", "company", "town", "county", "city", "province"))


@dataclass(frozen=True)
class NamedBody:
    """A body that the article names, by the name that identifies it.

    `kind` is hospital, office, company, town, county, city or province; `aliases` are the other
    names that the article has for it, `place` is where it is, `spans` are all places of its names.
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
    maps where a pointer (我院, 该县, 全市) stands to what it stands for. `candidates` are all
    stretches that may name whose a figure is, in order; some lie inside of others. `mentions` are
    the names and pointers in order; only places lie inside of others.
    """

    place: Place | None = None
    bodies: tuple[NamedBody, ...] = ()
    subjects: tuple[Span | None, ...] = ()
    referents: Mapping[Span, Referent] = field(default_factory=dict, repr=False)
    candidates: tuple[Span, ...] = field(default=(), repr=False)
    mentions: tuple[Mention, ...] = field(default=(), repr=False)
    finder: SubjectFinder = field(
        default_factory=SubjectFinder.of_nothing, repr=False, compare=False
    )

    def resolve(self, span: Span) -> Referent | None:
        """Return the full name that a pointer stands for, or None where it is not sure.

        Args:
            span: exactly the pointer's characters: 我院, 该院, 全县, 该市, 中心.
        """
        return self.referents.get(span)


def read_cast(article: Article) -> Cast:
    """Find who and where an article is about, in one pass over its text."""
    text, sentences = article.text, article.sentences
    places = find_places(text)
    every = find_mentions(text, places)
    named = [mention for mention in every if mention.level != "group"]
    mentions = with_inner_places(keep_outermost(named))
    entities = group_mentions(text, mentions, places)
    place = locate(text, sentences, places, article.title, article.source)
    resolver = PointerResolver(text, sentences, mentions, entities, place, article.turns)
    resolved = resolver.resolve_all()
    finder = SubjectFinder(
        text, sentences, mentions, entities,
        {span: found.entity for span, found in resolved.items()},
        next((i for i, e in enumerate(entities) if place and e.code == place.code), NOBODY),
    )  # fmt: skip
    return Cast(
        place=place,
        bodies=tuple(_bodies(entities, places)),
        subjects=finder.subject_spans(),
        referents={
            span: _refer(entities[found.entity], text)
            for span, found in resolved.items()
            if found.is_sure
        },
        candidates=find_candidates(text, every, places),
        mentions=tuple(mentions),
        finder=finder,
    )


def _bodies(entities: Sequence[Entity], places: Sequence[PlaceName]) -> Iterator[NamedBody]:
    """The entities that are sure to be bodies; classes of people and events are none."""
    codes = {p.span.start: p.codes[0] for p in places if len(p.codes) == 1}
    for entity in entities:
        if entity.is_sure and entity.level in KINDS:
            code = entity.code or next(
                (codes[m.span.start] for m in entity.mentions if m.span.start in codes), ""
            )
            aliases = tuple(name for name in entity.names if name != entity.name)
            yield NamedBody(
                name=entity.name,
                kind=entity.level,
                aliases=aliases,
                place=place_of_code(code) if code else None,
                spans=tuple(mention.core for mention in entity.mentions),
            )


def _refer(entity: Entity, text: str) -> Referent:
    """An entity by its longest name in the text."""
    span = max((m.core for m in entity.mentions), key=lambda s: s.end - s.start)
    return Referent(span.of(text), span)
