"""What users give a run of training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class UserData:
    """What users give.

    `paths` are folders and files of labels, `theme_files` lists of their own themes;
    `is_complete` says that a theme which a file never names is absent from its articles.
    """

    paths: tuple[Path, ...]
    theme_files: tuple[Path, ...] = ()
    is_complete: bool = False
