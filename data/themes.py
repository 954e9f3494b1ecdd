"""The list of themes, `data/themes.yaml`, and users' own lists beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from data.text_files import read_text
from model import InputError
from model.validation import ContentError, validate

_KEY = re.compile(r"[a-z][a-z0-9_]*")
_BETWEEN = re.compile(r"[，、；：。,;:\s]+")
_LISTS = ("examples", "keywords")
THEMES_FILE = Path(__file__).parent / "themes.yaml"


@dataclass(frozen=True)
class ThemeEntry:
    """A theme to train on: its key, its Chinese name and its definition.

    `examples` are sentences that report on the theme. `keywords` are words by which an article
    mentions it; an entry without keywords has its name and the parts of its description.
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
        InputError: a list does not parse, an entry lacks a field or has an unknown one, or two
            entries share a key or a name.
    """
    themes = tuple(theme for path in (THEMES_FILE, *paths) for theme in _read(path))
    for field in ("key", "name"):
        found = [getattr(theme, field) for theme in themes]
        if twice := {x for x in found if found.count(x) > 1}:
            raise InputError(
                f"主题重复：{', '.join(sorted(twice))}；自己的主题应另起 {field}，不能与已有的相同"
            )
    return themes


def write_themes(path: Path, themes: Iterable[ThemeEntry]) -> None:
    """Write a list of themes that `read_themes` reads."""
    rows = [{key: value for key, value in asdict(theme).items() if value} for theme in themes]
    for row in rows:
        row |= {key: list(row[key]) for key in _LISTS if key in row}
    path.write_text(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False), encoding="utf-8")


def read_own_themes(path: Path) -> tuple[ThemeEntry, ...]:
    """Read a user's own list alone; errors as of `read_themes`, which checks it beside ours."""
    return read_themes(path)[len(read_themes()) :]


def _read(path: Path) -> list[ThemeEntry]:
    if not path.is_file():
        raise InputError(f"没有这个主题文件：{path}")
    try:
        rows = yaml.safe_load(read_text(path))
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{path} 不是合法的 YAML：{error}") from None
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise InputError(
            f"{path} 应为主题的列表（每个主题以“- key:”开头），实为 {str(rows)[:20]!r}"
        )
    return [_to_entry(row, f"{path} 第 {n} 个主题") for n, row in enumerate(rows, 1)]


def _to_entry(row: Any, place: str) -> ThemeEntry:
    if isinstance(row, dict):  # `examples:` with nothing behind it is an empty list
        row = {k: v for k, v in row.items() if v is not None or k not in _LISTS}
    try:
        entry = validate(ThemeEntry, row)
    except ContentError as error:
        raise InputError(
            f"{place}：{error}；每个主题应有 key、name、description 三项，可有 examples、keywords"
        ) from None
    values = (entry.key, entry.name, entry.description, *entry.examples, *entry.keywords)
    if not all(value.strip() for value in values):
        raise InputError(f"{place}：{entry.key} 的各项不能为空")
    if not _KEY.fullmatch(entry.key):
        raise InputError(
            f"{place}：key 应以小写字母开头，只含小写字母、数字、_，实为 {entry.key!r}"
        )
    return entry
