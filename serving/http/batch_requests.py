"""Batches that are asked for, each done once however often it is sent with its Idempotency-Key."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from serving.home.schema import BatchJob, BatchRequestRow
from serving.http.problems import RETRY_AFTER_S, RequestError
from serving.http.served_model import ServedModel
from serving.jobs.batch_jobs import LIFE, add_job

# After so long a request that made no batch was cut, and another may take its place.
_UNDER_WAY = timedelta(minutes=5)


@dataclass(frozen=True)
class BatchRequest:
    """A batch that is asked for; `key` is None where it came without an Idempotency-Key."""

    owner: str
    files: Sequence[Path]
    name: str
    key: str | None
    digest: str


def submit_once(store: Engine, model: ServedModel, asked: BatchRequest) -> tuple[BatchJob, bool]:
    """Return the batch that was asked for, and whether it is new.

    Raises:
        InputError: its files cannot be taken.
        RequestError: a request with this key is under way, or had another content.
    """
    job_id = secrets.token_hex(8)
    if asked.key is None:
        return _add(store, model, asked, job_id), True
    if not _claim(store, asked, job_id):
        return _find_known(store, asked), False
    try:
        return _add(store, model, asked, job_id), True
    except BaseException:
        _forget(store, asked)
        raise


def forget_batch(store: Engine, job_id: str) -> None:
    """Forget the key of a batch that is deleted: the same may be asked for anew."""
    with store.begin() as connection:
        connection.execute(delete(BatchRequestRow).where(col(BatchRequestRow.job) == job_id))


def _add(store: Engine, model: ServedModel, asked: BatchRequest, job_id: str) -> BatchJob:
    return add_job(
        store, asked.owner, asked.files, model=model.folder,
        themes=model.manifest.theme_names, name=asked.name, job_id=job_id,
    )  # fmt: skip


def _claim(store: Engine, asked: BatchRequest, job_id: str) -> bool:
    """Enter the request unless one with its key is there that made a batch or may yet."""
    known = _read(store, asked)
    if known is not None:
        is_cut = _aware(known.at) < datetime.now(UTC) - _UNDER_WAY
        if not is_cut or LIFE.find(store, known.job) is not None:
            return False
        _forget(store, asked)
    row = BatchRequestRow(
        owner=asked.owner, key=asked.key or "", digest=asked.digest, job=job_id,
        at=datetime.now(UTC),
    )  # fmt: skip
    with Session(store) as session:
        session.add(row)
        try:
            session.commit()
        except IntegrityError:
            return False
    return True


def _find_known(store: Engine, asked: BatchRequest) -> BatchJob:
    known = _read(store, asked)
    if known is not None and known.digest != asked.digest:
        raise RequestError("请换一个 Idempotency-Key", code="key_reused")
    job = LIFE.find(store, known.job) if known else None
    if job is None:
        raise RequestError("请等它完成", code="key_in_use", **{RETRY_AFTER_S: 2})
    return job


def _read(store: Engine, asked: BatchRequest) -> BatchRequestRow | None:
    with Session(store) as session:
        mine = select(BatchRequestRow).where(
            BatchRequestRow.owner == asked.owner, BatchRequestRow.key == asked.key
        )
        return session.exec(mine).first()


def _forget(store: Engine, asked: BatchRequest) -> None:
    mine = col(BatchRequestRow.owner) == asked.owner, col(BatchRequestRow.key) == asked.key
    with store.begin() as connection:
        connection.execute(delete(BatchRequestRow).where(*mine))


def _aware(time: datetime) -> datetime:
    """SQLite gives times back without their zone."""
    return time if time.tzinfo else time.replace(tzinfo=UTC)
