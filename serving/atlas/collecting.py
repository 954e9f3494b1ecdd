"""The atlas of the library: made of its newest reports, and kept until the library changes."""

from __future__ import annotations

from threading import Lock

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from serving.atlas.atlas import ArticleFacts, Atlas, join_articles
from serving.atlas.settlements import apply_settlements, read_settlements
from serving.home.library_tables import LibraryArticleRow, LibraryReportRow
from serving.library.articles import load_articles

_AT_A_TIME = 200


class LibraryAtlas:
    """The atlas of a store's library; what one report gives is read once while it is the newest."""

    def __init__(self, store: Engine) -> None:
        self._store = store
        self._lock = Lock()
        self._articles: dict[int, tuple[int, ArticleFacts]] = {}
        self._joined: Atlas | None = None

    def read(self) -> Atlas:
        """Return the atlas as the library and its settlements are now."""
        with self._lock:
            newest = _newest_reports(self._store)
            if self._joined is None or newest != {n: r for n, (r, _) in self._articles.items()}:
                self._update(newest)
                self._joined = join_articles(facts for _, facts in self._articles.values())
            joined = self._joined
        return apply_settlements(joined, read_settlements(self._store))

    def _update(self, newest: dict[int, int]) -> None:
        known = self._articles
        self._articles = {
            number: known[number]
            for number, report in newest.items()
            if number in known and known[number][0] == report
        }
        changed = [number for number in newest if number not in self._articles]
        for first in range(0, len(changed), _AT_A_TIME):
            part = changed[first : first + _AT_A_TIME]
            for kept in load_articles(self._store, part):
                facts = ArticleFacts.of(kept.record)
                self._articles[kept.number] = (newest[kept.number], facts)


def _newest_reports(store: Engine) -> dict[int, int]:
    """Return the newest report of every article, by the article's number."""
    report = LibraryReportRow
    chosen = (
        select(report.article, func.max(report.id))
        .join(LibraryArticleRow, col(LibraryArticleRow.id) == col(report.article))
        .group_by(col(report.article))
        .order_by(col(report.article))
    )
    with Session(store) as session:
        return {int(article): int(newest or 0) for article, newest in session.exec(chosen)}
