"""The clock of the database, which all servers of a store go by, whatever their own say."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Float, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class DatabaseNow(FunctionElement[float]):
    """SQL: seconds since 1970, with fractions, at the moment of the statement."""

    type = Float()
    inherit_cache = True


@compiles(DatabaseNow, "postgresql")
def _now_of_postgres(*_: Any, **__: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS DOUBLE PRECISION)"


@compiles(DatabaseNow, "sqlite")
def _now_of_sqlite(*_: Any, **__: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


def read_clock(store: Engine) -> float:
    """Return the seconds since 1970 by the database's clock."""
    with store.connect() as connection:
        return float(connection.execute(select(DatabaseNow())).scalar_one())
