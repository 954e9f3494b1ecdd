"""Judging a version of the registry: which articles it is judged by, and the gate's verdict."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from data.corpus.loader import load_labelled
from data.gold import GoldArticle, read_gold_articles, to_gold
from data.labelled import LabelledArticle
from data.labels.user import SOURCE as USER_SOURCE
from data.labels.user import read_user_labels
from data.themes import read_themes
from eval.gate.floors import GOLD
from eval.gate.judge import choose_articles, judge
from eval.gate.verdict import Verdict
from model import Analyzer, InputError
from serving.codes import LABELS_CHANGED
from serving.registry.versions import CURRENT, SHIPPED, Registry
from training.packaging.label_record import LabelRecord, list_entries
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
        data: users' label files, of which the held-out articles count; by default those that the
            version learned from.
        show: is called with how many analyses are done, of how many.

    Raises:
        InputError: there is no such version, its label files are not as they were, or there are
            too few articles to judge by.
        ModelError: one of the models cannot be used.
    """
    old = Analyzer.load(registry.find(CURRENT))
    new = Analyzer.load(registry.find(name))
    names = new.manifest.theme_names
    users = _read_users(data, LabelRecord.beside(registry.find(name)), names)
    articles = [*load_labelled(read_themes()).articles, *users]
    learned = _learned(registry, registry.names.current)
    chosen = choose_articles(old.manifest, new.manifest, articles, learned)
    golds = [_to_users_gold(article) for article in chosen if article.source == USER_SOURCE]
    ours = [to_gold(article) for article in chosen if article.source != USER_SOURCE]
    asked = frozenset(theme.key for theme in read_themes())
    ours += read_gold_articles(GOLD, asked | frozenset(names))  # never learned from
    unasked = frozenset(names) - asked
    golds += [replace(gold, borderline=gold.borderline | unasked) for gold in ours]
    return judge(old, new, golds, show=show)


def _read_users(
    data: Sequence[Path], record: LabelRecord | None, names: Mapping[str, str]
) -> Sequence[LabelledArticle]:
    """Read users' labels as training read them: files that were given, else those of the record.

    Raises:
        InputError: a file of the record was changed or is gone.
    """
    if not data and record and (changes := record.find_changes()):
        n = sum(file.n_articles for file in record.files)
        raise InputError(
            f"这个版本学过的标注文件（共 {n} 篇）有变：{'；'.join(changes)}", code=LABELS_CHANGED
        )
    paths = data or (record.paths if record else ())
    is_complete = record is not None and record.is_complete
    return read_user_labels(paths, list_entries(names, record), is_complete=is_complete).articles


def _to_users_gold(article: LabelledArticle) -> GoldArticle:
    """Return a user's article as gold; themes that nobody looked for count neither way."""
    gold = to_gold(article)
    return replace(gold, borderline=gold.borderline | article.unasked)


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
