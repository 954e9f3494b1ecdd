"""Body: the hospital, county, office or company that a figure is about.

Two readers say whose a figure is: the cast, by what stands near, and the reading head. Each gives
probabilities, and the choice is made of both (a logarithmic opinion pool: Genest and Zidek,
"Combining Probability Distributions", 1986); the weights are in `body_weights.tsv`, made by
`python -m training.reading.fit_bodies`. Where nobody is likeliest the cell stays empty.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from model.log_linear import Weights, read_weights
from model.names import Cast
from model.names.subjects import OF_FIGURE, Target

TABLE = Path(__file__).parent / "body_weights.tsv"
# `全县`, `全市` name a whole even where the text does not say which.
_WHOLE = "全"
# Probabilities below these are all alike.
_LEAST_READ, _LEAST_CAST, _LEAST_BEGUN = 0.01, 0.02, 0.05


@dataclass(frozen=True)
class BodyVote:
    """How likely the cast holds a body, or nobody where `name` is None.

    `names` are all that the text calls it; `name` is the one to file.
    """

    name: str | None
    share: float
    names: frozenset[str] = frozenset()


class BodyFinder:
    """Finds whom the figures of one article are about, among the names of its cast."""

    def __init__(self, text: str, cast: Cast) -> None:
        self._text = text
        self._finder = cast.finder

    def weigh(self, start: int, sentence: int, *, own_only: bool = False) -> tuple[BodyVote, ...]:
        """Return how likely each body is the one that a figure is about, and nobody.

        Args:
            start: where the figure starts.
            sentence: the number of its sentence.
            own_only: look no further than that sentence.
        """
        target = Target(sentence, start, OF_FIGURE)
        shares = self._finder.weigh(target, own_only=own_only)
        return tuple(self._votes(shares, target))

    def _votes(self, shares: Mapping[int, float], target: Target) -> Iterator[BodyVote]:
        likeliest = max(shares, key=shares.__getitem__)
        for entity, share in shares.items():
            span = self._finder.span_of(entity, target.at)
            if span:
                yield BodyVote(span.of(self._text), share, self._finder.names_of(entity))
            else:
                pointer = self._finder.pointer_before(target) if entity == likeliest else None
                whole = pointer.of(self._text) if pointer else ""
                yield BodyVote(whole if whole.startswith(_WHOLE) else None, share)


def likeliest(votes: Sequence[BodyVote]) -> str | None:
    """Return whose a figure is by the cast alone."""
    return max(votes, key=lambda vote: vote.share).name


def sure_vote(name: str) -> tuple[BodyVote, ...]:
    """The votes where the words of the figure itself name its body."""
    return (BodyVote(name, 1.0, frozenset((name,))), BodyVote(None, 0.0))


def choose_body(votes: Sequence[BodyVote], read: Mapping[str, float]) -> str | None:
    """Return whose a figure is, or None where nobody is likeliest.

    Where the choice is how the cast's own begins, its end was misread: 安吉县 of 安吉县人民医院.

    Args:
        votes: the cast's.
        read: the reading head's probability of each name; what is missing to 1 is nobody's.
    """
    weights = _weights()
    scores = {
        name: sum(weights[feature] * value for feature, value in features.items())
        for name, features in describe(votes, read)
    }
    chosen, own = max(scores, key=scores.__getitem__), likeliest(votes)
    return own if chosen and own and own.startswith(chosen) else chosen


def describe(
    votes: Sequence[BodyVote], read: Mapping[str, float]
) -> Iterator[tuple[str | None, dict[str, float]]]:
    """Return each name that a figure may be filed under, and None, with its features."""
    free, nobody = dict(read), 0.0
    for vote in votes:
        if vote.name is None:
            nobody += vote.share
        else:
            own = sum(free.pop(name) for name in vote.names & free.keys())
            begun = _begun(vote.name, vote.names, read)
            yield vote.name, {**_features(own, vote.share), **begun}
    for name, share in free.items():
        begun = _begun(name, frozenset((name,)), read)
        yield name, {**_features(share, 0.0), **begun, "not in the cast": 1.0}
    features = _features(max(0.0, 1 - sum(read.values())), nobody)
    yield None, {**features, "nobody": 1.0, **{f"nobody {n}": v for n, v in features.items()}}


def _features(read: float, cast: float) -> dict[str, float]:
    return {"read": math.log(read + _LEAST_READ), "cast": math.log(cast + _LEAST_CAST)}


def _begun(name: str, names: frozenset[str], read: Mapping[str, float]) -> dict[str, float]:
    """What the head gives to names that this one begins with: it may have misread where it ends.

    So 临沂市 stands for 临沂市社会福利中心.
    """
    beginnings = (name[:n_chars] for n_chars in range(1, len(name)))
    share = sum(read.get(beginning, 0.0) for beginning in beginnings if beginning not in names)
    return {"begun": math.log((share + _LEAST_BEGUN) / _LEAST_BEGUN)}


@cache
def _weights() -> Weights:
    return read_weights(TABLE, "weight")
