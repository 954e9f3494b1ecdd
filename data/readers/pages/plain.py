"""Plain text: one file, one article."""

from __future__ import annotations

from collections.abc import Iterator

from data.readers.document import Document
from data.readers.encoding import decode
from data.readers.items import Item
from data.readers.markup import read_article


def read_plain(document: Document) -> Iterator[Item]:
    """Read one article.

    Raises:
        InputError: the file is too large or no text, or its text is no article.
    """
    text = decode(document.read())
    is_markdown = document.suffix == ".md"
    yield read_article(text, id=document.id, source=document.source, markdown=is_markdown)
