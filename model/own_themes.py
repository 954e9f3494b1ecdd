"""Out-of-fold results of users' own themes, as the metrics of a manifest keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from annotated_types import Ge

from model.validation import ContentError, validate

OWN_THEMES, TOO_FEW = "own_themes", "too_few"
Count = Annotated[int, Ge(0)]


@dataclass(frozen=True)
class OutOfFold:
    """Decisions on a theme by heads and thresholds that had not seen the article, counted.

    `hits`, `false`, `missed` and `rejected` are of users' labelled articles, in `folds` folds.
    `alarms` are decisions for the theme on `n_clear` held-out articles that do not mention it and
    that no user labelled. `suspects` are labels of the theme that are likely wrong.
    """

    folds: Annotated[int, Ge(1)]
    hits: Count
    false: Count
    missed: Count
    rejected: Count
    n_clear: Count = 0
    alarms: Count = 0
    suspects: Count = 0

    @property
    def n_articles(self) -> int:
        """Number of users' articles that were labelled for the theme."""
        return self.n_positive + self.false + self.rejected

    @property
    def n_positive(self) -> int:
        """Number of users' articles with the theme."""
        return self.hits + self.missed

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 without a hit."""
        return 2 * self.hits / (2 * self.hits + self.false + self.missed) if self.hits else 0.0


def write_own_themes(own: Mapping[str, OutOfFold], too_few: Mapping[str, int]) -> dict[str, Any]:
    """Return the metrics of users' own themes.

    Args:
        own: results by theme.
        too_few: number of articles of each theme that was not learned, by its name.
    """
    rows = {key: asdict(one) for key, one in own.items()}
    return {OWN_THEMES: rows, TOO_FEW: dict(too_few)}


def read_own_themes(metrics: Mapping[str, Any]) -> dict[str, OutOfFold]:
    """Return the results of users' own themes by key; what does not parse counts as unknown."""
    rows = metrics.get(OWN_THEMES)
    found = {}
    for key, row in rows.items() if isinstance(rows, dict) else ():
        try:
            found[key] = validate(OutOfFold, row)
        except ContentError:
            continue
    return found


def read_too_few(metrics: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of articles of each theme that was not learned, by its name."""
    rows = metrics.get(TOO_FEW)
    pairs = rows.items() if isinstance(rows, dict) else ()
    return {name: n for name, n in pairs if isinstance(n, int)}
