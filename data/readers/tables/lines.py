"""Lines of a text file, one after another, of bounded length."""

from __future__ import annotations

import io
from collections.abc import Iterator

from data.readers.document import MAX_TEXT_BYTES
from data.readers.encoding import find_encoding, is_wide, wrong_bytes
from model import InputError

_TOO_LONG = f"这一行超过 {MAX_TEXT_BYTES >> 20} MB，未处理"


def find_line_encoding(head: bytes) -> str:
    """Name the encoding: UTF-8 where most lines are, so that one bad line spoils no other.

    Raises:
        InputError: it is in no encoding that Chinese text uses.
    """
    lines = [line for line in head.split(b"\n")[:-1] if line.strip() and b"\0" not in line]
    n_utf8 = sum(_decode(line, "utf-8") is not None for line in lines)
    return "utf-8" if n_utf8 * 2 > len(lines) else find_encoding(head)


def read_lines(stream: io.BufferedReader, encoding: str) -> Iterator[str | InputError]:
    """Yield lines, ended by a line feed or, on old systems, by a carriage return alone.

    A line that cannot be read is an error.
    """
    lines = _read_wide(stream, encoding) if is_wide(encoding) else _read_narrow(stream, encoding)
    for line in lines:
        if isinstance(line, InputError) or "\r" not in line:
            yield line
        else:
            yield from _split(line)


def _split(line: str) -> Iterator[str]:
    *lines, last = line.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    yield from (f"{part}\n" for part in lines)
    if last:
        yield last


def _read_narrow(stream: io.BufferedReader, encoding: str) -> Iterator[str | InputError]:
    while line := stream.readline(MAX_TEXT_BYTES):
        if len(line) == MAX_TEXT_BYTES and not line.endswith(b"\n"):
            _skip_line(stream)
            yield InputError(_TOO_LONG)
        else:
            text = _decode(line, encoding)
            yield InputError(f"这一行{wrong_bytes(encoding)}") if text is None else text


def _read_wide(stream: io.BufferedReader, encoding: str) -> Iterator[str | InputError]:
    text = io.TextIOWrapper(stream, encoding, newline="\n")
    try:
        while line := text.readline(MAX_TEXT_BYTES):
            if len(line) == MAX_TEXT_BYTES:
                yield InputError(f"{_TOO_LONG}，其后也未处理")
                return
            yield line
    except UnicodeDecodeError:
        yield InputError(f"从这一行起{wrong_bytes(encoding)}")
    finally:
        text.detach()


def _skip_line(stream: io.BufferedReader) -> None:
    while (rest := stream.readline(MAX_TEXT_BYTES)) and not rest.endswith(b"\n"):
        pass


def _decode(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None
