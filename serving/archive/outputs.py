"""Outputs of an archive run: lines brought to the disk in step with the ledger, or whole files.

The ledger is committed before the lines are written: what a kill keeps from the output can be
composed from the ledger, and what the output has beyond the ledger was written by somebody else.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from serving.archive.ledger.entries import Record
from serving.archive.ledger.ledger import Ledger
from serving.archive.written import Written, encode_line, hash_start, output_changed
from serving.output.writers import TEXT_FORMATS, open_writer


class Output:
    """A workbook or Parquet file, written from the ledger when everything is there."""

    def __init__(self, out: Path, format: str, names: dict[str, str]) -> None:
        self._out, self._format, self._names = out, format, names
        self._part = out.with_name(f".{out.name}.part")

    @property
    def n_buffered(self) -> int:
        """How many lines are not on the disk yet."""
        return 0

    def write(self, record: Record) -> int:  # noqa: ARG002 # the ledger has it
        """Take a record; return the size of the file so far, in bytes."""
        return 0

    def cut(self, end: int) -> None:
        """Drop what is beyond a size in bytes."""

    def note(self, ledger: Ledger) -> None:
        """Have the ledger keep what the file will be after the next `flush`.

        Raises:
            LedgerError: somebody else changed the file.
        """

    def flush(self) -> None:
        """Bring everything to the disk."""

    def finish(self, ledger: Ledger) -> None:
        """Write the file under another name and put it in place.

        Raises:
            LedgerError: somebody else changed the file that was there.
        """
        try:
            with closing(open_writer(self._format, self._part, self._names)) as writer:
                for record in ledger.records():
                    writer.write(record)
            made = Written(self._part.stat().st_size, (hash_start(self._part).hexdigest(),))
            before = Written.recall(ledger)
            self._check_untouched(before)
            both = (*made.hashes, *(before.hashes if before else ()))
            Written(made.n_bytes, both).note(ledger)  # a kill may leave either
            ledger.commit()
            self._part.replace(self._out)
            made.note(ledger)
        finally:
            self._part.unlink(missing_ok=True)

    def _check_untouched(self, before: Written | None) -> None:
        if before is None or not self._out.exists() or not self._out.stat().st_size:
            return
        if hash_start(self._out).hexdigest() not in before.hashes:
            raise output_changed(self._out, "在运行中被改动了")

    def close(self) -> None:
        """Close the file."""


class TextOutput(Output):
    """Lines of text, buffered until `flush` brings them to the disk."""

    def __init__(self, out: Path, format: str, names: dict[str, str], end: int) -> None:
        super().__init__(out, format, names)
        self._file = os.open(out, os.O_RDWR | os.O_CREAT, 0o666)
        self._cut(end)

    @property
    def n_buffered(self) -> int:
        """How many lines are not on the disk yet."""
        return len(self._lines)

    def write(self, record: Record) -> int:
        """Take a record; return the size of the file with it, in bytes."""
        line = encode_line(record, self._format, self._names, is_first=self._end == 0)
        self._lines.append(line)
        self._hash.update(line)
        self._end += len(line)
        return self._end

    def cut(self, end: int) -> None:
        """Drop what is beyond a size in bytes.

        Raises:
            LedgerError: somebody else changed the file.
        """
        self._check()
        self._cut(end)

    def note(self, ledger: Ledger) -> None:
        """Have the ledger keep what the file will be after the next `flush`.

        Raises:
            LedgerError: somebody else changed the file.
        """
        self._check()
        Written(self._end, (self._hash.hexdigest(),)).note(ledger)

    def flush(self) -> None:
        """Bring everything to the disk."""
        data = memoryview(b"".join(self._lines))
        while data:
            data = data[os.write(self._file, data) :]
        os.fsync(self._file)
        self._settle()

    def finish(self, ledger: Ledger) -> None:
        """Everything is there."""

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _cut(self, end: int) -> None:
        os.ftruncate(self._file, end)
        os.lseek(self._file, end, os.SEEK_SET)
        self._hash = hash_start(self._out, end)
        self._end = end
        self._settle()

    def _settle(self) -> None:
        """Remember how the file is when all lines are on the disk."""
        self._lines: list[bytes] = []
        self._settled = (self._end, self._hash.hexdigest())
        self._mtime_ns = os.fstat(self._file).st_mtime_ns

    def _check(self) -> None:
        """Check that the file is as it was when it was last written; that costs two looks at it.

        Raises:
            LedgerError: it is not.
        """
        n_bytes, digest = self._settled
        try:
            found = self._out.stat()
        except FileNotFoundError:
            raise output_changed(self._out, "在运行中被删去或移走了") from None
        if os.fstat(self._file).st_nlink == 0:
            raise output_changed(self._out, "在运行中被换成了另一个文件")
        if found.st_size != n_bytes:
            what = f"在运行中被改动了：应有 {n_bytes} 字节，实有 {found.st_size} 字节"
            raise output_changed(self._out, what)
        if found.st_mtime_ns == self._mtime_ns:
            return
        if hash_start(self._out).hexdigest() != digest:
            raise output_changed(self._out, "在运行中被改动了：内容与写入时不同")
        self._mtime_ns = found.st_mtime_ns


def open_output(out: Path, format: str, names: dict[str, str], ledger: Ledger) -> Output:
    """Open an output that was checked, and cut it to the lines that its ledger has."""
    if format not in TEXT_FORMATS:
        return Output(out, format, names)
    output = TextOutput(out, format, names, ledger.end())
    output.note(ledger)
    return output
