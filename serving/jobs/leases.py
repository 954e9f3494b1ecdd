"""Leases of shared batches: one server at a time does a batch, and another goes on when it is lost.

A lease has a token. Every write of its holder first changes the batch's row where the token is
still the same, in the same transaction: a holder that was away too long writes nothing any more.
A line has its number as key, so that none is there twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, delete, insert, or_, update
from sqlmodel import Session, col, select

from model import YiwenError
from serving.home.clock import DatabaseNow
from serving.home.schema import State
from serving.home.shared_tables import SharedBatchRow, SharedLineRow

LEASE_S = 30.0
# So often a batch is begun without one new line; then it is left to a person.
MAX_TRIES = 4
_UNDER_WAY = (State.RUNNING, State.STOPPING)
_LOST = "做这一批的服务器一再意外停了；做完的都在，按“继续”接着做"
_row = SharedBatchRow


class LeaseLostError(YiwenError):
    """The batch was deleted, or another server has it."""


@dataclass(frozen=True)
class Lease:
    """The right to do a batch, until it runs out and another is given."""

    batch: str
    token: int

    @property
    def _is_valid(self) -> tuple[ColumnElement[bool], ...]:
        state = col(_row.state).in_(_UNDER_WAY)
        return col(_row.id) == self.batch, col(_row.token) == self.token, state


def has_waiting(store: Engine) -> bool:
    """Whether there is a batch to do; those that need no more work are settled before."""
    settle(store)
    with Session(store) as session:
        return session.exec(select(_row.id).where(_waits()).limit(1)).first() is not None


def take_batch(store: Engine, holder: str) -> tuple[SharedBatchRow, Lease] | None:
    """Take the batch that has waited longest, for `LEASE_S`; None where none waits."""
    while True:
        settle(store)
        with Session(store, expire_on_commit=False) as session:
            oldest = select(_row).where(_waits()).order_by(col(_row.created), col(_row.id))
            found = session.exec(oldest.limit(1).with_for_update(skip_locked=True)).first()
            if found is None:
                return None
            lease = Lease(found.id, found.token + 1)
            # SQLite locks no row: the token says whether another was faster.
            mine = update(_row).where(col(_row.id) == found.id, col(_row.token) == found.token)
            taken = mine.values(
                state=State.RUNNING, holder=holder, token=lease.token, tries=found.tries + 1,
                finished=None, lease_until=DatabaseNow() + LEASE_S,
            )  # fmt: skip
            is_mine = session.connection().execute(taken).rowcount > 0
            session.commit()
        if is_mine:
            return found, lease


def settle(store: Engine) -> None:
    """End the batches whose lease ran out and that nobody is to go on with."""
    over = col(_row.lease_until) < DatabaseNow()
    finished = datetime.now(UTC)
    stopped = update(_row).where(col(_row.state) == State.STOPPING, over)
    lost = update(_row).where(col(_row.state) == State.RUNNING, over, col(_row.tries) >= MAX_TRIES)
    with store.begin() as connection:
        connection.execute(stopped.values(state=State.CANCELLED, finished=finished))
        connection.execute(lost.values(state=State.INTERRUPTED, finished=finished, message=_LOST))


def renew(store: Engine, lease: Lease) -> bool:
    """Hold on to a batch; return whether it is still wanted, not to be stopped.

    Raises:
        LeaseLostError: it is not held any more.
    """
    with Session(store) as session:
        is_wanted = _hold(session, lease).state == State.RUNNING
        session.commit()
        return is_wanted


def set_origin(store: Engine, lease: Lease, model: str, fingerprint: str) -> bool:
    """Note the model and what lines will be made by; return whether those there were made by it.

    Raises:
        LeaseLostError: the batch is not held any more.
    """
    with Session(store) as session:
        row = _hold(session, lease)
        is_same = not row.n_lines or row.fingerprint == fingerprint
        row.model = model
        if not row.n_lines:
            row.fingerprint = fingerprint
        session.add(row)
        session.commit()
        return is_same


def add_lines(store: Engine, lease: Lease, first: int, lines: Sequence[bytes]) -> None:
    """Add lines; those whose numbers are there already are passed over.

    Args:
        store: the store.
        lease: the right to.
        first: the number of the first line, at most how many there are.
        lines: the lines, each with its end.

    Raises:
        LeaseLostError: the batch is not held any more.
    """
    with Session(store) as session:
        row = _hold(session, lease)
        new = lines[max(0, row.n_lines - first) :]
        if new:
            numbered = enumerate(new, row.n_lines)
            values = [{"batch": row.id, "number": n, "line": line} for n, line in numbered]
            session.connection().execute(insert(SharedLineRow), values)
            _count(row, new)
            row.tries = 0
            session.add(row)
        session.commit()


def cut_lines(store: Engine, lease: Lease, first: int) -> None:
    """Drop the lines from this number on: the files were read otherwise than before.

    Raises:
        LeaseLostError: the batch is not held any more.
    """
    with Session(store) as session:
        row = _hold(session, lease)
        drop_lines(session, row, first)
        session.add(row)
        session.commit()


def end_batch(store: Engine, lease: Lease, state: State, message: str = "") -> None:
    """Note how a batch ended; one that was lost stays as it is."""
    values: dict[str, Any] = {"state": state, "finished": datetime.now(UTC), "lease_until": 0.0}
    if message:
        values["message"] = message
    with store.begin() as connection:
        connection.execute(update(_row).where(*lease._is_valid).values(**values))


def give_back(store: Engine, lease: Lease) -> None:
    """Let another server take the batch at once; one that is to be stopped is settled so."""
    with store.begin() as connection:
        mine = update(_row).where(*lease._is_valid)
        again = mine.where(col(_row.state) == State.RUNNING)
        connection.execute(again.values(state=State.QUEUED, lease_until=0.0, tries=0))
        connection.execute(mine.values(lease_until=0.0))


def drop_lines(session: Session, row: SharedBatchRow, first: int) -> None:
    """Drop the lines from this number on, and count those that stay."""
    line = SharedLineRow
    session.connection().execute(
        delete(line).where(col(line.batch) == row.id, col(line.number) >= first)
    )
    row.n_lines = row.n_tagged = row.n_reposts = row.n_failed = 0
    _count(row, session.exec(select(line.line).where(line.batch == row.id)))


def is_failure(line: bytes) -> bool:
    """Whether a line says why there is no report."""
    return "error" in json.loads(line)


def _hold(session: Session, lease: Lease) -> SharedBatchRow:
    """Renew a lease and return the batch's row, which nobody else changes until the end."""
    later = update(_row).where(*lease._is_valid).values(lease_until=DatabaseNow() + LEASE_S)
    if not session.connection().execute(later).rowcount:
        raise LeaseLostError("这一批已由别的服务器接着做，或已删去")
    row = session.get(SharedBatchRow, lease.batch, populate_existing=True)
    assert row is not None  # noqa: S101 # it was changed just now
    return row


def _waits() -> ColumnElement[bool]:
    is_lost = col(_row.lease_until) < DatabaseNow()
    return or_(col(_row.state) == State.QUEUED, (col(_row.state) == State.RUNNING) & is_lost)


def _count(row: SharedBatchRow, lines: Any) -> None:
    for line in lines:
        record = json.loads(line)
        row.n_lines += 1
        is_failed = "error" in record
        row.n_failed += is_failed
        row.n_tagged += not is_failed
        row.n_reposts += not is_failed and record.get("cluster", record["id"]) != record["id"]
