"""`Workplace`: what every tab of the page is given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from model import Analyzer
from model.analyzer import DEFAULT_MODEL


@dataclass(frozen=True)
class Workplace:
    """The model in use and its folder, the store, and a folder for files to download."""

    analyzer: Analyzer
    store: Engine
    scratch: Path
    model: Path = DEFAULT_MODEL

    @property
    def names(self) -> dict[str, str]:
        """Chinese name of every theme, by key."""
        return {theme.key: theme.name for theme in self.analyzer.manifest.themes}
