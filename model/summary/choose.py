"""Choosing: one objective under a budget of characters, searched with a beam."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from model.summary.shorten import Version

BEAM = 8
MAX_ROWS = 16  # the sentences of most worth; others are taken only where they are wanted
# What repeating costs, as a share of what the repeated words would be worth: more than they bring.
REPEAT_PRICE = 1.5
_PATIENCE = 5.0  # characters that a set may be worth less than the best and still grow
MAX_SUPPORTS = 3


class Need(NamedTuple):
    """What must stand in a summary before a sentence: one of `rows`, and in its words `name`."""

    rows: frozenset[int]
    name: str = ""

    def is_met_by(self, option: Option) -> bool:
        """Whether an option is such a sentence."""
        return option.row in self.rows and self.name in option.words


@dataclass(frozen=True)
class Option:
    """One version of a sentence, and what taking it brings.

    `row` is the sentence's number, `words` how it reads, `gain` what it is worth by itself, in
    characters. All of `needs` must be met by what is taken. `carries` names what it has of what is
    wanted.
    """

    row: int
    version: Version
    words: str
    gain: float
    needs: tuple[Need, ...] = ()
    carries: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Choice:
    """Options taken so far, by sentence; `gain` is the objective's value."""

    taken: Mapping[int, Option]
    n_chars: int = 0
    gain: float = 0.0


@dataclass(frozen=True)
class Problem:
    """What to choose from: options by sentence, and the budget.

    `repeated[row][other]` is what `row` is worth less beside `other`, as a share of 1.
    """

    options: Mapping[int, Sequence[Option]]
    repeated: Mapping[int, Mapping[int, float]]
    max_chars: int


def choose(problem: Problem, wanted: Sequence[str]) -> Choice:
    """Choose options that gain most within the budget.

    What an option gains shrinks by what is said already (Carbonell and Goldstein, 1998).

    Args:
        problem: what to choose from.
        wanted: what the choice is to carry, the most wanted first; what does not fit beside what
            came before is passed over.
    """
    states = [Choice({})]
    for name in wanted:
        states = _meet(problem, states, name) or states
    best_gain = {row: max(o.gain for o in some) for row, some in problem.options.items() if some}
    rows = sorted(best_gain, key=lambda row: -best_gain[row])[:MAX_ROWS]
    best = max(states, key=lambda c: c.gain)
    while states:
        states = _prune(_extend(problem, states, rows))
        better = [state for state in states if state.gain > best.gain or not best.taken]
        best = max(better, key=lambda c: c.gain, default=best)
        states = [state for state in states if state.gain > best.gain - _PATIENCE]
    return best


def _meet(problem: Problem, states: Iterable[Choice], name: str) -> list[Choice]:
    """Extend every state that does not carry it by one option that does."""
    found: list[Choice] = []
    for state in states:
        if any(name in option.carries for option in state.taken.values()):
            found.append(state)
            continue
        for row, options in problem.options.items():
            own = [option for option in options if name in option.carries]
            if own and row not in state.taken:
                found += _take(problem, state, own)
    if not found:
        return []
    shortest = min(found, key=lambda c: c.n_chars)
    kept = _prune(found)
    return kept if shortest in kept else [*kept, shortest]


def _extend(problem: Problem, states: Iterable[Choice], rows: Iterable[int]) -> list[Choice]:
    """Return every state with one more sentence that fits."""
    return [
        more
        for state in states
        for row in rows
        if row not in state.taken
        for more in _take(problem, state, problem.options[row])
    ]


def _take(problem: Problem, state: Choice, options: Iterable[Option]) -> Iterator[Choice]:
    """Take each option that fits, together with what it needs."""
    for option in options:
        if state.n_chars + option.version.n_chars > problem.max_chars:
            continue
        missing = [n for n in option.needs if not any(map(n.is_met_by, state.taken.values()))]
        if not missing:
            yield _add(problem, state, option)
            continue
        for support in _supports(problem, state, missing):
            n_chars = state.n_chars + option.version.n_chars + support.version.n_chars
            if n_chars <= problem.max_chars:
                yield _add(problem, _add(problem, state, support), option)


def _supports(problem: Problem, state: Choice, missing: Sequence[Need]) -> Iterator[Option]:
    """The options of the nearest sentences that meet all that is missing and need nothing."""
    rows = frozenset.intersection(*(need.rows for need in missing)) - state.taken.keys()
    n_rows = 0
    for row in sorted(rows, reverse=True):
        own = [
            option
            for option in problem.options.get(row, ())
            if not option.needs and all(need.is_met_by(option) for need in missing)
        ]
        yield from own
        n_rows += bool(own)
        if n_rows == MAX_SUPPORTS:
            return


def _add(problem: Problem, state: Choice, option: Option) -> Choice:
    repeated = problem.repeated.get(option.row, {})
    share = max((repeated.get(row, 0.0) for row in state.taken), default=0.0)
    gain = option.gain - REPEAT_PRICE * share * max(option.gain, option.version.n_chars / 2)
    return Choice(
        {**state.taken, option.row: option},
        state.n_chars + option.version.n_chars,
        state.gain + gain,
    )


def _prune(states: Iterable[Choice]) -> list[Choice]:
    """Keep the best states, each set of versions once."""
    kept: dict[frozenset[tuple[int, int]], Choice] = {}
    for state in sorted(states, key=lambda c: -c.gain):
        key = frozenset((row, option.version.n_chars) for row, option in state.taken.items())
        kept.setdefault(key, state)
        if len(kept) == BEAM:
            break
    return list(kept.values())
