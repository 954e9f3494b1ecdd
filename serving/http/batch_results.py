"""The reports of a batch as a stream of lines, from any of them on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import anyio
from anyio import to_thread

_BLOCK_BYTES = 1 << 18
_LOOK_EVERY_S = 0.5


class LineReader(Protocol):
    """Reads results on from where it is."""

    def read(self) -> bytes:
        """Return the next whole lines, some at a time; nothing where there are none now."""


@dataclass
class FileLines:
    """Reads the lines of a file, from any of them on."""

    path: Path
    n_left: int  # how many are still to be passed over
    _position: int = 0

    def read(self) -> bytes:
        """Return the next whole lines."""
        while block := read_lines(self.path, self._position):
            self._position += len(block)
            n_passed = min(self.n_left, block.count(b"\n"))
            self.n_left -= n_passed
            if rest := _drop_lines(block, n_passed):
                return rest
        return b""


async def stream_lines(
    lines: LineReader, is_active: Callable[[], bool], *, follow: bool
) -> AsyncIterator[bytes]:
    """Yield whole lines of the results, some at a time.

    Args:
        lines: reads them.
        is_active: whether there may be more later.
        follow: whether to wait for more until the batch is over.
    """
    while True:
        is_open = follow and await to_thread.run_sync(is_active)
        while block := await to_thread.run_sync(lines.read):
            yield block
        if not is_open:
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
