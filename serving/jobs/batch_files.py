"""The files of a batch job: which are taken, where they are put, how many articles they have."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from data.readers import find_files, list_readable
from data.readers.folders import is_wanted
from data.readers.packages import open_zip
from model import InputError
from serving.archive.feed.sources import SINGLE_SUFFIXES, Source, count_articles

MAX_FILES = 2_000
MAX_BYTES = 1 << 30
# Linux takes 255 bytes, Windows 260 characters of the whole path.
_MAX_FILE_NAME, _MAX_SUFFIX = 70, 10
_FORBIDDEN = frozenset('<>:"|?*')
# Names of devices, with any suffix: `con.txt` is the console.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def check_files(files: Sequence[Path]) -> list[Path]:
    """Return the files of a kind that can be read.

    Raises:
        InputError: there are none, too many, or they are too large.
    """
    wanted = [path for path in files if is_wanted(path)]
    n_bytes = sum(path.stat().st_size for path in wanted)
    if not files:
        raise InputError("还没有选文件；请把文件或 zip 压缩包拖到上面的框里")
    if not wanted:
        raise InputError(f"这些文件的格式读不了；可读 {'、'.join(sorted(list_readable()))}")
    if len(wanted) > MAX_FILES:
        raise InputError(f"一次最多 {MAX_FILES:,} 个文件，这里有 {len(wanted):,} 个；请打成 zip")
    if n_bytes > MAX_BYTES:
        raise InputError(f"文件共 {n_bytes >> 20:,} MB，一次最多 {MAX_BYTES >> 20:,} MB；请分几次")
    return wanted


def copy_files(files: Sequence[Path], folder: Path) -> None:
    """Copy files to a new folder; its parent, made as well, is removed if that fails.

    Raises:
        InputError: there is no room.
    """
    try:
        folder.mkdir(parents=True)
        for path in files:
            shutil.copyfile(path, free_place(folder, path.name))
    except OSError as error:
        shutil.rmtree(folder.parent, ignore_errors=True)
        raise InputError(f"文件存不下（{error.strerror}）；请腾出磁盘空间后再试") from error


def free_place(folder: Path, name: str) -> Path:
    """Return a place for a file by its name alone, whatever path that pretends to be."""
    path = PurePosixPath(name.replace("\\", "/"))
    stem = _make_portable(path.stem)[:_MAX_FILE_NAME].rstrip(". ") or "文件"
    suffix = _make_portable(path.suffix)[:_MAX_SUFFIX].rstrip(". ")
    place, number = folder / f"{stem}{suffix}", 1
    while place.exists():
        number += 1
        place = folder / f"{stem}（{number}）{suffix}"
    return place


def _make_portable(part: str) -> str:
    """Return a part of a name without what Windows does not take in one."""
    kept = "".join("_" if c in _FORBIDDEN else c for c in part if c.isprintable())
    return f"_{kept}" if _DEVICE.fullmatch(kept) else kept


def count_expected(folder: Path) -> int | None:
    """Return how many articles a folder has, or None where only reading would show it."""
    return count_in(find_files(str(folder)))


def count_in(files: Iterable[tuple[Path, str]]) -> int | None:
    """Return how many articles files have, each with its name; None as for `count_expected`."""
    n_articles = 0
    for path, name in files:
        is_zip = path.suffix.lower() == ".zip"
        n_more = _count_members(path) if is_zip else count_articles([Source(str(path), name)])
        if n_more is None:
            return None
        n_articles += n_more
    return n_articles


def name_of(files: Sequence[Path]) -> str:
    """Return a job's name where the person gave none."""
    first = files[0].stem
    return first if len(files) == 1 else f"{first} 等 {len(files)} 个文件"


def describe_refused(files: Sequence[Path]) -> str:
    """Return what the page says of files that were not taken; empty if there are none."""
    n_shown = 3
    if not files:
        return ""
    names = "、".join(path.name for path in files[:n_shown])
    more = " 等" if len(files) > n_shown else ""
    return f"{len(files)} 个文件的格式读不了，未收：{names}{more}"


def _count_members(path: Path) -> int | None:
    try:
        with path.open("rb") as stream, open_zip(stream) as archive:
            members = [PurePosixPath(name) for name in archive.namelist()]
    except InputError:
        return 1
    suffixes = [member.suffix.lower() for member in members if is_wanted(member)]
    return len(suffixes) if SINGLE_SUFFIXES.issuperset(suffixes) else None
