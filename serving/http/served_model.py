"""`ServedModel`: the model that the service uses by now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from model.manifest import Manifest
from serving.registry.versions import CURRENT, Registry


@dataclass(frozen=True)
class ServedModel:
    """The model in use: the registry's current one, or one that stays."""

    registry: Registry
    fixed: Path | None = None

    @property
    def folder(self) -> Path:
        """Its folder by now."""
        return self.fixed or self.registry.find(CURRENT)

    @property
    def manifest(self) -> Manifest:
        """Its manifest; versions never change."""
        return _read_manifest(self.folder)


@lru_cache(maxsize=8)
def _read_manifest(folder: Path) -> Manifest:
    return Manifest.read(folder)
