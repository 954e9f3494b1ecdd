"""Folders for what is needed for a while: gone at the end, or at the next start after a kill."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from filelock import FileLock, Timeout

from serving.home.folder import LOCK_NAME

_PREFIX = "yiwen-"
_SWEEP_EVERY_S = 300.0
# What is being uploaded has a temporary name and is written to all the time.
_MAX_AGE_S = 600.0
_KEEP_S = 24 * 3600.0


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Make a folder below the system's temporary folder, and delete those of killed processes.

    The process that made a folder holds its lock, which the system takes back however it ends.
    """
    _delete_orphans(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = FileLock(folder / LOCK_NAME)
    lock.acquire()
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_temporary_folder() -> Iterator[None]:
    """Have all temporary files of this process lie in a scratch folder.

    Processes that it starts and that outlive it have their own.
    """
    before = tempfile.tempdir
    with scratch_folder() as folder:
        tempfile.tempdir = str(folder)
        try:
            yield
        finally:
            tempfile.tempdir = before


def leave_on_sigterm() -> None:
    """Have SIGTERM end this process as an exit does, so that it clears up."""

    def leave(number: int, _: Any) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, leave)


def sweep_from_now_on(folder: Path) -> None:
    """Sweep a folder every few minutes, from a thread that ends with the process."""

    def sweep_for_ever() -> None:
        while True:
            time.sleep(_SWEEP_EVERY_S)
            sweep(folder)

    Thread(target=sweep_for_ever, daemon=True).start()


def sweep(folder: Path) -> None:
    """Delete what lies below a folder and nobody wrote to for long: uploads that were cut."""
    now = time.time()
    for path in folder.rglob("*"):
        max_age_s = _MAX_AGE_S if path.name.startswith(tempfile.gettempprefix()) else _KEEP_S
        try:
            if path.is_file() and path.stat().st_mtime < now - max_age_s:
                path.unlink()
        except OSError:
            continue  # it is gone, or in use


def _delete_orphans(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        if _is_own_scratch(folder) and not _is_locked(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_own_scratch(folder: Path) -> bool:
    """Whether this user's process made a folder as `scratch_folder` does; others have no lock."""
    try:
        lock = (folder / LOCK_NAME).lstat()
    except OSError:
        return False
    is_own = not hasattr(os, "getuid") or lock.st_uid == os.getuid()
    return is_own and not folder.is_symlink()


def _is_locked(folder: Path) -> bool:
    lock = FileLock(folder / LOCK_NAME)
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False
