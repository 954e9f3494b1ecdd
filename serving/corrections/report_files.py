"""Files of reports, as `yiwen tag` writes them, read line by line within limits.

A line is measured before it is parsed: JSON of 60 MB in one line takes 2 GB as objects.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from model import InputError
from serving.corrections.labels import Answer, is_report, read_report

MAX_FILE_BYTES = 200_000_000
# The longest article has 600 kB, and its sentences stand in figures and evidence again.
MAX_LINE_BYTES = 4_000_000
_FIRST_LINES = 20


def holds_reports(path: Path) -> bool:
    """Whether the first lines of a file are what `yiwen tag` writes.

    Raises:
        InputError: the file cannot be read.
    """
    lines = zip(_read_lines(path), range(_FIRST_LINES), strict=False)
    return any(is_report(_parse(line)) for line, _ in lines)


def read_reports(path: Path) -> Iterator[Answer | str]:
    """Yield the labels of a file's reports, and in Chinese what is wrong with a line.

    Lines of articles that failed are passed over.

    Raises:
        InputError: the file is too large or cannot be read.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InputError(f"文件超过 {MAX_FILE_BYTES // 1_000_000} MB，请分成几个再放入")
    for number, line in enumerate(_read_lines(path), 1):
        if line is None:
            yield f"第 {number} 行：超过 {MAX_LINE_BYTES // 1_000_000} MB，不是一篇文章的报告，未读"
            continue
        row = _parse(line)
        if not line.strip() or (isinstance(row, dict) and "error" in row):
            continue
        try:
            yield read_report(row if isinstance(row, dict) else {})
        except InputError as error:
            yield f"第 {number} 行：{error}"


def _read_lines(path: Path) -> Iterator[bytes | None]:
    """Yield a file's lines, None for one that is too long, of which little is in memory at once."""
    try:
        with path.open("rb") as stream:
            while line := stream.readline(MAX_LINE_BYTES + 1):
                if len(line) <= MAX_LINE_BYTES:
                    yield line
                    continue
                while line and not line.endswith(b"\n"):
                    line = stream.readline(MAX_LINE_BYTES)
                yield None
    except OSError as error:
        raise InputError(f"文件无法读取（{error.strerror}）") from None


def _parse(line: bytes | None) -> Any:
    if line is None:
        return None
    try:
        return json.loads(line.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
