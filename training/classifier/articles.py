"""Articles that a plain classifier learns from, and those on which it is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from data.corpus.duplicates import find_known
from data.corpus.loader import load_labelled
from data.corpus.texts import read_texts
from data.labelled import LabelledArticle
from data.labels.user import SOURCE
from model import Article, InputError
from model.manifest import Manifest
from training.fitting.theme_heads import make_folds
from training.packaging.label_record import LabelRecord, list_entries

# Of users' articles, one in five is not learned from, to measure how far both agree.
_PARTS = 5


def load_articles(
    model: Path,
    manifest: Manifest,
    labels: Sequence[Path],
    more: Sequence[Path],
    console: Console,
) -> tuple[list[Article], list[Article]]:
    """Return articles to learn from, and others, with no near-duplicates between them.

    The others are what the model held out, and a part of users' articles.

    Args:
        model: a model folder.
        manifest: its manifest.
        labels: users' label files; by default those that the model learned from.
        more: JSON Lines of further articles to learn from; they need no labels.
        console: for messages.

    Raises:
        InputError: a file does not parse.
    """
    record = LabelRecord.beside(model)
    entries = list_entries(manifest.theme_names, record)
    paths = labels or _find_files(record, console)
    articles = load_labelled(entries, paths).articles
    ids = frozenset(manifest.held_out) | _set_aside(articles)
    kept_texts = [a.text for a in articles if a.id in ids]
    texts = [a.text for a in articles if a.id not in ids]
    texts += [text for _, text in read_texts(tuple(more))]
    known = find_known(texts, kept_texts)
    train = (text for text, twin in zip(texts, known, strict=True) if twin is None)
    return list(_clean(dict.fromkeys(train))), list(_clean(kept_texts))


def _find_files(record: LabelRecord | None, console: Console) -> list[Path]:
    """Return the label files of a record that are still there."""
    paths = record.paths if record else []
    for path in paths:
        if not path.is_file():
            console.print(
                f"注意：{path} 不在了，里面的文章没有学；可用 --data 给出", highlight=False,
                markup=False,
            )  # fmt: skip
    return [path for path in paths if path.is_file()]


def _set_aside(articles: Sequence[LabelledArticle]) -> frozenset[str]:
    """Return the ids of one users' article in five, of each theme its share."""
    users = [article for article in articles if article.source == SOURCE]
    part = make_folds(users, _PARTS)[0] if users else []
    return frozenset(users[i].id for i in part)


def _clean(texts: Iterable[str]) -> Iterator[Article]:
    for text in texts:
        with suppress(InputError):  # texts that cannot be an article
            yield Article.from_raw(text)
