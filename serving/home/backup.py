"""A backup of the home folder: one zip file with a manifest of hashes, made while all is in use.

SQLite files are copied by SQLite, everything else as it is. The order makes the copy consistent:

1. the store, so that no job or training in it is younger than its files;
2. which model is in use, so that the version it names is there: versions never change;
3. all other files, an output before its ledger: a ledger that is ahead of its output completes it.

The file gets its name when it is whole, so a kill leaves the backup before or none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from model import InputError
from serving.codes import BACKUP_EXISTS
from serving.home.backup_manifest import MANIFEST_NAME, BackedUpFile, BackupManifest, is_inside
from serving.home.folder import LOCK_NAME, NAMES_FILE, STORE_NAME, home_path
from serving.home.scratch import scratch_folder

_READ_BYTES = 1 << 20
_TRIES = 3
_SQLITE_MARK = b"SQLite format 3\0"
# Locks, and what SQLite or a copy under way keeps beside a file.
_UNWANTED = (LOCK_NAME, "-wal", "-shm", "-journal", ".lock", ".part")
_SCRATCH = ".new-"
_LEDGER_SUFFIX = ".ledger"
_BUSY_S = 60.0
_FIRST_CODE_BITS = 0xFF
_CORRUPT, _NO_DATABASE = sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB


@dataclass(frozen=True)
class Backup:
    """What a backup holds; `left_out` are files whose names no other system would take."""

    n_files: int
    n_bytes: int
    left_out: tuple[str, ...]


def back_up(out: Path, show: Callable[[int, int], None], *, is_forced: bool = False) -> Backup:
    """Write the home folder to a file.

    Args:
        out: the file.
        show: is called with the bytes that are done and the bytes there are.
        is_forced: replace an older file.

    Raises:
        InputError: there is nothing to back up, `out` cannot be written, is there already or lies
            in the home folder, or another backup is under way.
    """
    home = home_path().resolve()
    out = out.absolute()
    _check(home, out, is_forced=is_forced)
    part = out.with_name(f".{out.name}.part")
    lock = FileLock(home / ".backup.lock")
    try:
        with lock.acquire(timeout=0), scratch_folder() as scratch:
            try:
                made = _write(home, part, scratch, show)
                part.replace(out)
            finally:
                part.unlink(missing_ok=True)
            return made
    except Timeout:
        raise InputError("另一次备份正在进行，请等它完成") from None
    except OSError as error:
        raise InputError(
            f"备份写不成（{error.strerror or error}）：{error.filename or out}"
        ) from None


def _check(home: Path, out: Path, *, is_forced: bool) -> None:
    if not home.is_dir():
        raise InputError(f"没有可备份的：{home} 不存在")
    if not out.parent.is_dir():
        raise InputError(f"没有文件夹 {out.parent}，请先建好或换一个")
    if out.resolve().is_relative_to(home):
        raise InputError(f"备份不能放在要备份的文件夹 {home} 里，请换一个地方")
    if out.exists() and not (is_forced and out.is_file()):
        raise InputError(f"{out} 已经存在", code=BACKUP_EXISTS)


def _write(home: Path, part: Path, scratch: Path, show: Callable[[int, int], None]) -> Backup:
    paths, left_out = _list_files(home)
    n_expected = sum(_size(home / path) for path in paths)
    files: dict[str, BackedUpFile] = {}
    n_done = 0
    part.unlink(missing_ok=True)
    with (
        os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as stream,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for group in _group(paths):
            for path, copy in _take_together(home, group, scratch):
                files[path.as_posix()] = _add(archive, path, copy, home / path)
                n_done += files[path.as_posix()].n_bytes
            show(n_done, max(n_done, n_expected))
        manifest = BackupManifest(
            made_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            host=socket.gethostname(),
            files=files,
        )
        archive.writestr(MANIFEST_NAME, manifest.to_json())
        archive.close()
        stream.flush()
        os.fsync(stream.fileno())
    return Backup(len(files), n_done, tuple(left_out))


def _list_files(home: Path) -> tuple[list[PurePosixPath], list[str]]:
    """Return what is to be copied in the order of the module's docstring, and what cannot be."""
    found = [PurePosixPath(path.relative_to(home).as_posix()) for path in _walk(home)]
    inside = [path for path in found if is_inside(path.as_posix())]
    left_out = sorted(path.as_posix() for path in found if not is_inside(path.as_posix()))
    return sorted(inside, key=_order), [os.fsencode(p).decode("utf-8", "replace") for p in left_out]


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder; links lead elsewhere and are no part of it."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(_SCRATCH):
                yield from _walk(Path(entry.path))
            elif entry.is_file(follow_symlinks=False) and not entry.name.endswith(_UNWANTED):
                yield Path(entry.path)


def _order(path: PurePosixPath) -> tuple[int, str]:
    if path.as_posix() == STORE_NAME:
        return 0, ""
    return (1 if path.name == NAMES_FILE else 2), path.as_posix()


def _group(paths: Sequence[PurePosixPath]) -> Iterator[list[PurePosixPath]]:
    """Yield the files one by one, but an output together with its ledger."""
    known = set(paths)
    for path in paths:
        ledger = path.with_name(path.name + _LEDGER_SUFFIX)
        if ledger in known:
            yield [path, ledger]
        elif path.with_name(path.name.removesuffix(_LEDGER_SUFFIX)) not in known - {path}:
            yield [path]


def _take_together(
    home: Path, group: Sequence[PurePosixPath], scratch: Path
) -> list[tuple[PurePosixPath, Path]]:
    """Copy files that belong together; anew if one was cut meanwhile, and those that are there."""
    taken: list[tuple[PurePosixPath, Path]] = []
    for _ in range(_TRIES):
        copies = ((path, scratch / f"copy{i}") for i, path in enumerate(group))
        taken = [(path, copy) for path, copy in copies if _take(home / path, copy)]
        if all(_is_sqlite(copy) or _size(home / path) >= _size(copy) for path, copy in taken):
            break
    return taken


def _take(source: Path, copy: Path) -> bool:
    """Copy a file that may change meanwhile; return whether it was there."""
    copy.unlink(missing_ok=True)
    try:
        if _is_sqlite(source) and _copy_sqlite(source, copy):
            return True
        for _ in range(_TRIES):
            before = source.stat()
            shutil.copyfile(source, copy)
            after = source.stat()
            if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size):
                break
    except FileNotFoundError:
        return False
    return True


def _copy_sqlite(source: Path, copy: Path) -> bool:
    """Copy a database as of one moment; return False where it is damaged, to be copied as it is.

    Raises:
        InputError: it cannot be read now.
    """
    try:
        with (
            closing(sqlite3.connect(source, timeout=_BUSY_S)) as old,
            closing(sqlite3.connect(copy)) as new,
        ):
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & _FIRST_CODE_BITS not in (_CORRUPT, _NO_DATABASE):
            raise InputError(f"{source} 读不出（{error}），没有备份成；请稍后再试") from None
        copy.unlink(missing_ok=True)
        return False
    return True


def _add(archive: zipfile.ZipFile, path: PurePosixPath, copy: Path, source: Path) -> BackedUpFile:
    digest = hashlib.sha256()
    n_bytes = 0
    info = zipfile.ZipInfo(path.as_posix())
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    with copy.open("rb") as stream, archive.open(info, "w", force_zip64=True) as member:
        while block := stream.read(_READ_BYTES):
            digest.update(block)
            n_bytes += len(block)
            member.write(block)
    try:
        status = source.stat()
        mtime_ns, is_read_only = status.st_mtime_ns, not status.st_mode & stat.S_IWUSR
    except FileNotFoundError:
        mtime_ns, is_read_only = 0, False
    return BackedUpFile(n_bytes, digest.hexdigest(), mtime_ns, is_read_only)


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(_SQLITE_MARK)) == _SQLITE_MARK


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
