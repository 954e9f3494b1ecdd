"""Summary: the article's own sentences, shortened by whole clauses, chosen under a budget."""

from model.summary.compose import (
    DEFAULT_CHARS,
    MAX_CHARS,
    MIN_CHARS,
    NO_SUMMARY,
    PAGE_CHARS,
    PAGE_MIN_CHARS,
    check_budget,
    default_chars,
    summarise,
)

__all__ = [
    "DEFAULT_CHARS",
    "MAX_CHARS",
    "MIN_CHARS",
    "NO_SUMMARY",
    "PAGE_CHARS",
    "PAGE_MIN_CHARS",
    "check_budget",
    "default_chars",
    "summarise",
]
