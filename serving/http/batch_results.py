"""The reports of a batch as a stream of lines, from any of them on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
from anyio import to_thread
from sqlalchemy import Engine

from serving.home.schema import BatchJob
from serving.jobs.batch_jobs import LIFE

_BLOCK_BYTES = 1 << 18
_LOOK_EVERY_S = 0.5


async def stream_lines(
    store: Engine, job: BatchJob, offset: int, *, follow: bool
) -> AsyncIterator[bytes]:
    """Yield whole lines of the results, some at a time.

    Args:
        store: where the job's state is.
        job: the batch.
        offset: how many lines to pass over.
        follow: whether to wait for more until the batch is over.
    """
    position, n_left = 0, offset
    while True:
        is_active = follow and await to_thread.run_sync(_is_active, store, job.id)
        while block := await to_thread.run_sync(read_lines, job.result, position):
            position += len(block)
            n_lines = block.count(b"\n")
            if n_left < n_lines:
                yield _drop_lines(block, n_left)
            n_left = max(0, n_left - n_lines)
        if not is_active:
            return
        await anyio.sleep(_LOOK_EVERY_S)


def read_lines(path: Path, position: int) -> bytes:
    """Return whole lines from a position on, about `_BLOCK_BYTES`; nothing where there are none."""
    try:
        with path.open("rb") as stream:
            stream.seek(position)
            block = stream.read(_BLOCK_BYTES)
            if b"\n" not in block:
                block += stream.readline()
    except OSError:  # not begun, or deleted
        return b""
    return block[: block.rfind(b"\n") + 1]


def _drop_lines(block: bytes, n_lines: int) -> bytes:
    start = 0
    for _ in range(n_lines):
        start = block.index(b"\n", start) + 1
    return block[start:]


def _is_active(store: Engine, job_id: str) -> bool:
    job = LIFE.find(store, job_id)
    return job is not None and job.is_active
