"""Repeats: one fact that an article tells several times is one row with several places.

A headline, the lead and a quote often tell one figure. It is the same fact where value, unit,
kind, year and body agree, as far as both say them, and the indicators name one thing. What is
rounded in one place (`近3亿`, `2.98亿`) is another value, for `find_conflicts` to judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from model.figures.official import normalise
from model.report import Figure

# Indicators are one where so many of their characters are common.
MIN_LIKENESS = 0.8
# A small round number is one of many things: its indicators must be told in full, and alike.
_SMALL = 10
_CLEAR_CHARS = 4
_SAME_UNITS = {"名": "人", "位": "人", "所": "家", "间": "家"}


def merge_repeats(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """Return each fact once, where it is told first, with the other places in `repeats`.

    Words, body, year and official name are those of the telling that says most.

    Args:
        figures: the figures of an article, in order of the text.
    """
    kept: list[Figure] = []
    for figure in figures:
        at = next((i for i, known in enumerate(kept) if is_same_fact(known, figure)), None)
        if at is None:
            kept.append(figure)
        else:
            kept[at] = _merge(kept[at], figure)
    return tuple(kept)


def is_same_fact(one: Figure, other: Figure) -> bool:
    """Whether two figures tell one fact."""
    facts = ((f.value, _unit(f), f.kind, f.bound) for f in (one, other))
    return (
        len(set(facts)) == 1
        and one.sentence != other.sentence  # a list tells of several
        and agree(one.year, other.year)
        and is_one_body(one.body, other.body)
        and _is_one_indicator(one, other)
    )


def _unit(figure: Figure) -> str:
    return _SAME_UNITS.get(figure.unit, figure.unit)


def agree(one: object, other: object) -> bool:
    """Whether two cells can be of one fact: one is unknown, or they are the same."""
    return one is None or other is None or one == other


def is_one_body(one: str | None, other: str | None) -> bool:
    """Whether two names can be of one body: one is missing, or ends with the other."""
    if not one or not other:
        return True
    return one.endswith(other) or other.endswith(one)


def _is_one_indicator(one: Figure, other: Figure) -> bool:
    words = sorted((normalise(one.indicator), normalise(other.indicator)), key=len)
    if not words[0]:
        return False
    if len(words[0]) < _CLEAR_CHARS and not (one.body and one.body == other.body):
        return False
    if words[0] == words[1]:
        return True
    if len(one.value) == 1 and one.value[0] <= _SMALL:
        return False
    if words[0] in words[1]:
        return True
    common = Counter(words[0]) & Counter(words[1])
    return 2 * common.total() >= MIN_LIKENESS * (len(words[0]) + len(words[1]))


def _unclear(figure: Figure) -> tuple[bool, int]:
    """Order indicators: those of two or three characters last, else the shorter first."""
    n_chars = len(figure.indicator)
    return (n_chars < _CLEAR_CHARS, n_chars if n_chars >= _CLEAR_CHARS else -n_chars)


def _merge(known: Figure, again: Figure) -> Figure:
    clear = min((known, again), key=_unclear)
    return replace(
        known,
        indicator=clear.indicator,
        body=max(known.body or "", again.body or "", key=len) or None,
        year=known.year if known.year is not None else again.year,
        base=known.base or again.base,
        official=clear.official or known.official or again.official,
        repeats=(*known.repeats, again.span),
        doubtful=known.doubtful and again.doubtful,
    )
