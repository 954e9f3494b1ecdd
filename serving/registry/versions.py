"""The registry of models: a folder of versions that never change, and which of them is in use.

    models/
      default-3f2a91/        a model folder; its manifest holds the hash of every file
      default-3f2a91.run/    the record of its training, where there was one beside it
      names.json             which version is `current`, which was `previous`, and why

A version is copied beside the others, checked, and renamed into place; `names.json` is replaced in
one step. So a kill at any point leaves the model in use as it was. While nothing was promoted, the
model that Yiwen ships is in use; it is named `default` here and stays whatever becomes of the rest.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock

from model import Analyzer, InputError, ModelError
from model.analyzer import DEFAULT_MODEL
from model.manifest import MANIFEST_NAME, Manifest, is_plain_name
from model.validation import ContentError, validate
from serving.codes import NAMES_DAMAGED
from serving.home.folder import LOCK_NAME, NAMES_FILE, models_path
from training.packaging.names import CHECKPOINT_NAME, RUN_SUFFIX

SHIPPED = "default"
CURRENT, PREVIOUS = "current", "previous"
_LOCK_S = 30
_SCRATCH = ".new-"
_UNWANTED = shutil.ignore_patterns(f"{Path(CHECKPOINT_NAME).stem}*")
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Switch:
    """One change of the model in use: from which version to which, when, why and by whom.

    `verdict` is the gate's, None where it was not asked.
    """

    at: str
    version: str
    before: str
    why: str = ""
    by: str = ""
    verdict: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Names:
    """The version in use, the one before it (empty: none), and every switch, the oldest first."""

    current: str = SHIPPED
    previous: str = ""
    switches: tuple[Switch, ...] = ()


@dataclass(frozen=True)
class Version:
    """One version: its name here, its folder, and its manifest or why it cannot be used."""

    name: str
    folder: Path
    manifest: Manifest | None
    problem: str = ""

    @property
    def run(self) -> Path:
        """The record of its training; it may not be there."""
        return self.folder.with_name(self.folder.name + RUN_SUFFIX)

    @property
    def mean_f1(self) -> str:
        """Mean F1 of its themes on its held-out articles, as its manifest says; empty: unknown."""
        metrics = self.manifest.metrics if self.manifest else {}
        decisions = metrics.get("decisions")
        rows = decisions.values() if isinstance(decisions, dict) else ()
        values = [row.get("f1") if isinstance(row, dict) else None for row in rows]
        is_known = bool(values) and all(isinstance(value, float) for value in values)
        return f"{sum(filter(None, values)) / len(values):.3f}" if is_known else ""


@dataclass(frozen=True)
class Registry:
    """The registry in a folder."""

    folder: Path
    shipped: Path = field(default=DEFAULT_MODEL)

    @classmethod
    def at_home(cls) -> Registry:
        """Return the registry in the home folder."""
        return cls(models_path())

    @property
    def names(self) -> Names:
        """Which versions are in use and were.

        Raises:
            ModelError: the file that says so is damaged.
        """
        try:
            return _parse_names(self._names_file.read_bytes())
        except FileNotFoundError:
            return Names()
        except ContentError as error:
            raise ModelError(
                f"{self._names_file} 读不懂（{error}）：请删去它，自带的模型即重新启用",
                code=NAMES_DAMAGED,
            ) from None

    def stamp(self) -> Stamp | None:
        """Return what changes whenever the model in use does; reading it costs microseconds."""
        try:
            status = self._names_file.stat()
        except FileNotFoundError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size

    def resolve(self, name: str) -> str:
        """Return the version that `current` or `previous` stands for, any other name as it is."""
        names = self.names
        return {CURRENT: names.current, PREVIOUS: names.previous}.get(name, name)

    def find(self, name: str) -> Path:
        """Return the folder of a version, or of what `current` or `previous` stands for.

        Raises:
            InputError: there is no such version.
        """
        name = self.resolve(name)
        if name == SHIPPED:
            return self.shipped
        if not is_plain_name(name) or not (self.folder / name / MANIFEST_NAME).is_file():
            known = "、".join(version.name for version in self.versions())
            raise InputError(f"没有模型 {name or '（空）'}；现有：{known}")
        return self.folder / name

    def versions(self) -> list[Version]:
        """Return every version, that of Yiwen first; hashes are checked by `verify` alone."""
        folders = sorted(path.parent for path in self.folder.glob(f"*/{MANIFEST_NAME}"))
        own = (_look(path.name, path) for path in folders if not path.name.startswith("."))
        return [_look(SHIPPED, self.shipped), *own]

    def verify(self, name: str) -> Manifest:
        """Check every file of a version against its hash, and that it is what its name says.

        Raises:
            InputError: there is no such version.
            ModelError: it was changed, or belongs to another release.
        """
        folder = self.find(name)
        manifest = Manifest.load(folder)
        if folder != self.shipped and manifest.version != folder.name:
            raise ModelError(f"{folder} 的清单被改动过：它是 {manifest.version}，请重新取得")
        return manifest

    def add(self, source: Path) -> str:
        """Copy a model folder in, with the record of its training; return its name.

        Nothing is in use by that. A version that is there already stays as it is.

        Raises:
            ModelError: it is no model, is damaged, belongs to another release, or computes
                something else altogether on this machine.
        """
        name = Analyzer.load(source).manifest.version
        if name == Manifest.read(self.shipped).version:
            return SHIPPED
        with self._lock():
            if (self.folder / name).exists():
                self.verify(name)
            else:
                self._copy_in(source, name)
        return name

    def promote(
        self, name: str, *, why: str = "", by: str = "", verdict: Mapping[str, Any] | None = None
    ) -> Names:
        """Put a version to use.

        Args:
            name: the version, or what stands for it; it is checked before.
            why: the reason that a person gives.
            by: that person.
            verdict: the gate's, if it was asked.

        Raises:
            InputError: there is no such version, or it is in use already.
            ModelError: it was changed or belongs to another release.
        """
        with self._lock():
            name = self.resolve(name)
            self.verify(name)
            before = self.names
            if name == before.current:
                raise InputError(f"{name} 已经在使用")
            return self._switch(name, before, why, by, verdict)

    def roll_back(self, *, why: str = "", by: str = "") -> Names:
        """Put the version to use that was before; what was in use becomes the previous one.

        Raises:
            InputError: nothing was in use before.
            ModelError: that version was changed or belongs to another release.
        """
        with self._lock():
            before = self.names
            if not before.previous:
                raise InputError("没有可退回的模型：还没有换过模型")
            self.verify(before.previous)
            return self._switch(before.previous, before, why or "退回", by, None)

    def _copy_in(self, source: Path, name: str) -> None:
        for leftover in self.folder.glob(f"{_SCRATCH}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=self.folder) as scratch:
            fresh, record = Path(scratch) / name, Path(scratch) / RUN_SUFFIX
            _copy_model(source, fresh)
            if Manifest.read(fresh).version != name:
                raise ModelError(f"{source} 在登记时被改动，请等它写完再登记")
            place = source.resolve()  # `.` has no name
            if (beside := place.with_name(place.name + RUN_SUFFIX)).is_dir():
                _refuse_odd_files(beside)
                shutil.copytree(beside, record, symlinks=True, ignore=_UNWANTED)
                target = self.folder / (name + RUN_SUFFIX)
                shutil.rmtree(target, ignore_errors=True)
                record.rename(target)
            fresh.rename(self.folder / name)

    @property
    def _names_file(self) -> Path:
        return self.folder / NAMES_FILE

    def _lock(self) -> FileLock:
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / LOCK_NAME, timeout=_LOCK_S)

    def _switch(
        self, name: str, before: Names, why: str, by: str, verdict: Mapping[str, Any] | None
    ) -> Names:
        at = datetime.now().astimezone().isoformat(timespec="seconds")
        switch = Switch(at, name, before.current, why, by, verdict)
        after = replace(
            before, current=name, previous=before.current, switches=(*before.switches, switch)
        )
        text = json.dumps(asdict(after), ensure_ascii=False, indent=1) + "\n"
        fresh = self._names_file.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self._names_file)
        return after


def _parse_names(content: bytes) -> Names:
    """Read `names.json`.

    Raises:
        ContentError: it says something that it never would.
    """
    try:
        row = json.loads(content)
        names = validate(Names, {key: row[key] for key in (CURRENT, PREVIOUS, "switches")})
    except ContentError:
        raise
    except (ValueError, RecursionError, TypeError, KeyError) as error:
        raise ContentError(f"{error!s:.80}") from None
    for name in (names.current, names.previous or SHIPPED):
        if not is_plain_name(name):
            raise ContentError(f"应为模型的版本名，实为 {name!r:.60}")
    return names


def _refuse_odd_files(record: Path) -> None:
    """Refuse a record with anything but files and folders, which could bring in what lies outside.

    Raises:
        ModelError: as said.
    """
    for path in (record, *sorted(record.rglob("*"))):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise ModelError(
                f"训练记录里的 {path} 是链接或特殊文件，没有登记：请换成文件本身，或移走它",
                code="model_damaged", file=path.name,
            )  # fmt: skip


def _look(name: str, folder: Path) -> Version:
    """Read a version's manifest without checking its files."""
    try:
        return Version(name, folder, Manifest.read(folder))
    except ModelError as error:
        return Version(name, folder, None, str(error))


def _copy_model(source: Path, target: Path) -> None:
    """Copy what the manifest names, and check the copy."""
    target.mkdir()
    for name in (*Manifest.read(source).files, MANIFEST_NAME):
        shutil.copyfile(source / name, target / name)
        (target / name).chmod(0o444)
    Manifest.load(target)
