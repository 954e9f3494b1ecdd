"""Metrics as pure functions; borderline labels count neither way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Judged:
    """One article's answer: what should be (`themes`, `borderline`) and what was said."""

    themes: frozenset[str]
    borderline: frozenset[str]
    primary: str | None
    said: frozenset[str]
    said_primary: str | None


@dataclass(frozen=True)
class Counts:
    """True positives, false positives and false negatives."""

    hits: int = 0
    false: int = 0
    missed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.hits + other.hits, self.false + other.false, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """Share of what was said that holds; 0 where nothing was said."""
        return self.hits / max(self.hits + self.false, 1)

    @property
    def recall(self) -> float:
        """Share of what holds that was said; 0 where nothing holds."""
        return self.hits / max(self.hits + self.missed, 1)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.hits / max(2 * self.hits + self.false + self.missed, 1)


def count_theme(judged: Sequence[Judged], theme: str) -> Counts:
    """Count one theme over all articles where it is not borderline."""
    rows = [j for j in judged if theme in j.themes or theme not in j.borderline]
    return Counts(
        hits=sum(theme in j.themes and theme in j.said for j in rows),
        false=sum(theme not in j.themes and theme in j.said for j in rows),
        missed=sum(theme in j.themes and theme not in j.said for j in rows),
    )


def count_all(judged: Sequence[Judged], themes: Sequence[str]) -> Counts:
    """Sum the counts of all themes, for micro-averages."""
    return sum((count_theme(judged, theme) for theme in themes), Counts())


def macro_f1(judged: Sequence[Judged], themes: Sequence[str]) -> float:
    """Mean F1 over themes."""
    return sum(count_theme(judged, theme).f1 for theme in themes) / max(len(themes), 1)


def false_alarms(judged: Sequence[Judged]) -> tuple[int, int]:
    """Return how many articles with no theme, not even borderline, got one, and of how many."""
    rows = [j for j in judged if not j.themes and not j.borderline]
    return sum(bool(j.said) for j in rows), len(rows)


def exact_match(judged: Sequence[Judged]) -> float:
    """Share of articles whose themes are right, borderline ones apart."""
    right = sum(j.themes <= j.said <= j.themes | j.borderline for j in judged)
    return right / max(len(judged), 1)


def primary_accuracy(judged: Sequence[Judged]) -> float | None:
    """Share of right main themes among articles that have one; None where none has."""
    rows = [j for j in judged if j.primary]
    return sum(j.said_primary == j.primary for j in rows) / len(rows) if rows else None
