"""The loader: joins the corpus, the pointers and users' own labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from data.annotated import read_corpus
from data.labelled import LabelledArticle
from data.pointers import resolve_pointers
from data.themes import ThemeEntry

CORPUS_FOLDER = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Labelled:
    """Labelled articles of all sources, and how many pointers found no text."""

    articles: tuple[LabelledArticle, ...]
    n_missing: int


def load_labelled(themes: Sequence[ThemeEntry], more: Sequence[Path] = ()) -> Labelled:
    """Load the corpus, the pointers whose text is at hand, and further folders.

    Raises:
        InputError: a file does not parse; the message names file and line.
    """
    keys = frozenset(theme.key for theme in themes)
    resolved = resolve_pointers()
    own = [article for folder in (CORPUS_FOLDER, *more) for article in read_corpus(folder, keys)]
    return Labelled((*own, *resolved.articles), resolved.n_missing)
