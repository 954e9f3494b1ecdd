"""`Atlas`: the merged facts of reports with what does not fit among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serving.atlas.contradictions import (
    Contradiction,
    check_article,
    compare_facts,
    rank_contradictions,
)
from serving.atlas.facts import Fact, doubt_crowded, merge_facts, read_facts


@dataclass(frozen=True)
class Atlas:
    """Facts, each once, and contradictions, the surest first."""

    facts: tuple[Fact, ...]
    contradictions: tuple[Contradiction, ...] = ()

    @property
    def doubtful(self) -> tuple[Fact, ...]:
        """The facts that a person has to look at before they count."""
        return tuple(fact for fact in self.facts if not fact.is_sure)


@dataclass(frozen=True)
class ArticleFacts:
    """What one report gives: its facts, and what does not fit within it."""

    facts: tuple[Fact, ...]
    contradictions: tuple[Contradiction, ...]

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> ArticleFacts:
        """Read a report as it is in JSON; that of an error gives nothing."""
        facts = tuple(doubt_crowded(read_facts([record])))
        return cls(facts, tuple(check_article(record)) if facts else ())


def build_atlas(records: Iterable[Mapping[str, Any]]) -> Atlas:
    """Build the atlas of reports as they are in JSON; lines of errors are passed over."""
    return join_articles(ArticleFacts.of(record) for record in records)


def join_articles(articles: Iterable[ArticleFacts]) -> Atlas:
    """Build the atlas of what articles give."""
    facts: list[Fact] = []
    found: list[Contradiction] = []
    for article in articles:
        facts += article.facts
        found += article.contradictions
    return compare_all(merge_facts(facts), found)


def compare_all(facts: Sequence[Fact], found: Iterable[Contradiction] = ()) -> Atlas:
    """Build the atlas of merged facts; `found` are contradictions within articles."""
    ranked = rank_contradictions([*found, *compare_facts(facts)])
    return Atlas(tuple(facts), tuple(ranked))
