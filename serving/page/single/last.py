"""The last article of each person: the page shows it again after a refresh and a restart."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from time import time

from model.validation import ContentError, validate

KEEP_S = 30 * 24 * 3600
MAX_CHARS = 500_000
_KEY_CHARS = 32


@dataclass(frozen=True)
class LastArticle:
    """The text as it was in the box, what was written above the result, and the summary length."""

    text: str
    title: str
    date: str
    source: str
    place: str
    n_chars: int


@dataclass(frozen=True)
class LastArticles:
    """Keeps one article a person as a file in a folder; those of long ago are removed."""

    folder: Path

    def keep(self, owner: str, article: LastArticle) -> None:
        """Keep an article in the place of the one before; a full disk keeps none."""
        if len(article.text) > MAX_CHARS:
            self.forget(owner)
            return
        self._sweep()
        path = self._path(owner)
        fresh = path.with_suffix(f".{os.getpid()}.new")
        with suppress(OSError):
            fresh.write_text(json.dumps(asdict(article), ensure_ascii=False), encoding="utf-8")
            fresh.chmod(0o600)
            fresh.replace(path)

    def find(self, owner: str) -> LastArticle | None:
        """Return the person's last article; None where there is none or its file is damaged."""
        try:
            return validate(LastArticle, json.loads(self._path(owner).read_bytes()))
        except (OSError, ValueError, ContentError):
            return None

    def forget(self, owner: str) -> None:
        """Remove the person's article."""
        self._path(owner).unlink(missing_ok=True)

    def _path(self, owner: str) -> Path:
        return self.folder / f"{sha256(owner.encode()).hexdigest()[:_KEY_CHARS]}.json"

    def _sweep(self) -> None:
        oldest = time() - KEEP_S
        for path in self.folder.iterdir():
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
