from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from model import Analyzer, ModelError
from model.analyzer import DEFAULT_MODEL
from model.manifest import ENCODER_NAME, MANIFEST_NAME, Manifest, Probe
from model.windows import Marks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(DEFAULT_MODEL, tmp_path / "model")


def change(folder: Path, **values: object) -> None:
    path = folder / MANIFEST_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_a_saved_manifest_loads_as_it_was(folder: Path) -> None:
    manifest = Manifest.load(folder)
    manifest.save(folder)
    assert Manifest.load(folder) == manifest
    assert manifest.version.startswith("default-")


def test_one_flipped_byte_is_refused(folder: Path) -> None:
    path = folder / ENCODER_NAME
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="与清单不符"):
        Analyzer.load(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / ENCODER_NAME).unlink()
    with pytest.raises(ModelError, match=ENCODER_NAME):
        Analyzer.load(folder)


def test_another_release_is_refused(folder: Path) -> None:
    change(folder, cleaning_version=999)
    with pytest.raises(ModelError, match="另一版本"):
        Analyzer.load(folder)


def test_unknown_keys_are_refused(folder: Path) -> None:
    change(folder, extra=1)
    with pytest.raises(ModelError, match="内容不合要求"):
        Analyzer.load(folder)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="不是模型文件夹"):
        Analyzer.load(tmp_path)


def test_a_manifest_from_before_marks_and_probe_loads(folder: Path) -> None:
    path = folder / MANIFEST_NAME
    row = {k: v for k, v in json.loads(path.read_text()).items() if k not in ("marks", "probe")}
    path.write_text(json.dumps(row))
    manifest = Manifest.load(folder)
    assert (manifest.marks, manifest.probe) == (Marks(0, 1, 2), None)


def test_marks_and_probe_survive(folder: Path) -> None:
    probe = Probe(("甲", "乙"), ((0.5, -1.25), (2.0, 0.0)))
    manifest = replace(Manifest.load(folder), marks=Marks(101, 0, 102), probe=probe)
    manifest.save(folder)
    assert Manifest.load(folder) == manifest
