"""The verdict of the gate: what was measured, and what speaks against the new model."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Judged:
    """One measure of both models: `old` is None for a theme that the model in use does not have.

    `low` and `high` are the ends of the 95% interval of the difference, of `new` itself
    without `old`. `n_positive` counts the articles with the theme; -1 for measures over
    all themes. An out-of-fold measure rests on `n_labelled` articles in `folds` folds; `folds` is
    0 for a measure on articles that neither model learned from.
    """

    key: str
    name: str
    old: float | None
    new: float
    low: float
    high: float
    n_positive: int = -1
    n_labelled: int = -1
    folds: int = 0

    @property
    def difference(self) -> float:
        """New minus old; 0 without an old value."""
        return 0.0 if self.old is None else self.new - self.old


@dataclass(frozen=True)
class Verdict:
    """The gate's decision: the measures, and the reasons against the new model; none accepts it.

    `notes` say what else a person should know; they speak neither for nor against it.
    """

    old: str
    new: str
    n_articles: int
    judged: tuple[Judged, ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether there is no reason against the new model."""
        return not self.reasons

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as plain values, for the registry."""
        return asdict(self) | {"accepted": self.accepted}
