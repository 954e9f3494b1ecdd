"""The store's database: SQLite in WAL mode beside the user's files, or another by URL.

A PostgreSQL database may be shared: several servers work on it, each with a home folder of its own.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlmodel import Session, create_engine

from serving.home.folder import STORE_NAME, home_folder, make_private
from serving.home.migrations import StoreError, migrate

__all__ = ["DATABASE_VARIABLE", "StoreError", "is_shared", "keep_order", "open_store"]

DATABASE_VARIABLE = "YIWEN_DB"
_BUSY_MS = 10_000
_CONNECT_TIMEOUT_S = 10
_POSTGRES = "postgresql"
_DRIVER = f"{_POSTGRES}+psycopg"
_ORDER_LOCK = 0x59_57_01  # of the store: writers whose rows are followed by their numbers


def open_store(url: str | None = None) -> Engine:
    """Open the store and bring its tables to the newest version.

    Args:
        url: a SQLAlchemy URL; by default what `YIWEN_DB` says, or `yiwen.db` in the home folder.

    Raises:
        StoreError: it is no database, cannot be reached or written, or a newer release wrote it.
    """
    url = url or os.environ.get(DATABASE_VARIABLE) or f"sqlite:///{_own_store()}"
    try:
        engine = _make_engine(make_url(url))
        migrate(engine)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        raise StoreError(
            f"数据库打不开：{_hide_password(url)}。文件须是医闻的库，或还不存在、所在文件夹可写；"
            f"请移开这个文件，或用 {DATABASE_VARIABLE} 指定另一个（{_reason(error)}）"
        ) from None
    return engine


def is_shared(store: Engine) -> bool:
    """Whether several servers may work on the store."""
    return store.dialect.name == _POSTGRES


def keep_order(session: Session) -> None:
    """Have other writers wait until the transaction ends, so that no lower number comes later.

    SQLite has one writer at a time.
    """
    if session.get_bind().dialect.name == _POSTGRES:
        session.connection().execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ORDER_LOCK}
        )


def _make_engine(url: URL) -> Engine:
    if url.get_backend_name() == _POSTGRES:
        # A server that was restarted has closed its connections: each is tried before it is used.
        timeout = {"connect_timeout": _CONNECT_TIMEOUT_S}
        engine = create_engine(
            url.set(drivername=_DRIVER), pool_pre_ping=True, connect_args=timeout
        )
        event.listen(engine, "connect", _prepare_postgres)
        return engine
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _own_store() -> Path:
    """Return the store in the home folder, which only its user can read and write."""
    store = home_folder() / STORE_NAME
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            make_private(store.with_name(store.name + suffix))
    if not store.exists():
        store.touch(mode=0o600)  # SQLite gives the files beside it the same rights
    return store


def _hide_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "网址写法不对，应如 sqlite:///文件 或 postgresql://…"


def _reason(error: Exception) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"没有装 {error.name}；PostgreSQL 请运行 pip install 'yiwen[postgres]'"
    return str(getattr(error, "orig", None) or type(error).__name__)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Let readers and a writer work at once, and a second writer wait."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _prepare_postgres(connection: Any, _: Any) -> None:
    """Keep times in UTC, as SQLite has them, and texts without NUL, which PostgreSQL refuses."""
    from psycopg.types.string import StrDumper

    class TextDumper(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    connection.adapters.register_dumper(str, TextDumper)
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()
