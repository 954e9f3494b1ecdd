"""Readers: files of each format become articles; a bad input becomes a `Problem`."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable, Iterator, Sequence
from glob import glob
from pathlib import Path

from data.readers.items import Item, Problem
from data.readers.jsonl import read_jsonl
from data.readers.plain import read_plain
from model import InputError

__all__ = ["STDIN", "Item", "Problem", "find_files", "read_file", "read_inputs"]

STDIN = "-"
MAX_FILE_BYTES = 512 << 20
# A file's bytes, the id of its article or of its first line, and the source as given.
Reader = Callable[[bytes, str, str], Iterator[Item]]
READERS: dict[str, Reader] = {
    ".txt": read_plain,
    ".md": read_plain,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
}


def read_inputs(inputs: Sequence[str], skip: Path | None = None) -> Iterator[Item]:
    """Read files, folders, glob patterns and `-` for standard input, in the order given.

    Args:
        inputs: what to read.
        skip: a file that is left out, such as the one that results go to.
    """
    for given in inputs:
        if given == STDIN:
            yield from _read_stdin()
            continue
        try:
            found = find_files(given)
        except OSError as error:
            yield Problem(given, given, f"无法读取：{error.strerror}")
            continue
        found = [(path, name) for path, name in found if not (skip and _is_same(path, skip))]
        if not found:
            yield Problem(given, given, _nothing_found(given))
        for path, name in found:
            yield from read_file(path, name)


def find_files(given: str) -> list[tuple[Path, str]]:
    """Return the files that a path or pattern stands for, each with its id.

    The id is the file's name, or its path below the folder that was given. Below a folder,
    only files of known formats are taken.

    Raises:
        OSError: the path cannot be looked up.
    """
    path = Path(given)
    if path.is_dir():
        below = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in READERS)
        return [(p, p.relative_to(path).as_posix()) for p in below]
    if path.is_file():
        return [(path, path.name)]
    return [(p, p.name) for p in sorted(map(Path, glob(given, recursive=True))) if p.is_file()]


def _read_stdin() -> Iterator[Item]:
    data = sys.stdin.buffer.read()
    is_lines = data.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")
    return _guard(read_jsonl if is_lines else read_plain, data, "stdin", "")


def _is_same(path: Path, other: Path) -> bool:
    return path.resolve() == other.resolve()


def read_file(path: Path, name: str) -> Iterator[Item]:
    """Read one file; what goes wrong becomes a `Problem` that names it."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = "、".join(READERS)
        yield Problem(name, str(path), f"暂不支持 {path.suffix or '无扩展名'} 文件，可用：{known}")
        return
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            yield Problem(name, str(path), f"文件超过 {MAX_FILE_BYTES >> 20} MB，请拆分后再试")
            return
        data = path.read_bytes()
    except OSError as error:
        yield Problem(name, str(path), f"文件无法读取：{error.strerror}")
        return
    yield from _guard(reader, data, name, str(path))


def _guard(reader: Reader, data: bytes, name: str, source: str) -> Iterator[Item]:
    try:
        yield from reader(data, name, source)
    except InputError as error:
        yield Problem(name, source, str(error))


def _nothing_found(given: str) -> str:
    if Path(given).is_dir():
        return f"文件夹里没有可读的文件（{'、'.join(READERS)}）"
    return "没有这个文件或文件夹"
