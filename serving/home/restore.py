"""Restoring a backup: every hash is checked before the home folder is touched.

The files are unpacked beside the home folder; the old home folder is then moved aside, and the new
one takes its place. So a kill leaves the old one, under its own name or the one it is kept by.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from data.readers.packages import open_zip
from model import InputError
from serving.codes import HOME_IN_USE
from serving.home.backup_manifest import (
    MANIFEST_NAME,
    MAX_MANIFEST_BYTES,
    BackedUpFile,
    BackupManifest,
)
from serving.home.folder import LOCK_NAME, STORE_NAME, home_path

_READ_BYTES = 1 << 20
# What reading a damaged zip raises: RuntimeError where a bit says that it has a password.
_DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError)
_FRESH = ".restore"
_KEPT = ".bak-"


@dataclass(frozen=True)
class Restored:
    """What was restored; `kept` is where the old home folder lies now, None if there was none."""

    manifest: BackupManifest
    kept: Path | None


def restore(file: Path, show: Callable[[int, int], None]) -> Restored:
    """Put the home folder of a backup in place of the one that there is, which is kept.

    Args:
        file: what `back_up` wrote.
        show: is called with the bytes that are done and the bytes there are.

    Raises:
        InputError: the file is no backup or is damaged, there is no room, or the home is in use.
    """
    home = home_path().resolve()
    try:
        with file.open("rb") as stream, open_zip(stream) as archive:
            manifest = _read_manifest(archive)
            home.parent.mkdir(parents=True, exist_ok=True)
            _check_room(manifest, home.parent)
            with _locked(home.with_name(f"{home.name}{_FRESH}.lock")):
                with _quiet(home):
                    pass  # before a long unpacking
                fresh = home.with_name(f"{home.name}{_FRESH}")
                shutil.rmtree(fresh, ignore_errors=True)
                try:
                    _unpack(archive, manifest, fresh, show)
                    return Restored(manifest, _exchange(home, fresh))
                finally:
                    shutil.rmtree(fresh, ignore_errors=True)
    except _DAMAGED as error:
        raise InputError(f"{file} 已损坏（{error}），没有恢复；原来的都没有动") from None
    except OSError as error:
        what = f"{error.filename or file}：{error.strerror or error}"
        raise InputError(f"恢复没有做成（{what}）；原来的都没有动") from None


def _read_manifest(archive: zipfile.ZipFile) -> BackupManifest:
    """Read the manifest, and check that the archive has the files it names and no others."""
    infos = {info.filename: info for info in archive.infolist()}
    if len(infos) != len(archive.infolist()):
        raise InputError("备份里有重名的文件，不是医闻写的；没有恢复")
    own = infos.pop(MANIFEST_NAME, None)
    if own is None or own.file_size > MAX_MANIFEST_BYTES:
        raise InputError("这不是医闻的备份：里面没有清单")
    manifest = BackupManifest.from_json(archive.read(own))
    for name, info in infos.items():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if name not in manifest.files or kind not in (0, stat.S_IFREG):
            raise InputError(f"备份里有清单之外的文件或链接：{name!r:.80}；没有恢复")
        if info.file_size != manifest.files[name].n_bytes:
            raise InputError(f"备份里的 {name} 与清单不符，文件已损坏；没有恢复")
    if missing := sorted(manifest.files.keys() - infos.keys()):
        raise InputError(f"备份里缺少 {missing[0]}，文件已损坏；没有恢复")
    return manifest


def _check_room(manifest: BackupManifest, folder: Path) -> None:
    n_bytes = sum(file.n_bytes for file in manifest.files.values())
    n_free = shutil.disk_usage(folder).free
    if n_bytes > n_free:
        raise InputError(
            f"{folder} 所在的磁盘放不下：要 {n_bytes >> 20} MB，只剩 {n_free >> 20} MB"
        )


def _unpack(
    archive: zipfile.ZipFile,
    manifest: BackupManifest,
    folder: Path,
    show: Callable[[int, int], None],
) -> None:
    n_done, n_all = 0, sum(file.n_bytes for file in manifest.files.values())
    folder.mkdir(mode=0o700)
    for name, file in manifest.files.items():
        path = folder / name
        for parent in reversed(path.relative_to(folder).parents):
            (folder / parent).mkdir(mode=0o700, exist_ok=True)
        _unpack_file(archive, name, file, path)
        n_done += file.n_bytes
        show(n_done, n_all)


def _unpack_file(archive: zipfile.ZipFile, name: str, file: BackedUpFile, path: Path) -> None:
    """Unpack one file.

    Raises:
        InputError: its content is not what the manifest says.
    """
    digest = hashlib.sha256()
    mode = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with archive.open(name) as member, os.fdopen(os.open(path, mode, 0o600), "wb") as stream:
        while block := member.read(_READ_BYTES):
            digest.update(block)
            stream.write(block)
        stream.flush()
        os.fsync(stream.fileno())
    if digest.hexdigest() != file.sha256:
        raise InputError(f"备份里的 {name} 与清单不符，文件已损坏；没有恢复，原来的都没有动")
    os.utime(path, ns=(file.mtime_ns, file.mtime_ns))
    if file.is_read_only:
        path.chmod(0o400)


def _exchange(home: Path, fresh: Path) -> Path | None:
    """Move the old home folder aside and the new one into its place."""
    kept = None
    if home.exists():
        kept = _free_name(home)
        with _quiet(home):
            pass
        home.rename(kept)
    try:
        fresh.rename(home)
    except OSError:
        if kept:
            kept.rename(home)
        raise
    return kept


def _free_name(home: Path) -> Path:
    name = f"{home.name}{_KEPT}{datetime.now():%Y%m%d-%H%M%S}"
    kept, number = home.with_name(name), 1
    while kept.exists():
        number += 1
        kept = home.with_name(f"{name}-{number}")
    return kept


@contextmanager
def _quiet(home: Path) -> Iterator[None]:
    """Check that nobody works in a home folder: no job, no training, no page.

    Raises:
        InputError: somebody does.
    """
    with ExitStack() as stack:
        for lock in sorted(home.glob(f"*/{LOCK_NAME}")):
            stack.enter_context(_locked(lock))
        if (home / STORE_NAME).is_file() and _has_connections(home / STORE_NAME):
            raise _in_use(home)
        yield


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        with FileLock(path).acquire(timeout=0):
            yield
    except Timeout:
        raise _in_use(path.parent) from None


def _has_connections(store: Path) -> bool:
    """Whether another process has the store open, busy or not: then it has no exclusive lock."""
    try:
        with closing(sqlite3.connect(store, timeout=0)) as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False  # no store that anybody could have open
    return False


def _in_use(place: Path) -> InputError:
    return InputError(
        f"{place} 正在使用：网页开着，或有批量任务、训练在做。请先停下它们再恢复；什么都没有动",
        code=HOME_IN_USE,
    )
