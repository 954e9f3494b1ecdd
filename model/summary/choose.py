"""Choosing: one objective under a budget of characters, searched with a beam."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from model.summary.shorten import Version
from model.summary.worth import Weights, Worth

BEAM = 6
MAX_CANDIDATES = 24
CHARS_PER_PRICE = 100
THIN_SHARE = 0.6  # of the budget; below it, characters are worth having


@dataclass(frozen=True)
class Choice:
    """Versions taken so far, by sentence; `gain` is the objective's value."""

    taken: dict[int, Version]
    n_chars: int = 0
    gain: float = 0.0


@dataclass(frozen=True)
class Problem:
    """What to choose from: versions by sentence, their worth, and the budget."""

    versions: Mapping[int, Sequence[Version]]
    worth: Worth
    weights: Weights
    max_chars: int


def choose(problem: Problem, wanted: Sequence[frozenset[int]]) -> Choice:
    """Choose versions that gain most within the budget.

    The gain is the worth of what is taken, less the price of its characters, what clauses lost,
    what is said twice (Carbonell and Goldstein, 1998) and what hangs in the air.

    Args:
        problem: what to choose from.
        wanted: sets of sentences of each of which one is to be in it, the most wanted first. All
            are met where the shortest sentence of each fits together; one that does not fit
            beside those before it is passed over.
    """
    states = [Choice({})]
    for carriers in wanted:
        states = _meet(problem, states, carriers) or states
    order = sorted(problem.versions, key=lambda i: -float(problem.worth.total[i]))
    rows = order[:MAX_CANDIDATES]
    best = max(states, key=lambda c: c.gain)
    while states:
        states = _prune(_extend(problem, states, rows))
        better = [state for state in states if state.gain > best.gain]
        best = max([best, *better], key=lambda c: c.gain) if best.taken else _first(states, best)
        states = [state for state in states if state.gain > best.gain - _PATIENCE]
    return best


_PATIENCE = 0.5


def _first(states: Sequence[Choice], none: Choice) -> Choice:
    """Something is better than nothing, whatever it is worth."""
    return max(states, key=lambda c: c.gain, default=none)


def _meet(problem: Problem, states: Iterable[Choice], rows: frozenset[int]) -> list[Choice]:
    """Extend every state that has none of the sentences by one; keep the shortest in any case."""
    found = []
    for state in states:
        if rows & state.taken.keys():
            found.append(state)
        else:
            found += _extend(problem, [state], rows)
    if not found:
        return []
    shortest = min(found, key=lambda c: c.n_chars)
    kept = _prune(found)
    return kept if shortest in kept else [*kept, shortest]


def _extend(problem: Problem, states: Iterable[Choice], rows: Iterable[int]) -> list[Choice]:
    """Return every state with one more sentence that fits."""
    return [
        Choice(
            {**state.taken, row: version},
            state.n_chars + version.n_chars,
            state.gain + _gain(problem, state, row, version),
        )
        for state in states
        for row in rows
        if row not in state.taken
        for version in problem.versions[row]
        if state.n_chars + version.n_chars <= problem.max_chars
    ]


def _gain(problem: Problem, state: Choice, row: int, version: Version) -> float:
    weights, worth = problem.weights, problem.worth
    gain = float(worth.total[row]) - weights.lost * (1 - version.share)
    gain -= weights.char * version.n_chars / CHARS_PER_PRICE
    thin = problem.max_chars * THIN_SHARE
    filled = min(state.n_chars + version.n_chars, thin) - min(state.n_chars, thin)
    gain += weights.fill * filled / CHARS_PER_PRICE
    if state.taken:
        gain -= weights.redundancy * max(float(worth.likeness[row, i]) for i in state.taken)
    return gain - weights.dependent * _hang_more(worth, state.taken.keys(), row)


def _hang_more(worth: Worth, taken: Set[int], row: int) -> int:
    """How many more sentences hang in the air once `row` is taken too."""
    own = row in worth.supports and not worth.supports[row] & taken
    held = sum(
        row in worth.supports[other] and not worth.supports[other] & taken
        for other in taken & worth.supports.keys()
    )
    return own - held


def _prune(states: Iterable[Choice]) -> list[Choice]:
    """Keep the best states, each set of versions once."""
    ordered = sorted(states, key=lambda c: -c.gain)
    kept: dict[frozenset[tuple[int, int]], Choice] = {}
    for state in ordered:
        key = frozenset((row, version.n_chars) for row, version in state.taken.items())
        kept.setdefault(key, state)
        if len(kept) == BEAM:
            break
    return list(kept.values())
