"""The store's database: SQLite in WAL mode beside the user's files, or another by URL."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlmodel import create_engine

from serving.home.folder import STORE_NAME, home_folder, make_private
from serving.home.migrations import StoreError, migrate

__all__ = ["DATABASE_VARIABLE", "StoreError", "open_store"]

DATABASE_VARIABLE = "YIWEN_DB"
_BUSY_MS = 10_000


def open_store(url: str | None = None) -> Engine:
    """Open the store and bring its tables to the newest version.

    Args:
        url: a SQLAlchemy URL; by default what `YIWEN_DB` says, or `yiwen.db` in the home folder.

    Raises:
        StoreError: it is no database, cannot be reached or written, or a newer release wrote it.
    """
    url = url or os.environ.get(DATABASE_VARIABLE) or f"sqlite:///{_own_store()}"
    try:
        engine = create_engine(url)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
        migrate(engine)
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        raise StoreError(
            f"数据库打不开：{_hide_password(url)}。文件须是医闻的库，或还不存在、所在文件夹可写；"
            f"请移开这个文件，或用 {DATABASE_VARIABLE} 指定另一个（{_reason(error)}）"
        ) from None
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
    return str(getattr(error, "orig", None) or type(error).__name__)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Let readers and a writer work at once, and a second writer wait."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
