"""The loader: joins the corpus, the pointers and users' own labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.annotated import read_corpus
from data.labelled import LabelledArticle
from data.pointers import resolve_pointers
from data.themes import ThemeEntry
from model import InputError

CORPUS_FOLDER = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Labelled:
    """Labelled articles of all sources, and how many pointers found no text."""

    articles: tuple[LabelledArticle, ...]
    n_missing: int


def load_labelled(themes: Sequence[ThemeEntry], more: Sequence[Path] = ()) -> Labelled:
    """Load the corpus, the pointers whose text is at hand, and further folders.

    Raises:
        InputError: a file does not parse, or two articles share an id.
    """
    keys = frozenset(theme.key for theme in themes)
    resolved = resolve_pointers()
    own = [article for folder in (CORPUS_FOLDER, *more) for article in read_corpus(folder, keys)]
    articles = (*own, *resolved.articles)
    counts = Counter(article.id for article in articles)
    if twice := [name for name, n in counts.items() if n > 1]:
        raise InputError(f"编号重复：{'、'.join(twice[:5])}，请给每篇文章不同的编号")
    return Labelled(articles, resolved.n_missing)
