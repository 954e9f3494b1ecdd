"""Whom an article is from, as a reader wants it: a site or a name; a file is nobody."""

from __future__ import annotations

from pathlib import PurePath

from data.readers import SUFFIXES


def printed_source(source: str) -> str:
    """Return a source for readers: the host of an address, nothing for a file, else as it is."""
    if "://" in source:
        return source.split("/")[2]
    return "" if PurePath(source).suffix.lower() in SUFFIXES else source
