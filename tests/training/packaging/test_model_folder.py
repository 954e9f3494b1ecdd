"""A model keeps its reading head where its encoder's layers stay."""

from __future__ import annotations

from pathlib import Path

from model.analyzer import DEFAULT_MODEL
from model.figures.reading.reader import READER_NAME
from model.manifest import ENCODER_NAME, Manifest
from model.network import STATES, Network
from training.packaging.model_folder import copy_reader
from training.recipes.recalibrate import _copy_old, _export_anew


def test_the_head_goes_along_where_there_is_one(tmp_path: Path) -> None:
    manifest = Manifest.load(DEFAULT_MODEL)
    copy_reader(DEFAULT_MODEL, tmp_path, manifest)
    assert (tmp_path / READER_NAME).read_bytes() == (DEFAULT_MODEL / READER_NAME).read_bytes()


def test_an_encoder_that_is_exported_anew_still_gives_the_head_its_states(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    manifest = _copy_old(DEFAULT_MODEL, folder)
    assert READER_NAME in manifest.files
    _export_anew(folder, manifest.marks, tmp_path)
    assert STATES in Network.load(folder / ENCODER_NAME).outputs
