"""What a person chooses for a run, besides its files; light to import."""

from __future__ import annotations

from enum import StrEnum

# What an article gets to be read, and again to be analysed.
TIME_LIMIT_S = 120.0


class Engine(StrEnum):
    """Where an archive is read and analysed."""

    LOCAL = "local"
    RAY = "ray"
