"""The home folder and the store are their user's alone, also where an older release made them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from serving.home.database import open_store
from serving.home.folder import home_folder, jobs_folder, make_private, trainings_folder
from serving.home.users import list_users


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "yiwen"))
    monkeypatch.delenv("YIWEN_DB", raising=False)
    return tmp_path / "yiwen"


@pytest.mark.parametrize("is_old", [False, True])
def test_others_have_no_rights_to_what_is_at_home(home: Path, is_old: bool) -> None:
    if is_old:
        for folder in (home, home / "jobs", home / "trainings"):
            folder.mkdir(mode=0o755)
        (home / "yiwen.db").touch(mode=0o644)
    store = open_store()
    list_users(store)
    folders = (home_folder(), jobs_folder(), trainings_folder())
    assert [rights(folder) for folder in folders] == [0o700] * 3
    files = {path.name: rights(path) for path in home.iterdir() if path.is_file()}
    assert files == dict.fromkeys(("yiwen.db", "yiwen.db-wal", "yiwen.db-shm"), 0o600)
    store.dispose()


def test_a_folder_of_many_users_keeps_its_rights(tmp_path: Path) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    make_private(shared)
    assert rights(shared) == 0o1777


def test_a_database_elsewhere_keeps_its_rights(tmp_path: Path) -> None:
    place = tmp_path / "team.db"
    place.touch(mode=0o664)
    place.chmod(0o664)
    open_store(f"sqlite:///{place}").dispose()
    assert rights(place) == 0o664
