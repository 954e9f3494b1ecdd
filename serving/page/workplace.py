"""`Workplace`: the model, the store and the scratch folder that all tabs share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from model import Analyzer, Report
from serving.analysis.analyses import Analyses
from serving.atlas.collecting import LibraryAtlas
from serving.registry.in_use import ModelInUse


@dataclass(frozen=True)
class Workplace:
    """The model in use, the store, and a folder for files to download."""

    in_use: ModelInUse
    store: Engine
    scratch: Path

    @property
    def analyzer(self) -> Analyzer:
        """The model in use. It may change between calls: take it once for one answer."""
        return self.in_use.analyzer

    @property
    def model(self) -> Path:
        """Folder of the model in use, for a worker process to load it from."""
        return self.in_use.folder

    @cached_property
    def analyses(self) -> Analyses:
        """Analyses with the model in use, in processes beside the page."""
        return Analyses(lambda: self.model)

    @cached_property
    def atlas(self) -> LibraryAtlas:
        """The atlas of the library."""
        return LibraryAtlas(self.store)

    @property
    def names(self) -> dict[str, str]:
        """Chinese name of every theme, by key."""
        return self.analyzer.manifest.theme_names

    def names_of(self, report: Report) -> dict[str, str]:
        """Chinese name of every theme of a report; themes of another model show their key."""
        names = self.names
        return {key: names.get(key, key) for key in report.scores}
