"""Plain text: one file, one article."""

from __future__ import annotations

from collections.abc import Iterator

from data.readers.encoding import decode
from data.readers.items import Item
from model import Article


def read_plain(data: bytes, id: str, source: str) -> Iterator[Item]:
    """Read one article.

    Raises:
        InputError: the file is no text, or its text is no article.
    """
    yield Article.from_raw(decode(data), id=id, source=source)
