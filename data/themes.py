"""The list of themes, `data/themes.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from data.files import read_text
from model import InputError

THEMES_FILE = Path(__file__).parent / "themes.yaml"


@dataclass(frozen=True)
class ThemeEntry:
    """A theme to train on: its key, its Chinese name and what it holds for."""

    key: str
    name: str
    description: str


def read_themes(path: Path = THEMES_FILE) -> tuple[ThemeEntry, ...]:
    """Read the list of themes.

    Raises:
        InputError: an entry lacks a field or a key stands twice.
    """
    try:
        rows = yaml.safe_load(read_text(path))
        themes = tuple(ThemeEntry(**row) for row in rows)
    except (TypeError, yaml.YAMLError) as error:
        raise InputError(f"{path}：每个主题应有 key、name、description 三项（{error}）") from None
    keys = [theme.key for theme in themes]
    if twice := {k for k in keys if keys.count(k) > 1}:
        raise InputError(f"{path}：主题重复：{', '.join(sorted(twice))}")
    return themes
