"""Versions of the store's tables: numbered migrations, each applied once and in order.

To change a table: change `serving.home.schema`, and append to `MIGRATIONS` a function that changes
an existing store in the same way. A store that was made anew has the newest tables and needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, insert, inspect, select
from sqlmodel import SQLModel

from model import YiwenError
from serving.codes import STORE_TOO_NEW
from serving.home.library_tables import LIBRARY_TABLES, SettlementRow
from serving.home.schema import MigrationRow
from serving.home.shared_tables import SHARED_TABLES

Migration = Callable[[Connection], None]
_LOCK = 0x59_57_00  # of a PostgreSQL store: one process at a time migrates
_table = SQLModel.metadata.tables[str(MigrationRow.__tablename__)]


class StoreError(YiwenError):
    """A database that cannot be opened."""


def m001_tables(connection: Connection) -> None:
    """Make the tables that a store without a version lacks; releases made them as needed."""
    SQLModel.metadata.create_all(connection)


def m002_library(connection: Connection) -> None:
    """Make the tables of the library and of briefs."""
    for row in LIBRARY_TABLES:
        table = SQLModel.metadata.tables[str(row.__tablename__)]
        table.create(connection, checkfirst=True)


def m003_service(connection: Connection) -> None:
    """Add the tables of the HTTP service: keys, audit log, batches by Idempotency-Key."""
    names = ("api_key", "api_audit", "api_batch")
    SQLModel.metadata.create_all(connection, [SQLModel.metadata.tables[name] for name in names])


def m004_shared(connection: Connection) -> None:
    """Make the tables of what several servers share: batches with their files and lines, turns."""
    for row in SHARED_TABLES:
        table = SQLModel.metadata.tables[str(row.__tablename__)]
        table.create(connection, checkfirst=True)


def m005_atlas(connection: Connection) -> None:
    """Add the table of settled contradictions."""
    SQLModel.metadata.tables[str(SettlementRow.__tablename__)].create(connection, checkfirst=True)


def m006_own_themes(connection: Connection) -> None:
    """Add the table of themes that people made on the page."""
    SQLModel.metadata.tables["own_theme"].create(connection, checkfirst=True)


MIGRATIONS: tuple[Migration, ...] = (
    m001_tables, m002_library, m003_service, m004_shared, m005_atlas, m006_own_themes,
)  # fmt: skip


def migrate(store: Engine, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring a store to the newest version, in one transaction; a second process waits for it.

    Raises:
        StoreError: its version is newer than the last migration, so another release wrote it.
    """
    with store.connect() as connection:
        if _check_version(connection, len(migrations)) == len(migrations):
            return
    with store.begin() as connection:
        if store.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        elif store.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        is_new = not inspect(connection).get_table_names()
        version = _check_version(connection, len(migrations))
        _table.create(connection, checkfirst=True)
        if is_new:
            SQLModel.metadata.create_all(connection)
        for number, apply in enumerate(migrations[version:], version + 1):
            if not is_new:
                apply(connection)
            row = {"number": number, "name": apply.__name__, "applied_at": datetime.now(UTC)}
            connection.execute(insert(_table).values(row))


def _check_version(connection: Connection, newest: int) -> int:
    """Return the version of a store: 0 for one of a release that had no versions."""
    if not inspect(connection).has_table(_table.name):
        return 0
    version = connection.execute(select(func.max(_table.c.number))).scalar() or 0
    if version > newest:
        raise StoreError(
            f"数据库由更新版本的医闻写成：库的版本是 {version}，本程序只认得到 {newest}。"
            "请升级医闻；库没有被改动",
            code=STORE_TOO_NEW,
            version=version,
            newest=newest,
        )
    return int(version)
