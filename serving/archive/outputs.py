"""Outputs of an archive run: lines brought to the disk in step with the ledger, or whole files."""

from __future__ import annotations

import io
import os
from contextlib import closing
from pathlib import Path

from serving.archive.ledger.entries import Record
from serving.archive.ledger.ledger import Ledger
from serving.output.writers import CSV_ENCODING, TEXT_FORMATS, open_writer, text_writer


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

    def flush(self) -> None:
        """Bring everything to the disk."""

    def finish(self, ledger: Ledger) -> None:
        """Write the file under another name and put it in place."""
        try:
            with closing(open_writer(self._format, self._part, self._names)) as writer:
                for record in ledger.records():
                    writer.write(record)
            self._part.replace(self._out)
        finally:
            self._part.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file."""


class TextOutput(Output):
    """Lines of text, buffered until `flush` brings them to the disk."""

    def __init__(self, out: Path, format: str, names: dict[str, str], end: int) -> None:
        super().__init__(out, format, names)
        self._file = os.open(out, os.O_RDWR | os.O_CREAT, 0o666)
        self._lines: list[bytes] = []
        self.cut(end)

    @property
    def n_buffered(self) -> int:
        """How many lines are not on the disk yet."""
        return len(self._lines)

    def write(self, record: Record) -> int:
        """Take a record; return the size of the file with it, in bytes."""
        text = io.StringIO(newline="")
        is_first = self._end == 0
        text_writer(self._format, text, self._names, with_header=is_first).write(record)
        encoding = CSV_ENCODING if is_first and self._format == "csv" else "utf-8"
        line = text.getvalue().encode(encoding)
        self._lines.append(line)
        self._end += len(line)
        return self._end

    def cut(self, end: int) -> None:
        """Drop what is beyond a size in bytes."""
        os.ftruncate(self._file, end)
        os.lseek(self._file, end, os.SEEK_SET)
        self._lines = []
        self._end = end

    def flush(self) -> None:
        """Bring everything to the disk."""
        data = memoryview(b"".join(self._lines))
        while data:
            data = data[os.write(self._file, data) :]
        os.fsync(self._file)
        self._lines = []

    def finish(self, ledger: Ledger) -> None:
        """Everything is there."""

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def open_output(out: Path, format: str, names: dict[str, str], ledger: Ledger) -> Output:
    """Open an output where its ledger says it is; one that lost lines starts anew."""
    if format not in TEXT_FORMATS:
        return Output(out, format, names)
    end = ledger.end()
    if end and (not out.exists() or out.stat().st_size < end):
        ledger.drop_from(0)
        ledger.drop_files_from(0)
        end = 0
    return TextOutput(out, format, names, end)
