"""The list of themes, `data/themes.yaml`, and users' own lists beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from data.files import read_text
from model import InputError

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_BETWEEN = re.compile(r"[，、；：。,;:\s]+")
THEMES_FILE = Path(__file__).parent / "themes.yaml"


@dataclass(frozen=True)
class ThemeEntry:
    """A theme to train on: its key, its Chinese name and what it holds for.

    `examples` are sentences that report on it. `keywords` are words that an article may mention
    it by; without any they are the name and the parts of the description.
    """

    key: str
    name: str
    description: str
    examples: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()

    def is_mentioned(self, text: str) -> bool:
        """Whether a text has the theme's name or one of its words."""
        words = self.keywords or tuple(_BETWEEN.split(self.description))
        return any(word in text for word in (self.name, *words) if word)


def read_themes(*paths: Path) -> tuple[ThemeEntry, ...]:
    """Read lists of themes; by default ours.

    Args:
        paths: users' own lists, which follow ours.

    Raises:
        InputError: an entry lacks a field, or a key or a name stands twice.
    """
    themes = tuple(theme for path in (THEMES_FILE, *paths) for theme in _read(path))
    for field in ("key", "name"):
        found = [getattr(theme, field) for theme in themes]
        if twice := {x for x in found if found.count(x) > 1}:
            raise InputError(
                f"主题重复：{', '.join(sorted(twice))}；自己的主题应另起 {field}，不能与已有的相同"
            )
    return themes


def _read(path: Path) -> list[ThemeEntry]:
    if not path.is_file():
        raise InputError(f"没有这个主题文件：{path}")
    try:
        return [_to_entry(row, path) for row in yaml.safe_load(read_text(path)) or ()]
    except (TypeError, yaml.YAMLError) as error:
        raise InputError(
            f"{path}：每个主题应有 key、name、description 三项，可有 examples、keywords（{error}）"
        ) from None


def _to_entry(row: dict[str, Any], path: Path) -> ThemeEntry:
    lists = {key: tuple(row.get(key) or ()) for key in ("examples", "keywords")}
    entry = ThemeEntry(**{**row, **lists})
    values = (entry.key, entry.name, entry.description, *entry.examples, *entry.keywords)
    if not all(isinstance(value, str) and value.strip() for value in values):
        raise InputError(f"{path}：{entry.key} 的各项都应是文字，不能为空")
    if not _KEY.fullmatch(entry.key):
        raise InputError(f"{path}：key 应以小写字母开头，只含小写字母、数字、_，实为 {entry.key!r}")
    return entry
