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
    """Labelled articles of all sources, and how many pointers found no text.

    `disagreements` are texts that users labelled in different ways, or otherwise than we did;
    `problems` are rows of users' files that could not be used.
    """

    articles: tuple[LabelledArticle, ...]
    n_missing: int
    disagreements: tuple[Disagreement, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def own(self) -> list[LabelledArticle]:
        """Users' articles."""
        return [article for article in self.articles if article.source == SOURCE]


def load_labelled(
    themes: Sequence[ThemeEntry], more: Sequence[Path] = (), *, is_complete: bool = False
) -> Labelled:
    """Load the corpus, the pointers whose text is at hand, and users' labels.

    Nobody looked for a user's theme in our articles: those that mention it are left open, the
    others are taken not to hold it. Of a text that we labelled too, users' labels count.

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
    return Labelled(articles, resolved.n_missing, found, users.problems)


def _give_way(
    corpus: Sequence[LabelledArticle], users: UserLabels
) -> tuple[list[LabelledArticle], list[Disagreement]]:
    """Leave out our articles that users labelled too, and say where the two differ."""
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
    """Leave an article open to the new themes that it mentions and is not labelled with."""
    mentioned = {t.key for t in new if t.is_mentioned(article.title + article.text)}
    return replace(article, unasked=article.unasked | (mentioned - article.themes))


def _examples(themes: Sequence[ThemeEntry]) -> list[LabelledArticle]:
    """Turn the examples in lists of themes into articles labelled for their theme alone."""
    keys = frozenset(theme.key for theme in themes)
    return [
        LabelledArticle(
            f"{theme.key}-example-{n}", text, EXAMPLE, frozenset({theme.key}),
            unasked=keys - {theme.key},
        )
        for theme in themes
        for n, text in enumerate(theme.examples, 1)
    ]  # fmt: skip
