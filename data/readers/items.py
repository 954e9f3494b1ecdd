"""What a reader gives: an article, or a problem that names its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from data.readers.hints import place_notes, read_notes
from model import Article
from model.spans import Span


@dataclass(frozen=True)
class Problem:
    """An input that gives no article; `message` is Chinese and says how to mend it.

    `code` is that of the error which it was, for programs; empty for most.
    """

    id: str | int
    source: str
    message: str
    code: str = ""


Item = Article | Problem


def make_article(
    found: Mapping[str, str], id: str, source: str, doubtful: Sequence[Span] = ()
) -> Article:
    """Make an article of the `text`, `title`, `date` and `warning` (lines) that a page gave.

    Args:
        found: what the page gave; `notes`, where there are any, as `write_notes` wrote them.
        id: of the article.
        source: of the article.
        doubtful: stretches of the text that were read with little confidence.

    Raises:
        InputError: the text is no article.
    """
    article = Article.from_raw(
        found["text"],
        id=id,
        title=found["title"],
        date=found["date"],
        source=source,
        doubtful=doubtful,
        hints=place_notes(found["text"], read_notes(found.get("notes", ""))),
    )
    return with_warning(article, *found["warning"].split("\n"))


def with_warning(article: Article, *warnings: str) -> Article:
    """Return the article with what its reader has to say before what cleaning said."""
    return replace(article, warnings=(*filter(None, warnings), *article.warnings))
