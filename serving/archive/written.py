"""What a run wrote to its output: a hash in the ledger, which the file is compared with.

The hash runs along with what is written, so a commit costs nothing; going on costs one reading of
the file. Where the hash differs, the lines are composed again from the ledger to see what changed.
"""

from __future__ import annotations

import hashlib
import io
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from serving.archive.ledger.entries import Record
from serving.archive.ledger.ledger import Ledger, LedgerError
from serving.codes import OUTPUT_CHANGED
from serving.output.writers import CSV_ENCODING, TEXT_FORMATS, text_writer

_READ_BYTES = 1 << 20
_KEY = "written"


@dataclass(frozen=True)
class Written:
    """An output as a run left it: its size in bytes, and the SHA-256 hashes that it may have."""

    n_bytes: int
    hashes: tuple[str, ...]

    @classmethod
    def recall(cls, ledger: Ledger) -> Written | None:
        """Return what a ledger says of its output; None where a release wrote it that had none."""
        row = ledger.get(_KEY)
        if row is None:
            return None
        try:
            return cls(int(row["n_bytes"]), tuple(map(str, row["hashes"])))
        except (KeyError, TypeError, ValueError) as error:
            raise sqlite3.DatabaseError(f"{_KEY}：{error!s:.60}") from None

    def note(self, ledger: Ledger) -> None:
        """Have a ledger keep it with the next commit."""
        ledger.set(**{_KEY: {"n_bytes": self.n_bytes, "hashes": self.hashes}})


def output_changed(out: Path, what: str) -> LedgerError:
    """Return the error of an output that somebody else changed."""
    return LedgerError(
        f"结果文件 {out} {what}。为免丢掉别人的改动，没有再写入", code=OUTPUT_CHANGED, out=str(out)
    )


def encode_line(record: Record, format: str, names: dict[str, str], *, is_first: bool) -> bytes:
    """Return what an output in a text format has of a record; the first one comes with a header."""
    text = io.StringIO(newline="")
    text_writer(format, text, names, with_header=is_first).write(record)
    encoding = CSV_ENCODING if is_first and format == "csv" else "utf-8"
    return text.getvalue().encode(encoding)


def hash_start(path: Path, n_bytes: int | None = None) -> Any:
    """Return the SHA-256 object of the first bytes of a file, or of all of it."""
    digest = hashlib.sha256()
    n_left = n_bytes if n_bytes is not None else path.stat().st_size
    with path.open("rb") as stream:
        while n_left > 0 and (block := stream.read(min(n_left, _READ_BYTES))):
            digest.update(block)
            n_left -= len(block)
    return digest


def check_output(out: Path, ledger: Ledger, names: dict[str, str]) -> str:
    """Compare an output with what its ledger says of it; write again what is missing at its end.

    Args:
        out: the output, which may not be there.
        ledger: its ledger; it forgets the lines of an output that is gone.
        names: the themes' names where the ledger has none.

    Returns:
        What was missing, in Chinese; empty if nothing was.

    Raises:
        LedgerError: the output is not as the last run left it, and what changed.
    """
    _, kind = ledger.get("settings") or ("", "jsonl")
    n_bytes = out.stat().st_size if out.exists() else 0
    if n_bytes == 0:
        return _start_anew(out, ledger)
    written = Written.recall(ledger)
    if kind not in TEXT_FORMATS:
        if written and hash_start(out).hexdigest() not in written.hashes:
            raise output_changed(out, "写成之后被改动过（内容与写成时不同）")
        return ""
    end = ledger.end()
    if written is None or written.n_bytes != end:  # an earlier release has written to it
        if n_bytes >= end:
            _check_line_ends(out, ledger)
            return ""
    elif n_bytes == end and hash_start(out).hexdigest() in written.hashes:
        return ""
    lines = _compose_lines(ledger, kind, ledger.get("names") or names)
    return _restore(out, lines, end)


def _start_anew(out: Path, ledger: Ledger) -> str:
    n_lines = ledger.n_entries if ledger.end() else 0
    ledger.drop_from(0)
    ledger.drop_files_from(0)
    return f"结果文件 {out} 原有 {n_lines} 行，现在不在了：按账本重新写出" if n_lines else ""


def _compose_lines(ledger: Ledger, format: str, names: dict[str, str]) -> Iterator[bytes]:
    for number, record in enumerate(ledger.records()):
        yield encode_line(record, format, names, is_first=number == 0)


def _restore(out: Path, lines: Iterator[bytes], end: int) -> str:
    """Add the lines that a file lacks at its end.

    Raises:
        LedgerError: it has something else than the lines.
    """
    missing: list[bytes] = []
    with out.open("r+b") as stream:
        number = 0
        for number, line in enumerate(lines, 1):
            found = b"" if missing else stream.read(len(line))
            if found != line and not missing and (stream.read(1) or not line.startswith(found)):
                raise output_changed(out, f"写成之后被改动过：第 {number} 行与写成时不同")
            if found != line:
                missing.append(line[len(found) :])
        if not missing and stream.read(1):
            raise output_changed(out, f"写成之后被改动过：第 {number} 行之后多出了内容")
        if stream.tell() + sum(map(len, missing)) != end:
            raise output_changed(out, f"写成之后被改动过：大小应为 {end} 字节")
        _append(stream, missing)
    return f"结果文件 {out} 少了末尾 {len(missing)} 行，已按账本补上" if missing else ""


def _append(stream: BinaryIO, lines: list[bytes]) -> None:
    stream.writelines(lines)
    stream.flush()
    os.fsync(stream.fileno())


def _check_line_ends(out: Path, ledger: Ledger) -> None:
    """Check that every line ends where a ledger without a hash says.

    Raises:
        LedgerError: one ends elsewhere.
    """
    ends = ledger.ends()
    expected, number, at = next(ends, None), 1, 0
    with out.open("rb") as stream:
        for line in stream:
            if expected is None:
                return
            at += len(line)
            if at > expected:
                break
            if at == expected:
                expected, number = next(ends, None), number + 1
    if expected is not None:
        raise output_changed(out, f"写成之后被改动过：第 {number} 行的长度与写成时不同")
