"""What programs send to be analysed, with what they know of it; it is read in a worker process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from data.readers import Problem, read_file
from data.readers.markup import read_article
from model import Article, InputError
from serving.codes import MANY_ARTICLES

# A file may take as long as a text of so many characters, however many it turns out to have.
_FILE_CHARS = 30_000


class Submission(Protocol):
    """Something to read as one article."""

    @property
    def n_chars(self) -> int:
        """How long it may be, for the time limit."""

    def read(self) -> Article:
        """Read it.

        Raises:
            InputError: it is no article.
        """


@dataclass(frozen=True)
class SubmittedText:
    """A text that may hold markup; `title` and `date` win over those found in it."""

    text: str
    id: str | int = ""
    title: str = ""
    date: str = ""
    source: str = ""

    @property
    def n_chars(self) -> int:
        """How long it is."""
        return len(self.text)

    def read(self) -> Article:
        """Read it.

        Raises:
            InputError: it is no article.
        """
        return read_article(
            self.text, id=self.id, title=self.title, date=self.date, source=self.source
        )


@dataclass(frozen=True)
class SubmittedFile:
    """A file of one article; its id and source are its own name, not where it was put."""

    path: Path
    name: str

    @property
    def n_chars(self) -> int:
        """How long it may be."""
        return _FILE_CHARS

    def read(self) -> Article:
        """Read it.

        Raises:
            InputError: it cannot be read, or holds no article or more than one; the code of the
                last is `MANY_ARTICLES`.
        """
        items = read_file(self.path, self.name)
        first, second = next(items, None), next(items, None)
        if isinstance(first, Problem):
            raise InputError(first.message, code=first.code)
        if first is None:
            raise InputError("文件里没有文章")
        if second is not None:
            raise InputError("文件里不止一篇文章", code=MANY_ARTICLES)
        return replace(first, source=first.source.replace(str(self.path), self.name))
