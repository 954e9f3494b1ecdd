"""`.` as the folder of a model that is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.manifest import Manifest
from tests.small_model import make_model
from training.packaging.model_folder import replace_model
from training.packaging.run_folder import RunFolder


def test_the_folder_that_one_is_in_is_replaced_and_has_its_record_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = make_model(tmp_path / "old", {"alliance": "共"}, name="old")
    new = make_model(tmp_path / "scratch" / "new", {"alliance": "县"}, name="new")
    monkeypatch.chdir(old)
    assert RunFolder.beside(Path()).path == tmp_path / "old.run"
    replace_model(new, Path())
    assert Manifest.load(old).name == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old", "scratch"]
