"""The store's database: SQLite in WAL mode beside the user's files, or another by URL."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import SQLModel, create_engine

from serving.home import HOME_VARIABLE, home_folder

__all__ = ["DATABASE_VARIABLE", "HOME_VARIABLE", "home_folder", "open_store"]

DATABASE_VARIABLE = "YIWEN_DB"
_BUSY_MS = 10_000


def open_store(url: str | None = None) -> Engine:
    """Open the store and make what tables it lacks.

    Args:
        url: a SQLAlchemy URL; by default what `YIWEN_DB` says, or `yiwen.db` in the home folder.
    """
    url = url or os.environ.get(DATABASE_VARIABLE) or f"sqlite:///{home_folder() / 'yiwen.db'}"
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    SQLModel.metadata.create_all(engine)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Let readers and a writer work at once, and a second writer wait."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
