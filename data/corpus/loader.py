"""The loader: joins the corpus, the pointers and users' own labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.corpus.annotated import read_corpus
from data.corpus.pointers import resolve_pointers
from data.labelled import LabelledArticle
from data.labels.user import (
    SOURCE,
    Disagreement,
    LabelFile,
    UserLabels,
    answer,
    plain_text,
    read_user_labels,
)
from data.themes import ThemeEntry, read_themes
from model import InputError

EXAMPLE = "example"
CORPUS_FOLDER = Path(__file__).parent / "written"


@dataclass(frozen=True)
class Labelled:
    """Labelled articles of all sources, and the number of pointers without a text.

    `disagreements` are texts with different labels by users, or by a user and the corpus;
    `problems` are rows of users' files that could not be used. `files` are users' files, and
    `is_complete` is how they were read (`read_user_labels`).
    """

    articles: tuple[LabelledArticle, ...]
    n_missing: int
    disagreements: tuple[Disagreement, ...] = ()
    problems: tuple[str, ...] = ()
    files: tuple[LabelFile, ...] = ()
    is_complete: bool = False

    @property
    def own(self) -> list[LabelledArticle]:
        """Users' articles."""
        return [article for article in self.articles if article.source == SOURCE]


def load_labelled(
    themes: Sequence[ThemeEntry], more: Sequence[Path] = (), *, is_complete: bool = False
) -> Labelled:
    """Load the corpus, the pointers whose text is at hand, and users' labels.

    The corpus is not labelled for users' themes: for its articles that mention such a theme, the
    label is unknown; the others count as without it. Of a text that is in the corpus and in a
    user's file, the user's labels count.

    Args:
        themes: ours and users' own.
        more: folders and files of users' labels.
        is_complete: see `read_user_labels`.

    Raises:
        InputError: a file does not parse, or two articles share an id.
    """
    ours = frozenset(theme.key for theme in read_themes())
    keys = frozenset(theme.key for theme in themes)
    resolved = resolve_pointers()
    users = read_user_labels(more, themes, is_complete=is_complete)
    corpus = [*read_corpus(CORPUS_FOLDER, keys | ours), *resolved.articles]
    kept, disagreements = _give_way(corpus, users)
    new = [theme for theme in themes if theme.key not in ours]
    ours_now = [*kept, *_examples(themes)]
    articles = (*(_open_to(article, new) for article in ours_now), *users.articles)
    counts = Counter(article.id for article in articles)
    if twice := [name for name, n in counts.items() if n > 1]:
        raise InputError(f"编号重复：{'、'.join(twice[:5])}，请给每篇文章不同的编号")
    found = (*users.disagreements, *disagreements)
    return Labelled(articles, resolved.n_missing, found, users.problems, users.files, is_complete)


def _give_way(
    corpus: Sequence[LabelledArticle], users: UserLabels
) -> tuple[list[LabelledArticle], list[Disagreement]]:
    """Drop corpus articles that users labelled too; return the others and the disagreements."""
    own = {plain_text(article): article for article in users.articles}
    kept, disagreements = [], []
    for article in corpus:
        theirs = own.get(plain_text(article)) if own else None
        if theirs is None:
            kept.append(article)
            continue
        for theme in sorted((article.themes | theirs.themes) - theirs.unasked):
            answers = (("（语料）" + article.id, answer(article, theme)),
                       (theirs.id, answer(theirs, theme)))  # fmt: skip
            if answers[0][1] != answers[1][1]:
                disagreements.append(Disagreement(theme, answers, theirs.text))
    return kept, disagreements


def _open_to(article: LabelledArticle, new: Sequence[ThemeEntry]) -> LabelledArticle:
    """Mark the new themes that an article mentions without having the label as unasked."""
    mentioned = {t.key for t in new if t.is_mentioned(article.title + article.text)}
    return replace(article, unasked=article.unasked | (mentioned - article.themes))


def _examples(themes: Sequence[ThemeEntry]) -> list[LabelledArticle]:
    """Turn the examples in lists of themes into articles, labelled for one theme alone."""
    keys = frozenset(theme.key for theme in themes)
    return [
        LabelledArticle(
            f"{theme.key}-example-{n}", text, EXAMPLE, frozenset({theme.key}),
            unasked=keys - {theme.key},
        )
        for theme in themes
        for n, text in enumerate(theme.examples, 1)
    ]  # fmt: skip
