"""Groups of articles that tell of one event, who was first, who copied, and what is new in each.

Candidates come from an index of the pairs of characters that tell an article from others, so the
time grows with the number of articles, not with its square.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from data.characters import strip_punctuation
from data.events.changes import Change, find_changes
from data.events.likeness import contained, is_one_event
from data.events.rarity import Hashes, hash_grams, rarity_of
from data.events.sketch import Sketch, find_numbers, sketch

# Half of the pairs that the likeness was fitted on are of one event; of the articles of a day few
# are, so more is asked for: at 0.5 every second group of a real day held another event too.
ONE_EVENT = 0.65
COPY = 0.6  # share of shingles from which a later report is a copy of an earlier one
WINDOW_DAYS = 7
_MIN_SHARED_TOPIC = 2
_MAX_POSTINGS = 300
_MAX_CANDIDATES = 40
_MAX_COMPARED = 6  # members of a group that a new article is compared with
_KNOWN_WORDING = 0.6
_MIN_CHARS = 8


@dataclass(frozen=True)
class EventArticle:
    """An article as grouping sees it; `day` is None where it is unknown."""

    text: str
    day: date | None = None


@dataclass(frozen=True)
class Member:
    """An article of a group, by its index; `copies` is the index of the one that it copies."""

    index: int
    copies: int | None
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class EventGroup:
    """Reports of one event, the first one first; changes are against the first."""

    members: tuple[Member, ...]

    @property
    def first(self) -> int:
        """The index of the article that reported first."""
        return self.members[0].index

    @property
    def indices(self) -> tuple[int, ...]:
        """The indices of all its articles."""
        return tuple(member.index for member in self.members)


def group_events(articles: Sequence[EventArticle]) -> list[EventGroup]:
    """Return groups in the order of their first articles; every article is in one of them."""
    sketches = [sketch(article.text, article.day) for article in articles]
    order = sorted(range(len(articles)), key=lambda i: (articles[i].day or date.max, i))
    groups: list[list[int]] = []
    group_of: dict[int, int] = {}
    index = _TopicIndex()
    for i in order:
        candidates = {group_of[j] for j in index.find(sketches, i)}
        best = max(((_belongs(sketches, groups[g], i), g) for g in candidates), default=(0.0, -1))
        if best[0] < ONE_EVENT:
            groups.append([])
            best = (1.0, len(groups) - 1)
        groups[best[1]].append(i)
        group_of[i] = best[1]
        index.add(sketches[i].topic, i)
    return [_describe(articles, sketches, group) for group in groups]


def find_new(text: str, sentences: Sequence[tuple[int, int]], earlier: Sequence[str]) -> list[int]:
    """Return which sentences of a text say what no earlier report of the event says.

    Args:
        text: the report.
        sentences: offsets of its sentences.
        earlier: the texts of the reports before it.
    """
    known = np.unique(np.concatenate([_pairs(other) for other in earlier] or [_pairs("")]))
    numbers = frozenset[str]().union(*(find_numbers(other) for other in earlier))
    found = []
    for i, (start, end) in enumerate(sentences):
        own = _pairs(text[start:end])
        if end - start < _MIN_CHARS or not len(own):
            continue
        weights = rarity_of(own)
        share = float(weights[np.isin(own, known)].sum()) / max(1e-9, float(weights.sum()))
        if share < _KNOWN_WORDING or find_numbers(text[start:end]) - numbers:
            found.append(i)
    return found


class _TopicIndex:
    """Which articles have a pair of characters in their topic, the newest last."""

    def __init__(self) -> None:
        self._postings: dict[int, list[int]] = defaultdict(list)

    def add(self, topic: Hashes, i: int) -> None:
        for pair in topic.tolist():
            self._postings[pair].append(i)

    def find(self, sketches: Sequence[Sketch], i: int) -> list[int]:
        """Return earlier articles within the window that share some of the topic, likest first."""
        counts: Counter[int] = Counter()
        for pair in sketches[i].topic.tolist():
            counts.update(self._postings[pair][-_MAX_POSTINGS:])
        near = (
            (j, n)
            for j, n in counts.items()
            if n >= _MIN_SHARED_TOPIC and _is_near(sketches[i].day, sketches[j].day)
        )
        return [j for j, _ in sorted(near, key=lambda item: -item[1])[:_MAX_CANDIDATES]]


def _is_near(one: date | None, other: date | None) -> bool:
    return one is None or other is None or abs((one - other).days) <= WINDOW_DAYS


def _belongs(sketches: Sequence[Sketch], group: Sequence[int], i: int) -> float:
    """Return how likely an article belongs to a group: between its likest member and the mean."""
    compared = [*group[:1], *group[1:][-_MAX_COMPARED + 1 :]]
    likely = [is_one_event(sketches[j], sketches[i]) for j in compared]
    return (max(likely) + sum(likely) / len(likely)) / 2


def _describe(
    articles: Sequence[EventArticle], sketches: Sequence[Sketch], group: Sequence[int]
) -> EventGroup:
    first = group[0]
    members = [Member(first, None, ())]
    for position, i in enumerate(group[1:], 1):
        copied = [j for j in group[:position] if contained(sketches[j], sketches[i]) >= COPY]
        changes = find_changes(articles[first].text, articles[i].text)
        members.append(Member(i, copied[0] if copied else None, tuple(changes)))
    return EventGroup(tuple(members))


def _pairs(text: str) -> Hashes:
    return np.unique(hash_grams(strip_punctuation(text), 2))
