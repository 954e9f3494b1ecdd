"""Judging a version of the registry: which articles it is judged by, and the gate's verdict."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from data.corpus.loader import load_labelled
from data.gold import read_gold_articles, to_gold
from data.labelled import LabelledArticle
from data.labels.files import read_labels
from data.labels.user import SOURCE as USER_SOURCE
from data.themes import read_themes
from eval.gate.floors import GOLD
from eval.gate.judge import Verdict, choose_articles, judge
from model import Analyzer
from serving.registry.versions import CURRENT, SHIPPED, Registry
from training.packaging.names import DATA_NAME


def judge_version(
    registry: Registry,
    name: str,
    data: Sequence[Path] = (),
    show: Callable[[int, int], None] | None = None,
) -> Verdict:
    """Ask the gate whether a version should take the place of the model in use.

    Users' own themes count in users' articles alone: nobody looked for them in ours.

    Args:
        registry: holds both.
        name: the challenger.
        data: users' label files, of which the held-out articles count.
        show: is called with how many analyses are done, of how many.

    Raises:
        InputError: there is no such version, or too few articles to judge by.
        ModelError: one of the models cannot be used.
    """
    old = Analyzer.load(registry.find(CURRENT))
    new = Analyzer.load(registry.find(name))
    names = new.manifest.theme_names
    articles = [*load_labelled(read_themes()).articles, *_read_users(data, names)]
    learned = _learned(registry, registry.names.current)
    chosen = choose_articles(old.manifest, new.manifest, articles, learned)
    users = [article for article in chosen if article.source == USER_SOURCE]
    golds = [replace(g := to_gold(a), borderline=g.borderline | a.unasked) for a in users]
    ours = [to_gold(article) for article in chosen if article.source != USER_SOURCE]
    asked = frozenset(theme.key for theme in read_themes())
    ours += read_gold_articles(GOLD, asked | frozenset(names))  # never learned from
    unasked = frozenset(names) - asked
    golds += [replace(gold, borderline=gold.borderline | unasked) for gold in ours]
    return judge(old, new, golds, show=show)


def _read_users(paths: Sequence[Path], names: Mapping[str, str]) -> list[LabelledArticle]:
    read = [correction for path in paths for correction in read_labels(path, names).corrections]
    return [replace(correction.labelled, source=USER_SOURCE) for correction in read]


def _learned(registry: Registry, name: str) -> Collection[str] | None:
    """Return ids of the users' articles that a version may have learned from; None: not known.

    It may have been continued from any other, so what any of them learned from counts. Yiwen's
    own saw no user's article.
    """
    if name == SHIPPED:
        return ()
    records = {v.name: v.run / DATA_NAME for v in registry.versions()}
    if not records[name].is_file():
        return None
    ids: set[str] = set()
    for record in records.values():
        if record.is_file():
            found = _read_ids(record)
            if found is None:
                return None
            ids.update(found)
    return ids


def _read_ids(record: Path) -> Collection[str] | None:
    """Return ids of the articles in the record of a training; None where it is damaged."""
    try:
        row = json.loads(record.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        return None
    train = row.get("train") if isinstance(row, dict) else None
    return train if isinstance(train, dict) else None
