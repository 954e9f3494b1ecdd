"""Batches that several servers share: taken once, listed, stopped, gone on with, deleted.

Everything of a batch is in the database: its files in parts, its lines one by one. Whichever
server is free does it (`serving.jobs.shared_worker`), under a lease (`serving.jobs.leases`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from model import InputError
from serving.codes import NO_SUCH_BATCH, TOO_MANY_BATCHES
from serving.home.schema import ACTIVE, RESUMABLE, State
from serving.home.shared_tables import SharedBatchRow, SharedFileRow, SharedLineRow
from serving.jobs.batch_files import check_files, count_in, describe_refused, free_place, name_of
from serving.jobs.batch_jobs import MAX_JOBS, MAX_NAME
from serving.jobs.leases import drop_lines, is_failure

_PART_BYTES = 1 << 20
_LINES_PER_READ = 100
_PARTS = (SharedFileRow, SharedLineRow)


@dataclass(frozen=True)
class NewBatch:
    """A batch that is asked for.

    `key` is its Idempotency-Key, None where it has none; `digest` is a hash of what came.
    """

    id: str
    owner: str
    files: Sequence[Path]
    name: str
    key: str | None
    digest: str


def add_batch(store: Engine, new: NewBatch, model: str) -> tuple[SharedBatchRow, bool]:
    """Take a batch with its files in one step; return it, and whether it is new.

    One with the same owner and key is returned in its place, whatever its content.

    Raises:
        InputError: there are no files that can be read, too many, too large, or too many batches.
    """
    if known := _find_by_key(store, new):
        return known, False
    wanted = check_files(new.files)
    if len(list_batches(store, new.owner)) >= MAX_JOBS:
        raise InputError(f"已有 {MAX_JOBS} 个任务；请先下载并删去不再用的", code=TOO_MANY_BATCHES)
    row = SharedBatchRow(
        id=new.id, owner=new.owner, key=new.key, digest=new.digest,
        name=(new.name.strip() or name_of(wanted))[:MAX_NAME], state=State.QUEUED,
        created=datetime.now(UTC), n_files=len(wanted), model=model,
        n_expected=count_in((path, path.name) for path in wanted),
        message=describe_refused([path for path in new.files if path not in wanted]),
    )  # fmt: skip
    with Session(store, expire_on_commit=False) as session:
        try:
            session.add(row)
            session.flush()
            for number, path in enumerate(wanted):
                _add_file(session, new.id, number, path)
            session.commit()
        except IntegrityError:
            session.rollback()
            if known := _find_by_key(store, new):  # came to another server at the same moment
                return known, False
            raise
    return row, True


def list_batches(store: Engine, owner: str) -> list[SharedBatchRow]:
    """Return a caller's batches, the newest first."""
    row = SharedBatchRow
    with Session(store) as session:
        mine = select(row).where(row.owner == owner)
        return list(session.exec(mine.order_by(col(row.created).desc(), col(row.id).desc())))


def find_batch(store: Engine, owner: str, batch: str) -> SharedBatchRow:
    """Return a caller's batch.

    Raises:
        InputError: the caller has no such batch.
    """
    with Session(store) as session:
        row = session.get(SharedBatchRow, batch)
    if row is None or row.owner != owner:
        raise InputError("没有这个任务，可能已经删去；请刷新页面", code=NO_SUCH_BATCH)
    return row


def is_active(store: Engine, batch: str) -> bool:
    """Whether a batch will change by itself."""
    with Session(store) as session:
        row = session.get(SharedBatchRow, batch)
        return row is not None and row.state in ACTIVE


def cancel_batch(store: Engine, batch: str) -> None:
    """Stop a batch after the article in hand; what is done stays."""
    _change(store, batch, {State.QUEUED}, state=State.CANCELLED, finished=datetime.now(UTC))
    _change(store, batch, {State.RUNNING}, state=State.STOPPING)


def resume_batch(store: Engine, batch: str, model: str) -> None:
    """Have a batch go on where it stopped, or one that is done try again what failed.

    What follows the first line that failed is done again: a story may have another first article.
    """
    anew = {"state": State.QUEUED, "finished": None, "message": "", "model": model, "tries": 0}
    if _change(store, batch, RESUMABLE, **anew):
        return
    with Session(store) as session:
        row = session.get(SharedBatchRow, batch, with_for_update=True)
        if row is None or row.state != State.DONE:
            return
        drop_lines(session, row, _find_first_failure(session, row))
        for name, value in anew.items():
            setattr(row, name, value)
        session.add(row)
        session.commit()


def delete_batch(store: Engine, batch: str) -> None:
    """Delete a batch with its files and lines; whoever works on it stops at its next line."""
    with store.begin() as connection:
        connection.execute(delete(SharedBatchRow).where(col(SharedBatchRow.id) == batch))
        for table in _PARTS:
            connection.execute(delete(table).where(col(table.batch) == batch))


def read_lines(store: Engine, batch: str, first: int) -> list[bytes]:
    """Return some lines of the results from this number on; none where there are none."""
    row = SharedLineRow
    with Session(store) as session:
        chosen = select(row.line).where(row.batch == batch, row.number >= first)
        return list(session.exec(chosen.order_by(col(row.number)).limit(_LINES_PER_READ)))


def save_files(store: Engine, batch: str, folder: Path) -> None:
    """Write the files of a batch to a new folder."""
    folder.mkdir()
    row = SharedFileRow
    with Session(store) as session:
        mine = select(row.number, row.name).where(row.batch == batch, row.part == 0)
        files = session.exec(mine.order_by(col(row.number))).all()
        for number, name in files:
            with free_place(folder, name).open("wb") as stream:
                stream.writelines(_read_parts(session, batch, number))


def _read_parts(session: Session, batch: str, number: int) -> Iterator[bytes]:
    row = SharedFileRow
    part = 0
    while (content := session.exec(
        select(row.content).where(row.batch == batch, row.number == number, row.part == part)
    ).first()) is not None:  # fmt: skip
        yield content
        part += 1


def _add_file(session: Session, batch: str, number: int, path: Path) -> None:
    place: dict[str, object] = {"batch": batch, "number": number, "name": path.name}
    part = 0
    with path.open("rb") as stream:
        while (content := stream.read(_PART_BYTES)) or part == 0:
            values = {**place, "part": part, "content": content}
            session.connection().execute(insert(SharedFileRow), values)
            part += 1


def _find_by_key(store: Engine, new: NewBatch) -> SharedBatchRow | None:
    if new.key is None:
        return None
    row = SharedBatchRow
    with Session(store) as session:
        return session.exec(select(row).where(row.owner == new.owner, row.key == new.key)).first()


def _find_first_failure(session: Session, batch: SharedBatchRow) -> int:
    """Return the number of the first line without a report, or how many lines there are."""
    first = 0
    row = SharedLineRow
    while first < batch.n_lines:
        chosen = select(row.line).where(row.batch == batch.id, row.number >= first)
        for line in session.exec(chosen.order_by(col(row.number)).limit(_LINES_PER_READ)):
            if is_failure(line):
                return first
            first += 1
    return first


def _change(store: Engine, batch: str, states: Collection[State], **values: object) -> bool:
    row = SharedBatchRow
    query = update(row).where(col(row.id) == batch, col(row.state).in_(list(states)))
    with store.begin() as connection:
        return connection.execute(query.values(**values)).rowcount > 0
