"""The audit log of the HTTP service: who called what and when, and how it ended; never a text.

Lines are written by a thread in groups, so that no request waits for the disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Event, Thread

from sqlalchemy import Engine, delete
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from serving.home.schema import AuditRow

KEEP_DAYS = 180
_WRITE_EVERY_S = 0.5
_STOP_TIMEOUT_S = 5.0


class AuditLog:
    """Takes lines and writes them soon; `close` writes the rest."""

    def __init__(self, store: Engine) -> None:
        self._store = store
        self._lines: SimpleQueue[AuditRow] = SimpleQueue()
        self._is_over = Event()
        self._thread = Thread(target=self._write_for_ever, daemon=True)
        self._thread.start()

    def add(self, line: AuditRow) -> None:
        """Take a line."""
        self._lines.put(line)

    def close(self) -> None:
        """Write what is left, and stop."""
        self._is_over.set()
        self._thread.join(_STOP_TIMEOUT_S)

    def _write_for_ever(self) -> None:
        forget_old(self._store)
        while not self._is_over.wait(_WRITE_EVERY_S):
            self._write()
        self._write()

    def _write(self) -> None:
        lines = self._take_all()
        if not lines:
            return
        try:
            with Session(self._store) as session:
                session.add_all(lines)
                session.commit()
        except SQLAlchemyError:  # the store is away for a while
            for line in lines:
                self._lines.put(AuditRow(**line.model_dump(exclude={"id"})))

    def _take_all(self) -> list[AuditRow]:
        lines = []
        try:
            while True:
                lines.append(self._lines.get_nowait())
        except Empty:
            return lines


def read_audit(store: Engine, name: str | None = None, limit: int = 100) -> Sequence[AuditRow]:
    """Return the newest lines, of one name or of all, the newest first."""
    query = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit)
    if name is not None:
        query = query.where(AuditRow.name == name)
    with Session(store) as session:
        return session.exec(query).all()


def forget_old(store: Engine) -> None:
    """Delete what is older than `KEEP_DAYS`."""
    oldest = datetime.now(UTC) - timedelta(days=KEEP_DAYS)
    with store.begin() as connection:
        connection.execute(delete(AuditRow).where(col(AuditRow.at) < oldest))
