"""The manifest of a backup: which files it has, their hashes, and the names they may have."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Annotated

from annotated_types import Ge, Predicate

from model import InputError
from model.validation import ContentError, validate

MANIFEST_NAME = "yiwen-backup.json"
FORMAT = 1
MAX_MANIFEST_BYTES = 256 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAX_NAME_BYTES = 255
_DRIVE = re.compile(r"[A-Za-z]:")

Hash = Annotated[str, Predicate(lambda text: bool(_SHA256.fullmatch(text)))]
Count = Annotated[int, Ge(0)]


@dataclass(frozen=True)
class BackedUpFile:
    """One file: its size, its SHA-256, when it was changed, and whether nobody may write to it."""

    n_bytes: Count
    sha256: Hash
    mtime_ns: int
    is_read_only: bool


@dataclass(frozen=True)
class BackupManifest:
    """What a backup holds; `files` are by their paths below the home folder, with `/`."""

    made_at: str
    host: str
    files: dict[str, BackedUpFile]
    format: int = FORMAT

    def to_json(self) -> str:
        """Return it as it stands in the backup."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, content: bytes) -> BackupManifest:
        """Read the manifest of a backup.

        Raises:
            InputError: it is none, a newer release wrote it, or it names a file outside.
        """
        try:
            row = json.loads(content)
        except (ValueError, RecursionError):
            raise InputError("备份的清单读不懂，文件已损坏") from None
        found = row.get("format") if isinstance(row, dict) else None
        if isinstance(found, int) and found > FORMAT:
            raise InputError(f"备份由更新版本的医闻写成（格式 {found}），请升级医闻后再恢复")
        try:
            manifest = validate(cls, row)
        except ContentError as error:
            raise InputError(f"备份的清单读不懂（{error}），文件已损坏") from None
        for name in manifest.files:
            if not is_inside(name):
                raise InputError(f"备份里的文件名不合要求：{name!r:.80}；没有恢复")
        return manifest


def is_inside(name: str) -> bool:
    """Whether a path with `/` leads to a place below the folder it is joined to, on any system."""
    try:
        raw = name.encode()
    except UnicodeEncodeError:
        return False
    if not name or name.startswith("/") or "\\" in name or b"\0" in raw or _DRIVE.match(name):
        return False
    parts = name.split("/")
    return (
        all(part not in ("", ".", "..") and len(part.encode()) <= _MAX_NAME_BYTES for part in parts)
        and PurePosixPath(name).as_posix() == name
    )
