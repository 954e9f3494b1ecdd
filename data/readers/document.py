"""An open input, whatever it comes from: a file, a member of an archive, standard input."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from model import InputError

HEAD_BYTES = 1 << 16
# An article has 200,000 characters at most; a page's markup and a line's other fields add to it.
MAX_TEXT_BYTES = 16 << 20
MAX_BINARY_BYTES = 256 << 20


@dataclass
class Room:
    """What may still be unpacked from an archive and from all archives in it."""

    n_bytes: int

    def take(self, n_bytes: int) -> None:
        """Use some of it.

        Raises:
            InputError: it is used up.
        """
        self.n_bytes -= n_bytes
        if self.n_bytes < 0:
            raise InputError("压缩包解开后太大，其余文件未处理；请解压后分批再试")


@dataclass(frozen=True)
class Document:
    """An open stream, the id of its article or the prefix of its rows' ids, the source as given.

    `suffix` is that of the file's name, in lower case with its dot. `depth` counts the archives
    around it, `room` is what they share.
    """

    stream: io.BufferedReader
    id: str
    source: str
    suffix: str = ""
    depth: int = 0
    room: Room | None = None

    @property
    def head(self) -> bytes:
        """The first `HEAD_BYTES` at most, which stay to be read; to be asked before reading."""
        return self.stream.peek(HEAD_BYTES)[:HEAD_BYTES]

    def read(self, max_bytes: int = MAX_TEXT_BYTES) -> bytes:
        """Return everything.

        Raises:
            InputError: there is more than `max_bytes`.
        """
        data = self.stream.read(max_bytes + 1)
        if len(data) > max_bytes:
            raise InputError(f"文件超过 {max_bytes >> 20} MB，请拆成单篇文章再试")
        return data

    def read_seekable(self, max_bytes: int = MAX_BINARY_BYTES) -> BinaryIO:
        """Return a stream that can be sought in: the file itself, else its bytes.

        Raises:
            InputError: it is no file and there is more than `max_bytes`.
        """
        if isinstance(self.stream.raw, io.FileIO) and self.stream.seekable():
            return self.stream
        return io.BytesIO(self.read(max_bytes))


def buffer(raw: Any) -> io.BufferedReader:
    """Wrap a readable binary stream so that its head can be looked at."""
    return io.BufferedReader(raw, HEAD_BYTES)


@contextmanager
def parsing(what: str) -> Iterator[None]:
    """Call a file damaged where its parser fails, whatever the parser raises.

    A hostile file makes a parser raise anything, and one file must not stop a run.

    Raises:
        InputError: something was raised inside.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{what}不完整或已损坏，无法打开；请重新下载或另存一份") from error
