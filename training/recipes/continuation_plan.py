"""Plan of a continuation: themes of the new model, heads to fit, articles to learn from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from data.corpus.loader import Labelled
from data.corpus.split import split_beside
from data.labelled import LabelledArticle
from data.labels.user import SOURCE
from data.themes import ThemeEntry, read_themes
from model import InputError, ModelError
from model.manifest import Manifest
from training.settings import Settings

# Fewer articles than these do not make a theme.
MIN_POSITIVES = 5


@dataclass(frozen=True)
class ContinuationPlan:
    """The themes of the new model, in order, the keys of the heads to fit, and both parts.

    `too_few` counts the articles of each new theme that has too few to be learned, by its name.
    """

    entries: tuple[ThemeEntry, ...]
    fitted: frozenset[str]
    too_few: Mapping[str, int]
    train: list[LabelledArticle]
    held_out: list[LabelledArticle]

    @property
    def keys(self) -> list[str]:
        """Keys of all themes, in order."""
        return [entry.key for entry in self.entries]


def list_themes(files: Sequence[Path], old: Manifest) -> list[ThemeEntry]:
    """Return our themes, users' own, and the model's themes that no list has any more.

    Raises:
        InputError: a list does not parse, or has another key for a theme of the model.
    """
    listed = read_themes(*files)
    keys = {entry.key for entry in listed}
    names = {entry.name: entry.key for entry in listed}
    unlisted = [ThemeEntry(t.key, t.name, t.name) for t in old.themes if t.key not in keys]
    for entry in unlisted:
        if entry.name in names:
            raise InputError(
                f"主题“{entry.name}”在原模型里的 key 是 {entry.key}，主题文件里却是 "
                f"{names[entry.name]}：请沿用原来的 key，或另起名字"
            )
    return [*listed, *unlisted]


def make_plan(
    labelled: Labelled, entries: Sequence[ThemeEntry], old: Manifest, settings: Settings
) -> ContinuationPlan:
    """Plan a continuation.

    Raises:
        InputError: users labelled no article.
        ModelError: the model's manifest lacks metrics that the new one takes over.
    """
    if "score_changes" not in old.metrics:
        raise ModelError("模型清单缺少 metrics.score_changes，不能接着训练", code="not_continuable")
    users = labelled.own
    if not users:
        raise InputError("没有标注文章可学", code="no_labels")
    counts = Counter(theme for article in users for theme in article.themes)
    known = {theme.key for theme in old.themes}
    of_model = [ThemeEntry(t.key, t.name, t.name) for t in old.themes]
    by_key = {entry.key: entry for entry in (*of_model, *entries)}
    order = [*(t.key for t in old.themes), *(e.key for e in entries if e.key not in known)]
    keys = [key for key in order if key in known or counts[key] >= MIN_POSITIVES]
    fitted = frozenset(key for key in keys if any(key not in a.unasked for a in users))
    too_few = {e.name: counts[e.key] for e in entries if e.key not in keys}
    unlisted = frozenset(keys) - {entry.key for entry in entries}
    articles = [replace(a, unasked=a.unasked | unlisted) for a in labelled.articles]
    train, held_out = split_beside(
        articles, frozenset(old.held_out), settings.held_out, settings.seed
    )
    replay = _choose_replay([a for a in train if a.source != SOURCE], settings.replay_articles)
    train = [*(a for a in train if a.source == SOURCE), *replay]
    return ContinuationPlan(tuple(by_key[key] for key in keys), fitted, too_few, train, held_out)


def _choose_replay(articles: Sequence[LabelledArticle], n: int) -> list[LabelledArticle]:
    """Return at most `n` articles, articles with a theme first; always the same ones."""

    def rank(article: LabelledArticle) -> tuple[bool, str]:
        return not article.themes, hashlib.sha256(article.text.encode()).hexdigest()

    return sorted(articles, key=rank)[:n]


def print_plan(plan: ContinuationPlan, labelled: Labelled, console: Console) -> None:
    """Print the numbers of articles, the themes to fit, and problems of users' files."""
    n_users = len(labelled.own)
    n_replay = len(plan.train) + len(plan.held_out) - n_users
    names = [entry.name for entry in plan.entries if entry.key in plan.fitted]
    console.print(
        f"标注 {n_users} 篇，语料回放 {n_replay} 篇"
        f"（训练 {len(plan.train)}，留出 {len(plan.held_out)}）；训练的主题：{'、'.join(names)}"
    )
    for name, n in plan.too_few.items():
        console.print(
            f"注意：主题“{name}”只有 {n} 篇正例，不到 {MIN_POSITIVES} 篇，这次不训练它",
            highlight=False,
        )
    for problem in labelled.problems:
        console.print(f"注意：{problem}", highlight=False, markup=False)
