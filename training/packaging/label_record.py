"""The record of the labels that a model learned from, in its run folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from data.labels.user import LabelFile, hash_labels
from data.themes import ThemeEntry, read_themes
from model.validation import validate
from training.packaging.names import LABEL_FILES_NAME, RUN_SUFFIX


@dataclass(frozen=True)
class LabelRecord:
    """Users' label files, the names of the themes that they may name, by key, and how to read them.

    `is_complete` is that of `data.labels.user.read_user_labels`.
    """

    files: tuple[LabelFile, ...]
    themes: dict[str, str]
    is_complete: bool = False

    @classmethod
    def beside(cls, model: Path) -> LabelRecord | None:
        """Read the record of a model folder; None where there is none that can be read."""
        model = model.resolve()  # `.` has no name
        path = model.with_name(model.name + RUN_SUFFIX) / LABEL_FILES_NAME
        try:
            return validate(cls, json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError):  # a ContentError is a ValueError
            return None

    def save(self, run: Path) -> None:
        """Write the record into a run folder."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"
        (run / LABEL_FILES_NAME).write_text(text, encoding="utf-8")

    @property
    def paths(self) -> list[Path]:
        """Where the files lie."""
        return [Path(file.path) for file in self.files]

    def find_changes(self) -> list[str]:
        """Return what became of the files that are not as they were, in Chinese; none: []."""
        return [f"{file.path} {state}" for file in self.files if (state := _look(file))]


def list_entries(names: Mapping[str, str], record: LabelRecord | None) -> Sequence[ThemeEntry]:
    """Return the themes that labels may name: ours, a model's, and those of its record.

    Args:
        names: name of each of the model's themes, by key.
        record: the record of its labels.
    """
    entries = {entry.key: entry for entry in read_themes()}
    for key, name in {**(record.themes if record else {}), **names}.items():
        entries.setdefault(key, ThemeEntry(key, name, name))
    return list(entries.values())


def _look(file: LabelFile) -> str:
    path = Path(file.path)
    try:
        return "" if hash_labels(path) == file.sha256 else "改动过"
    except OSError:
        return "不在了，或读不出"
