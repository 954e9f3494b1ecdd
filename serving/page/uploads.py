"""Articles of a file dropped on the page, read in a process of its own."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from model import Article, InputError
from serving.archive.feed.events import FeedItem
from serving.archive.feed.file_reader import read_source
from serving.archive.feed.local import LocalFeed
from serving.archive.feed.sources import Source

MAX_ARTICLES = 50
MAX_PROBLEMS = 1000
MAX_BYTES = 30_000_000
LIMIT_S = 30.0


@dataclass(frozen=True)
class Upload:
    """The first articles of a file, with the messages of rows that could not be read.

    `is_cut` is true if reading stopped early: at too many articles or too many problems.
    """

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
    upload = _read_first(path)
    if not upload.articles:
        raise InputError("；".join(upload.problems[:3]) or "文件里没有文章")
    return upload


def _read_first(path: Path) -> Upload:
    """Read up to one article or problem over the limit; a file that hangs is abandoned."""
    articles: list[Article] = []
    problems: list[str] = []
    is_cut = False
    feed = LocalFeed([Source(str(path), path.name)], LIMIT_S, read_source)
    with closing(feed.read(0, MAX_ARTICLES + MAX_PROBLEMS + 2)) as events:
        for item in (event.item for event in events if isinstance(event, FeedItem)):
            if isinstance(item, Article):
                articles.append(replace(item, source=item.source.replace(str(path), path.name)))
            else:
                problems.append(item.message)
            is_cut = len(articles) > MAX_ARTICLES or len(problems) > MAX_PROBLEMS
            if is_cut:
                break
    return Upload(tuple(articles[:MAX_ARTICLES]), tuple(problems[:MAX_PROBLEMS]), is_cut)
