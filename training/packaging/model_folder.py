"""The model folder: sealed with hashes, and put in place of an older one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from model import InputError
from model.figures.reading.reader import READER_NAME
from model.manifest import MANIFEST_NAME, Manifest, hash_file
from model.summary.choice.network import CHOICE_NAME
from training.packaging.model_card import CARD_NAME, make_model_card


def seal(manifest: Manifest, folder: Path) -> Manifest:
    """Write the model card, hash every file, save the manifest and load it again."""
    (folder / CARD_NAME).write_text(make_model_card(manifest), encoding="utf-8")
    files = {path.name: hash_file(path) for path in sorted(folder.iterdir())}
    sealed = replace(manifest, files=files)
    sealed.save(folder)
    return Manifest.load(folder)


def check_target(out: Path) -> None:
    """Refuse to replace anything but an older model.

    Raises:
        InputError: `out` exists and is no model folder.
    """
    if out.exists() and not (out / MANIFEST_NAME).is_file():
        raise InputError(
            f"{out} 已存在且不是模型文件夹，请换一个文件夹", code="folder_taken", folder=str(out)
        )


def copy_reader(source: Path, folder: Path, manifest: Manifest) -> None:
    """Take the heads of figures and summaries along, where the model has them.

    They read states that the encoder's layers give, so they fit as long as their weights stay.
    """
    for name in (READER_NAME, CHOICE_NAME):
        if name in manifest.files:
            shutil.copy(source / name, folder)


def replace_model(source: Path, target: Path) -> None:
    """Move a finished model to `target`; delete the older model only after that."""
    target = target.resolve()  # `.` has no name
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    old = target.with_name(f".{target.name}.old")
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.move(source, fresh)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
