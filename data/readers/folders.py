"""Folders and archives: which of their files are inputs, which are pictures, which are litter."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from glob import glob
from pathlib import Path, PurePath
from typing import TypeVar

from data.readers.items import Problem
from data.readers.kinds import PICTURE_SUFFIXES, SUFFIXES, list_readable
from data.readers.pages.scans.extra import HOW_TO_INSTALL, SCAN_SUFFIXES, can_read_scans

_LITTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store"}
_LITTER_STARTS = ("~$", "._", ".~")
_LITTER_FOLDERS = {"__macosx", "__pycache__", "$recycle.bin", "system volume information"}
# Our own ledgers, Word's copies of what is open, and what a browser has not finished.
_LITTER_NAMES = re.compile(
    r"\.ledger(?:\.lock|-wal|-shm|-journal)?$|^~.{0,40}\.tmp$|\.(?:crdownload|part)$", re.IGNORECASE
)
_OWN_FILES = re.compile(r"\.ledger(?:\.lock|-wal|-shm|-journal)?$")
_PAGES = (".html", ".htm", ".mhtml", ".mht")
_COMPANIONS = ("_files", ".files", "_文件")
_Place = TypeVar("_Place", bound=PurePath)


def find_files(given: str) -> list[tuple[Path, str]]:
    """Return the files that a path or pattern stands for, each with its id.

    The id is the file's name, or its path below the folder that was given. Below a folder all
    files are taken but pictures that cannot be read, which `tell_pictures` counts, and what
    programs leave behind.

    Raises:
        OSError: the path cannot be looked up.
    """
    path = Path(given)
    if path.is_dir():
        below, _ = _list_folder(path)
        return [(path / p, printable(p.as_posix())) for p in below]
    if path.is_file():
        return [(path, printable(path.name))]
    found = sorted(map(Path, glob(given, recursive=True)))
    return [(p, printable(p.name)) for p in found if p.is_file()]


def tell_pictures(given: str) -> Problem | None:
    """Return one problem that counts the pictures below a folder, None where there are none.

    Raises:
        OSError: the path cannot be looked up.
    """
    path = Path(given)
    pictures = _list_folder(path)[1] if path.is_dir() else []
    name = printable(given)
    return Problem(name, name, count_pictures(pictures)) if pictures else None


def count_pictures(pictures: list[_Place]) -> str:
    """Return the message about pictures among other files."""
    example = printable(pictures[0].name)
    way = "请另存为 .png 或 .jpg" if can_read_scans() else HOW_TO_INSTALL
    return f"其中有 {len(pictures):,} 张图片没有读（如 {example}）；{way}"


def count_passed_over(given: str) -> int:
    """Return how many files below a folder are no inputs: what programs leave, parts of a page.

    Files that a run of our own keeps beside its output do not count.

    Raises:
        OSError: the path cannot be looked up.
    """
    path = Path(given)
    if not path.is_dir():
        return 0
    below = [p.relative_to(path) for p in path.rglob("*") if p.is_file()]
    taken = {p for part in sort_out(below) for p in part}
    return sum(p not in taken and not _OWN_FILES.search(p.name) for p in below)


def sort_out(paths: Iterable[_Place]) -> tuple[list[_Place], list[_Place]]:
    """Part the paths below one folder into inputs and pictures not read; litter is left out.

    What a browser saved beside a page, such as styles and pictures, is part of the page.
    """
    paths = list(paths)
    pages = {
        str(path.with_suffix("")) + end
        for path in paths
        if path.suffix.lower() in _PAGES
        for end in _COMPANIONS
    }
    kept = [path for path in paths if not _is_litter(path) and not _is_beside_page(path, pages)]
    unread = PICTURE_SUFFIXES - set(SCAN_SUFFIXES if can_read_scans() else ())
    pictures = [path for path in kept if path.suffix.lower() in unread]
    return [path for path in kept if path.suffix.lower() not in unread], pictures


def is_wanted(path: PurePath) -> bool:
    """Whether a file is of a known format and no program's litter."""
    return path.suffix.lower() in list_readable() and not _is_litter(path)


def printable(name: str) -> str:
    """Return a path as text that can be written: names whose bytes are no UTF-8 are often GBK."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return "/".join(map(_decode, name.split("/")))
    return name


def _decode(part: str) -> str:
    try:
        raw = os.fsencode(part)
    except UnicodeEncodeError:
        return part.encode("utf-8", "backslashreplace").decode()
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "backslashreplace")


def _list_folder(path: Path) -> tuple[list[Path], list[Path]]:
    below = sorted(p for p in path.rglob("*") if p.is_file())
    return sort_out(p.relative_to(path) for p in below)


def _is_litter(path: PurePath) -> bool:
    name = path.name
    if name.startswith(_LITTER_STARTS) or name.lower() in _LITTER or _LITTER_NAMES.search(name):
        return True
    folders = [part.lower() for part in path.parts[:-1]]
    if not _LITTER_FOLDERS.isdisjoint(folders):
        return True
    is_hidden = name.startswith(".") or any(part.startswith(".") for part in folders)
    return is_hidden and path.suffix.lower() not in SUFFIXES


def _is_beside_page(path: PurePath, pages: set[str]) -> bool:
    return path.suffix.lower() not in SUFFIXES and any(str(p) in pages for p in path.parents)
