"""Summary: the article's own sentences, shortened by whole clauses, chosen under a budget."""

from model.summary.compose import (
    DEFAULT_CHARS,
    MAX_CHARS,
    MIN_CHARS,
    WEIGHTS,
    check_budget,
    summarise,
)
from model.summary.worth import Weights

__all__ = [
    "DEFAULT_CHARS",
    "MAX_CHARS",
    "MIN_CHARS",
    "WEIGHTS",
    "Weights",
    "check_budget",
    "summarise",
]
