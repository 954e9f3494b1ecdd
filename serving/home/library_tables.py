"""Tables of the library, of briefs and of the atlas; a change to one needs a migration.

Names of tables and columns are what stores on users' disks have; they stay.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class LibraryArticleRow(SQLModel, table=True):
    """An article of the library, from one source; what its newest report says stands beside it.

    `day` is the article's date, or the day it came where it has none. `themes` are keys between
    bars (`|alliance|talent|`); `place` is a code, `place_path` its names from the province down.
    """

    __tablename__ = "library_articles"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    name: str
    title: str
    text: str
    date: str
    source: str
    by: str
    added_at: datetime
    day: str = Field(index=True)
    themes: str = ""
    primary: str = ""
    place: str = ""
    place_path: str = ""


class LibraryReportRow(SQLModel, table=True):
    """What a model said of an article: the report in JSON, without `text`; the newest holds."""

    __tablename__ = "library_reports"

    id: int | None = Field(default=None, primary_key=True)
    article: int = Field(foreign_key="library_articles.id", index=True)
    model: str
    digest: str
    report: str
    at: datetime


class LibraryReadRow(SQLModel, table=True):
    """That a person has read an article."""

    __tablename__ = "library_reads"

    article: int = Field(foreign_key="library_articles.id", primary_key=True)
    by: str = Field(primary_key=True)
    at: datetime


class SavedSearchRow(SQLModel, table=True):
    """A search that a person keeps; `seen` is the newest article that it has shown."""

    __tablename__ = "library_searches"
    __table_args__ = (UniqueConstraint("by", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    by: str
    name: str
    query: str
    seen: int
    at: datetime


class BriefRow(SQLModel, table=True):
    """A brief: what it is of; its entries follow from its changes."""

    __tablename__ = "briefs"

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    title: str
    date: str
    days: int
    by: str
    at: datetime


class BriefChangeRow(SQLModel, table=True):
    """A change of a brief, in JSON; `number` counts those of a brief. No row is ever altered."""

    __tablename__ = "brief_changes"
    __table_args__ = (UniqueConstraint("brief", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    brief: int = Field(foreign_key="briefs.id", index=True)
    number: int
    by: str
    at: datetime
    change: str


class SettlementRow(SQLModel, table=True):
    """What a person says of a contradiction of the atlas; the newest row of a key holds.

    `key` is that of the contradiction, `verdict` is one, other, neither or open.
    """

    __tablename__ = "atlas_settlements"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(index=True)
    verdict: str
    by: str
    at: datetime


LIBRARY_TABLES = (
    LibraryArticleRow,
    LibraryReportRow,
    LibraryReadRow,
    SavedSearchRow,
    BriefRow,
    BriefChangeRow,
)
