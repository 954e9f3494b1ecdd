"""Choosing: one objective under a budget of characters, searched with a beam."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from model.summary.shorten import Version

BEAM = 8
_LOOKED_AT = 8 * BEAM  # steps of most gain; many lead to the same set
MAX_ROWS = 16  # the sentences of most worth; others are taken only where they are wanted
# What repeating costs, as a share of what the repeated words would be worth: more than they bring.
REPEAT_PRICE = 1.1
_PATIENCE = 5.0  # characters that a set may be worth less than the best and still grow
MAX_SUPPORTS = 3


class Need(NamedTuple):
    """What must stand in a summary before a sentence: one of `rows`, and in its words `name`.

    `is_body` says that the name is a body's or a place's, and no person's.
    """

    rows: frozenset[int]
    name: str = ""
    is_body: bool = True

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


class _Step(NamedTuple):
    """What a state becomes with more options; it is carried out if it is among the best."""

    gain: float
    n_chars: int
    state: Choice
    added: tuple[Option, ...]

    def carry_out(self) -> Choice:
        taken = {**self.state.taken, **{option.row: option for option in self.added}}
        return Choice(taken, self.n_chars, self.gain)


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
    found: list[_Step] = []
    for state in states:
        if any(name in option.carries for option in state.taken.values()):
            found.append(_Step(state.gain, state.n_chars, state, ()))
            continue
        for row, options in problem.options.items():
            own = [option for option in options if name in option.carries]
            if own and row not in state.taken:
                found += _take(problem, state, own)
    if not found:
        return []
    shortest = min(found, key=lambda step: step.n_chars).carry_out()
    kept = _prune(found)
    return kept if shortest in kept else [*kept, shortest]


def _extend(problem: Problem, states: Iterable[Choice], rows: Iterable[int]) -> Iterator[_Step]:
    """Yield every state with one more sentence that fits."""
    for state in states:
        for row in rows:
            if row not in state.taken:
                yield from _take(problem, state, problem.options[row])


def _take(problem: Problem, state: Choice, options: Sequence[Option]) -> Iterator[_Step]:
    """Take each option of a sentence that fits, together with what it needs."""
    if not options:
        return
    taken = state.taken.values()
    share = _share(problem, options[0].row, state.taken)
    for option in options:
        n_chars = state.n_chars + option.version.n_chars
        if n_chars > problem.max_chars:
            continue
        missing = [need for need in option.needs if not any(map(need.is_met_by, taken))]
        if not missing:
            yield _Step(state.gain + _worth(option, share), n_chars, state, (option,))
            continue
        for support in _supports(problem, state, missing):
            if n_chars + support.version.n_chars <= problem.max_chars:
                yield _take_both(problem, state, support, option)


def _take_both(problem: Problem, state: Choice, support: Option, option: Option) -> _Step:
    rows = {**state.taken, support.row: support}
    gain = _worth(support, _share(problem, support.row, state.taken))
    gain += _worth(option, _share(problem, option.row, rows))
    n_chars = state.n_chars + support.version.n_chars + option.version.n_chars
    return _Step(state.gain + gain, n_chars, state, (support, option))


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


def _share(problem: Problem, row: int, taken: Iterable[int]) -> float:
    """How much of a sentence the most alike of those taken says."""
    repeated = problem.repeated.get(row)
    return max((repeated.get(other, 0.0) for other in taken), default=0.0) if repeated else 0.0


def _worth(option: Option, share: float) -> float:
    if not share:
        return option.gain
    return option.gain - REPEAT_PRICE * share * max(option.gain, option.version.n_chars / 2)


def _prune(steps: Iterable[_Step]) -> list[Choice]:
    """Keep the best states, each set of versions once."""
    kept: dict[frozenset[tuple[int, int]], Choice] = {}
    for step in heapq.nlargest(_LOOKED_AT, steps, key=lambda step: step.gain):
        state = step.carry_out()
        key = frozenset((row, option.version.n_chars) for row, option in state.taken.items())
        kept.setdefault(key, state)
        if len(kept) == BEAM:
            break
    return list(kept.values())
