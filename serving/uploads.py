"""A file that was dropped on the page: its articles, read in a process beside the page."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from data.readers import Item
from model import Article, InputError
from serving.reading import Reading, Source, Taken, read_source

MAX_ARTICLES = 50
MAX_BYTES = 30_000_000
LIMIT_S = 30.0
# What messages add for those who run commands.
_FOR_COMMANDS = re.compile(r"[，；](?:文件)?已搁置.*$")


@dataclass(frozen=True)
class Upload:
    """The first articles of a file; `is_cut` where there are more, `problems` what went wrong."""

    articles: tuple[Article, ...]
    problems: tuple[str, ...]
    is_cut: bool = False


def read_upload(path: Path) -> Upload:
    """Read a file of any kind that Yiwen reads.

    Raises:
        InputError: it is too large or there is no article in it; the message says why.
    """
    if path.stat().st_size > MAX_BYTES:
        raise InputError(
            f"文件有 {path.stat().st_size / 1e6:.0f} MB，单篇最多 {MAX_BYTES / 1e6:.0f} MB。"
            "请只放入要看的那一篇，成批文件请用“批量”"
        )
    articles: list[Article] = []
    problems: list[str] = []
    for item in _read_first(path):
        if isinstance(item, Article):
            articles.append(replace(item, source=item.source.replace(str(path), path.name)))
        else:
            problems.append(_FOR_COMMANDS.sub("", item.message))
    if not articles:
        raise InputError("；".join(problems[:3]) or "文件里没有文章")
    return Upload(tuple(articles[:MAX_ARTICLES]), tuple(problems), len(articles) > MAX_ARTICLES)


def _read_first(path: Path) -> list[Item]:
    """Read until there is one article more than is shown; a file that hangs is given up."""
    items: list[Item] = []
    reading = Reading([Source(str(path), path.name)], LIMIT_S, read_source)
    with closing(reading.read(0, MAX_ARTICLES + 1)) as events:
        for event in events:
            if isinstance(event, Taken):
                items.append(event.item)
            if len(items) > MAX_ARTICLES:
                break
    return items
