"""`Reading`: the article at hand with its report, and what a person wrote above it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock

from model import InputError, Report
from model.cleaning.heading import parse_date
from serving.analysis.worker import Analysis
from serving.output.tables import place_name

_MAX_SESSIONS = 1_000


@dataclass(frozen=True)
class Headline:
    """What stands above a report and may be edited: title, ISO date, source, place."""

    title: str = ""
    date: str = ""
    source: str = ""
    place: str = ""


@dataclass(frozen=True)
class Reading:
    """An analysis, the text of the box that it is of, and the place that a person named.

    `place` is None while it is what the report says.
    """

    analysis: Analysis
    text: str
    place: str | None = None

    @property
    def report(self) -> Report:
        """The report."""
        return self.analysis.report

    @property
    def headline(self) -> Headline:
        """What stands above the report."""
        article = self.report.article
        known = place_name(self.report.to_dict()) if self.place is None else self.place
        return Headline(article.title, article.date, article.source, known)

    def edit(self, headline: Headline) -> Reading:
        """Return the reading with another title, date, source or place.

        Raises:
            InputError: the date cannot be read.
        """
        old = self.headline
        if headline == old:
            return self
        date = parse_date(headline.date)
        if headline.date and not date:
            raise InputError(f"日期“{headline.date}”读不懂，请写成 2024-05-16 这样")
        article = replace(
            self.report.article, title=headline.title, date=date, source=headline.source
        )
        report = replace(self.report, article=article)
        place = self.place if headline.place == old.place else headline.place
        return replace(self, analysis=replace(self.analysis, report=report), place=place)


@dataclass(frozen=True)
class LatestRequests:
    """Which request of a session came last: an answer to an earlier one is not shown."""

    _numbers: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def begin(self, session: str) -> int:
        """Return the number of a request that has just come."""
        with self._lock:
            number = self._numbers.get(session, 0) + 1
            self._numbers[session] = number
            self._numbers.move_to_end(session)
            if len(self._numbers) > _MAX_SESSIONS:
                self._numbers.popitem(last=False)
            return number

    def is_latest(self, session: str, number: int) -> bool:
        """Say whether no other request of the session came since."""
        with self._lock:
            return self._numbers.get(session, number) == number
