"""Articles of the library: kept, listed, read, forgotten; every report that an article ever had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Engine, delete, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from model import InputError
from serving.home.database import keep_order
from serving.home.library_tables import LibraryArticleRow, LibraryReadRow, LibraryReportRow
from serving.library.keeping import read_keep_days
from serving.library.records import NotedReport, Record, hash_text, load_record, note_report
from serving.library.search_index import Forgotten, forget_words

_PER_TRANSACTION = 100
_MAX_LISTED = 1000
_HEAD_CHARS = 30
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class ArticleFilter:
    """Articles to list; an empty field takes all.

    `since` and `until` are days, both included. `place` is the head of a code or part of a name.
    """

    since: str = ""
    until: str = ""
    theme: str = ""
    place: str = ""
    source: str = ""
    unread_by: str | None = None


@dataclass(frozen=True)
class Listed:
    """An article in a list."""

    number: int
    title: str
    day: str
    source: str
    themes: tuple[str, ...]
    place: str
    is_read: bool
    head: str = ""


@dataclass(frozen=True)
class PastReport:
    """A report of an article: when it came, of which model, the report."""

    at: datetime
    model: str
    record: Record


@dataclass(frozen=True)
class KeptArticle:
    """An article with its newest report."""

    number: int
    digest: str
    day: str
    record: Record


def keep_records(store: Engine, records: Iterable[Mapping[str, Any]], by: str = "") -> int:
    """Keep reports, each article once however often it comes; return how many are new.

    An article that was analysed before gets the new report beside the old ones, unless they agree.
    What is older than `YIWEN_KEEP_DAYS` leaves the library. Lines of articles that failed are
    passed over.

    Raises:
        InputError: one of the records is no report.
    """
    n_new = 0
    good = (record for record in records if "error" not in record)
    for part in _in_parts(good):
        n_new += _keep_part(store, [note_report(record) for record in part], by)
    if (days := read_keep_days()) is not None:
        forget_older(store, days)
    return n_new


def keep_record(store: Engine, record: Mapping[str, Any], by: str = "") -> int:
    """Keep one report as `keep_records` does; return the article's number."""
    keep_records(store, [record], by)
    with Session(store) as session:
        digest = note_report(record).digest
        chosen = select(LibraryArticleRow.id).where(LibraryArticleRow.digest == digest)
        return int(session.exec(chosen).first() or 0)


def list_articles(
    store: Engine, wanted: ArticleFilter, by: str = "", limit: int = _MAX_LISTED
) -> list[Listed]:
    """Return articles, the newest first; `by` is whose reading marks are shown."""
    row, read = LibraryArticleRow, LibraryReadRow
    with Session(store) as session:
        mine = select(read.article).where(read.by == by)
        seen = set(session.exec(mine))
        chosen = select(row).where(*_conditions(wanted))
        if wanted.unread_by is not None:
            own = select(read.article).where(read.by == wanted.unread_by)
            chosen = chosen.where(col(row.id).not_in(own))
        chosen = chosen.order_by(col(row.day).desc(), col(row.id).desc()).limit(limit)
        return [_listed(found, seen) for found in session.exec(chosen)]


def load_articles(store: Engine, numbers: Sequence[int]) -> list[KeptArticle]:
    """Return articles with their newest reports, in the order of their numbers as given."""
    row, report = LibraryArticleRow, LibraryReportRow
    newest = select(func.max(report.id)).group_by(col(report.article))
    found: dict[int, KeptArticle] = {}
    with Session(store) as session:
        for part in _in_parts(numbers):
            chosen = (
                select(row, report.report)
                .join(report, col(report.article) == col(row.id))
                .where(col(row.id).in_(part))
                .where(col(report.id).in_(newest.where(col(report.article).in_(part))))
            )
            for article, content in session.exec(chosen):
                number = int(article.id or 0)
                record = load_record(content, article.text)
                found[number] = KeptArticle(number, article.digest, article.day, record)
    return [found[number] for number in numbers if number in found]


def load_between(store: Engine, since: str, until: str) -> list[KeptArticle]:
    """Return the articles of some days, both included, in the order in which they came."""
    row = LibraryArticleRow
    with Session(store) as session:
        chosen = select(row.id).where(*_conditions(ArticleFilter(since=since, until=until)))
        numbers = [int(number or 0) for number in session.exec(chosen.order_by(col(row.id)))]
    return load_articles(store, numbers)


def load_by_digest(store: Engine, head: str) -> KeptArticle | None:
    """Return the article whose digest begins so; None if there is none."""
    row = LibraryArticleRow
    with Session(store) as session:
        chosen = select(row.id).where(col(row.digest).startswith(head, autoescape=True))
        number = session.exec(chosen).first()
    return next(iter(load_articles(store, [number])), None) if number else None


def read_past(store: Engine, number: int) -> list[PastReport]:
    """Return every report of an article, the oldest first.

    Raises:
        InputError: there is no such article.
    """
    with Session(store) as session:
        article = session.get(LibraryArticleRow, number)
        if article is None:
            raise InputError("资料库里没有这一篇，可能已经清除")
        report = LibraryReportRow
        chosen = select(report).where(report.article == number).order_by(col(report.id))
        return [
            PastReport(_aware(row.at), row.model, load_record(row.report, article.text))
            for row in session.exec(chosen)
        ]


def mark_read(store: Engine, number: int, by: str) -> None:
    """Note that a person has read an article."""
    with Session(store) as session:
        if session.get(LibraryArticleRow, number) is None:
            return
        session.add(LibraryReadRow(article=number, by=by, at=datetime.now(UTC)))
        try:
            session.commit()
        except IntegrityError:  # read before
            session.rollback()


def forget_older(store: Engine, days: int) -> int:
    """Forget articles that came more than so many days before today; return how many."""
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    limit = (midnight - timedelta(days=days)).astimezone(UTC)
    with Session(store) as session:
        row = LibraryArticleRow
        old = [int(n or 0) for n in session.exec(select(row.id).where(col(row.added_at) < limit))]
    if old:
        forget(store, old)
    return len(old)


def forget(store: Engine, numbers: Iterable[int]) -> None:
    """Take articles out of the library with all that is known of them, the index included."""
    article, gone = LibraryArticleRow, list(numbers)
    forgotten: list[Forgotten] = []
    with Session(store) as session:
        for part in _in_parts(gone):
            rows = session.exec(select(article).where(col(article.id).in_(part)))
            forgotten += [Forgotten(int(row.id or 0), row.title, row.text) for row in rows]
            _delete(session, part)
        session.commit()
    forget_words(store, forgotten)


def forget_all(store: Engine) -> None:
    """Empty the library and its index."""
    with Session(store) as session:
        while numbers := session.exec(select(LibraryArticleRow.id).limit(_PER_TRANSACTION)).all():
            _delete(session, [int(number or 0) for number in numbers])
        session.commit()
    forget_words(store, None)


def _delete(session: Session, numbers: Sequence[int]) -> None:
    session.exec(delete(LibraryReadRow).where(col(LibraryReadRow.article).in_(numbers)))
    session.exec(delete(LibraryReportRow).where(col(LibraryReportRow.article).in_(numbers)))
    session.exec(delete(LibraryArticleRow).where(col(LibraryArticleRow.id).in_(numbers)))


def _in_parts(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    left = iter(items)
    while part := list(islice(left, _PER_TRANSACTION)):
        yield part


def _keep_part(store: Engine, reports: Sequence[NotedReport], by: str) -> int:
    """Keep some reports in one transaction; again where another process kept one of them."""
    for _ in range(_PER_TRANSACTION):
        with Session(store) as session:
            keep_order(session)  # the search index follows the numbers of reports
            try:
                n_new = sum(_keep(session, noted, by) for noted in reports)
                session.commit()
            except IntegrityError:
                session.rollback()
            else:
                return n_new
    raise InputError("资料库正忙，没有存成；请稍后再试")


def _keep(session: Session, noted: NotedReport, by: str) -> bool:
    now = datetime.now(UTC)
    chosen = select(LibraryArticleRow).where(LibraryArticleRow.digest == noted.digest)
    article = session.exec(chosen).first()
    is_new = article is None
    if article is None:
        article = LibraryArticleRow(
            digest=noted.digest, name=noted.name, title=noted.title, text=noted.text,
            date=noted.date, source=noted.source, by=by, added_at=now, day=noted.day(now),
        )  # fmt: skip
        session.add(article)
        session.flush()
    digest = hash_text(noted.content)
    report = LibraryReportRow
    newest = session.exec(
        select(report.digest).where(report.article == article.id).order_by(col(report.id).desc())
    ).first()
    if newest == digest:
        return False
    article.themes, article.primary = noted.themes, noted.primary
    article.place, article.place_path = noted.place, noted.place_path
    session.add(
        LibraryReportRow(
            article=int(article.id or 0), model=noted.model, digest=digest,
            report=noted.content, at=now,
        )
    )  # fmt: skip
    session.add(article)
    session.flush()
    return is_new


def _conditions(wanted: ArticleFilter) -> list[Any]:
    row = LibraryArticleRow
    made = {
        "since": col(row.day) >= wanted.since,
        "until": col(row.day) <= wanted.until,
        "theme": col(row.themes).contains(f"|{wanted.theme}|", autoescape=True),
        "source": col(row.source).contains(wanted.source, autoescape=True),
        "place": col(row.place_path).contains(wanted.place, autoescape=True)
        | col(row.place).startswith(wanted.place, autoescape=True),
    }
    return [condition for name, condition in made.items() if getattr(wanted, name)]


def _listed(row: LibraryArticleRow, seen: set[int]) -> Listed:
    themes = tuple(theme for theme in row.themes.split("|") if theme)
    number = int(row.id or 0)
    return Listed(
        number, row.title, row.day, row.source, themes, row.place_path, number in seen,
        head_of(row.text),
    )  # fmt: skip


def head_of(text: str) -> str:
    """Return the beginning of a text, by which an article without a title is known."""
    head = text.strip().split("\n", 1)[0]
    return head if len(head) <= _HEAD_CHARS else f"{head[:_HEAD_CHARS]}…"


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
