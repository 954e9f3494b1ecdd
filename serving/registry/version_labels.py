"""Names and notes that people give to versions of the model; a version's own name never changes.

They lie in `labels.json` beside `names.json`, apart from it, so that a note loads no model anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from filelock import FileLock

from model import InputError
from model.validation import ContentError, validate
from serving.home.folder import LOCK_NAME
from serving.registry.versions import SHIPPED, Registry

LABELS_FILE = "labels.json"
_MAX_TITLE, _MAX_NOTE = 30, 300
_LOCK_S = 30


@dataclass(frozen=True)
class VersionLabel:
    """What people call a version, and their note on it; both may be empty."""

    title: str = ""
    note: str = ""


def read_version_labels(registry: Registry) -> Mapping[str, VersionLabel]:
    """Return the labels by version; a damaged file has none."""
    try:
        rows = json.loads((registry.folder / LABELS_FILE).read_bytes())
        return {str(name): validate(VersionLabel, row) for name, row in rows.items()}
    except (OSError, ValueError, ContentError, RecursionError, AttributeError):
        return {}


def label_version(registry: Registry, name: str, title: str, note: str) -> None:
    """Give a version a name and a note; empty ones are taken off.

    Raises:
        InputError: there is no such version, or one of both is too long.
    """
    registry.find(name)
    label = VersionLabel(" ".join(title.split()), note.strip())
    if len(label.title) > _MAX_TITLE or len(label.note) > _MAX_NOTE:
        raise InputError(f"名称最多 {_MAX_TITLE} 字，备注最多 {_MAX_NOTE} 字")
    registry.folder.mkdir(parents=True, exist_ok=True)
    path = registry.folder / LABELS_FILE
    with FileLock(registry.folder / LOCK_NAME, timeout=_LOCK_S):
        labels = {**read_version_labels(registry), registry.resolve(name): label}
        kept = {key: asdict(one) for key, one in labels.items() if one != VersionLabel()}
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        fresh.replace(path)


def title_of_model(registry: Registry, model: str) -> str:
    """Return what people call the model that a report names, else its version."""
    labels = read_version_labels(registry)
    if model not in labels and SHIPPED in labels:
        shipped = next(v for v in registry.versions() if v.name == SHIPPED).manifest
        model = SHIPPED if shipped and shipped.version == model else model
    label = labels.get(model)
    return f"{label.title}（{model}）" if label and label.title else model
