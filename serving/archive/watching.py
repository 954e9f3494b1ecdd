"""Watching a folder: what has come into it and is whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from data.readers import find_files

# A file that is still being copied changes between two looks. A folder that is never quiet is read
# after so many: a file that changes while it is read is read again.
MAX_UNSETTLED_LOOKS = 12
Seen = frozenset[tuple[str, int, int]]


def watch_folder(folder: Path, out: Path, every_s: float) -> Iterator[int]:
    """Yield how many files are new or changed, each time that there are some and they are whole.

    The next look is only taken when the iterator is asked again.

    Args:
        folder: what is watched, with the folders in it.
        out: a file that is left out, where results go.
        every_s: how often to look.
    """
    done: Seen = frozenset()
    before: Seen = frozenset()
    n_unsettled = 0
    while True:
        now = look(folder, out)
        is_settled = now == before or n_unsettled >= MAX_UNSETTLED_LOOKS
        before = now
        if now <= done:
            n_unsettled = 0
        elif is_settled:
            yield len(now - done)
            done, n_unsettled = now, 0
            continue
        else:
            n_unsettled += 1
        time.sleep(every_s)


def look(folder: Path, out: Path) -> Seen:
    """Return each file below a folder with its size and time of change."""
    seen = set()
    for path, _ in find_files(str(folder)):
        try:
            status = path.stat()
        except OSError:  # it has gone since
            continue
        if path.resolve() != out.resolve():
            seen.add((str(path), status.st_size, status.st_mtime_ns))
    return frozenset(seen)
