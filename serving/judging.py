"""Judging a version of the registry: which articles it is judged by, and what the gate says."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from data.gold import to_gold
from data.label_files import read_labels
from data.labelled import LabelledArticle
from data.loader import load_labelled
from data.themes import read_themes
from eval.gate import USER_SOURCE, Verdict, choose_articles, judge
from model import Analyzer
from serving.registry import CURRENT, RUN_SUFFIX, SHIPPED, Registry

_DATA_FILE = "data.json"


def judge_version(registry: Registry, name: str, data: Sequence[Path] = ()) -> Verdict:
    """Ask the gate whether a version should take the place of the model in use.

    Args:
        registry: holds both.
        name: the challenger.
        data: users' label files, of which the held-out articles count.

    Raises:
        InputError: there is no such version, or too few articles to judge by.
        ModelError: one of the models cannot be used.
    """
    old = Analyzer.load(registry.find(CURRENT))
    new = Analyzer.load(registry.find(name))
    names = {theme.key: theme.name for theme in new.manifest.themes}
    articles = [*load_labelled(read_themes()).articles, *_read_users(data, names)]
    learned = _learned(registry, registry.names.current)
    chosen = choose_articles(old.manifest, new.manifest, articles, learned)
    return judge(old, new, [to_gold(article) for article in chosen])


def _read_users(paths: Sequence[Path], names: Mapping[str, str]) -> list[LabelledArticle]:
    read = [correction for path in paths for correction in read_labels(path, names).corrections]
    return [replace(correction.labelled, source=USER_SOURCE) for correction in read]


def _learned(registry: Registry, name: str) -> Collection[str] | None:
    """Return the ids that a version's record says it learned from; Yiwen's own saw no user's."""
    if name == SHIPPED:
        return ()
    record = registry.folder / (name + RUN_SUFFIX) / _DATA_FILE
    if not record.is_file():
        return None
    ids: dict[str, str] = json.loads(record.read_text(encoding="utf-8"))["train"]
    return ids.keys()
