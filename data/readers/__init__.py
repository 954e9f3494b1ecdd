"""Readers: files of each format become articles; a bad input becomes a `Problem`."""

from __future__ import annotations

import lzma
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from data.readers.archive import open_members
from data.readers.document import Document, buffer
from data.readers.folders import count_passed_over, find_files, printable, tell_pictures
from data.readers.items import Item, Problem
from data.readers.kinds import SUFFIXES, find_kind, find_suffix, list_readable
from data.readers.pages.office.page import read_ods, read_ole, read_rtf
from data.readers.pages.pdf.page import read_pdf
from data.readers.pages.plain import read_plain
from data.readers.pages.scans.extra import SCAN_SUFFIXES, can_read_scans
from data.readers.pages.scans.page import read_picture
from data.readers.pages.web.mime import read_mime
from data.readers.pages.web.page import read_html
from data.readers.pages.word import read_docx
from data.readers.tables.csv_table import read_csv
from data.readers.tables.excel import read_xlsx
from data.readers.tables.jsonl import read_jsonl
from data.readers.tables.parquet import read_parquet
from model import InputError

__all__ = [
    "SCAN_SUFFIXES",
    "STDIN",
    "SUFFIXES",
    "Item",
    "Problem",
    "can_read_scans",
    "count_passed_over",
    "find_files",
    "list_readable",
    "printable",
    "read_file",
    "read_inputs",
    "tell_pictures",
]

STDIN = "-"
Reader = Callable[[Document], Iterator[Item]]
READERS: dict[str, Reader] = {
    "plain": read_plain,
    "html": read_html,
    "mime": read_mime,
    "docx": read_docx,
    "pdf": read_pdf,
    "csv": read_csv,
    "xlsx": read_xlsx,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "ole": read_ole,
    "rtf": read_rtf,
    "ods": read_ods,
    "picture": read_picture,
}
# What a damaged member of an archive raises while it is read.
_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError)


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
            found, pictures = find_files(given), tell_pictures(given)
        except OSError as error:
            yield Problem(printable(given), printable(given), f"无法读取：{error.strerror}")
            continue
        found = [(path, name) for path, name in found if not (skip and _is_same(path, skip))]
        if not found and not pictures:
            yield Problem(printable(given), printable(given), _nothing_found(given))
        for path, name in found:
            yield from read_file(path, name)
        if pictures:
            yield pictures


def read_file(path: Path, name: str) -> Iterator[Item]:
    """Read one file; what goes wrong becomes a `Problem` that names it."""
    try:
        with buffer(path.open("rb", buffering=0)) as stream:
            suffix = find_suffix(path.name)
            yield from read_document(Document(stream, name, printable(str(path)), suffix))
    except OSError as error:
        yield Problem(name, printable(str(path)), f"文件无法读取：{error.strerror}")


def read_document(document: Document) -> Iterator[Item]:
    """Read what is open, by its kind; what goes wrong becomes a `Problem` that names it."""
    try:
        kind = find_kind(document.head, document.suffix)
        if kind == "zip":
            for member in open_members(document):
                yield from read_document(member) if isinstance(member, Document) else (member,)
        else:
            yield from READERS[kind](document)
    except InputError as error:
        yield Problem(document.id, document.source, str(error), error.code)
    except _DAMAGED:
        yield Problem(document.id, document.source, "压缩包中的这个文件已损坏")


def _read_stdin() -> Iterator[Item]:
    with buffer(open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)) as stream:
        yield from read_document(Document(stream, "stdin", ""))


def _is_same(path: Path, other: Path) -> bool:
    return path.resolve() == other.resolve()


def _nothing_found(given: str) -> str:
    if Path(given).is_dir():
        return f"文件夹里没有可读的文件（{'、'.join(list_readable())}）"
    return "没有这个文件或文件夹"
