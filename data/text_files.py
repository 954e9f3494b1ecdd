"""Reading the project's own text files, with errors that name the file."""

from __future__ import annotations

from pathlib import Path

from model import InputError


def read_text(path: Path) -> str:
    """Read a UTF-8 file.

    Raises:
        InputError: it cannot be read or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} 不是 UTF-8 编码，请另存为 UTF-8") from None
    except OSError as error:
        raise InputError(f"{path} 无法读取：{error.strerror}") from None
