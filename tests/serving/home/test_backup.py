"""Backup and restore of the home folder, in use and killed."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from model import InputError
from serving.archive.control import find_run
from serving.cli.advice import explain
from serving.home.backup import back_up
from serving.home.backup_manifest import MANIFEST_NAME, is_inside
from serving.home.database import open_store
from serving.home.restore import restore
from serving.home.users import add_user, list_users
from serving.jobs.batch_jobs import LIFE
from serving.registry.versions import Registry
from tests.serving.archive.archives import ENVIRONMENT, QUICK, tell, wait_until, write_rows
from tests.serving.archive.quick import quick_run
from tests.small_model import make_model

ROOT = Path(__file__).parents[3]


def show(n_done: int, n_all: int) -> None:
    assert 0 <= n_done <= n_all


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("YIWEN_DB", raising=False)
    store = open_store()
    add_user(store, "王", "a password")
    store.dispose()
    registry = Registry.at_home()
    name = registry.add(make_model(tmp_path / "m", {"alliance": "共"}, name="m"))
    registry.promote(name)
    job = tmp_path / "home" / "jobs" / "abc" / "上传"
    job.mkdir(parents=True)
    (job / "一、报道.txt").write_text(tell(1), encoding="utf-8")
    return tmp_path / "home"


def contents(folder: Path) -> dict[str, bytes]:
    unwanted = (".lock", "-wal", "-shm")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(unwanted)
    }


def test_a_backup_restores_what_there_was_and_keeps_what_there_is(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "yiwen.zip"
    before = contents(home)
    made = back_up(file, show)
    assert (made.n_files, made.left_out) == (len(before), ())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    store = open_store()
    add_user(store, "李", "a password")
    store.dispose()
    restored = restore(file, show)
    assert restored.kept is not None
    after = contents(home)
    assert after.keys() == before.keys()
    assert {k: v for k, v in after.items() if k != "yiwen.db"} == {
        k: v for k, v in before.items() if k != "yiwen.db"
    }
    store = open_store()
    assert [user.name for user in list_users(store)] == ["王"]
    store.dispose()
    with closing(sqlite3.connect(restored.kept / "yiwen.db")) as old:
        assert old.execute("SELECT count(*) FROM page_user").fetchone() == (2,)
    assert Registry.at_home().verify("current").name == "m"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) & 0o077 for p in home.rglob("*")} == {0}


def test_a_home_that_is_not_there_is_restored(home: Path, tmp_path: Path) -> None:
    back_up(tmp_path / "b.zip", show)
    shutil.rmtree(home)
    assert restore(tmp_path / "b.zip", show).kept is None
    assert Registry.at_home().verify("current").name == "m"


def test_files_are_not_written_over_without_force_nor_into_the_home(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "b.zip"
    file.write_text("mine")
    with pytest.raises(InputError, match="已经存在") as caught:
        back_up(file, show)
    assert "--force" in explain(caught.value)
    assert file.read_text() == "mine"
    back_up(file, show, is_forced=True)
    assert zipfile.is_zipfile(file)
    with pytest.raises(InputError, match="不能放在要备份的文件夹"):
        back_up(home / "b.zip", show)
    with pytest.raises(InputError, match="没有文件夹"):
        back_up(tmp_path / "none" / "b.zip", show)


def test_links_at_home_are_not_followed(home: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of another user")
    (home / "jobs" / "link").symlink_to(tmp_path / "secret")
    (home / "jobs" / "folder").symlink_to(tmp_path)
    back_up(tmp_path / "b.zip", show)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert not [name for name in archive.namelist() if "link" in name or "secret" in name]


def rewrite(file: Path, change: str) -> None:
    """Write a backup anew with something wrong in it."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members[MANIFEST_NAME])
    name = "models/names.json"
    match change:
        case "content":
            members[name] = members[name].replace(b"m", b"n")
        case "missing":
            del members[name]
        case "more":
            members["more.txt"] = b"x"
        case "outside" | "absolute":
            path = "../outside" if change == "outside" else "/tmp/outside"
            members[path] = members.pop(name)
            manifest["files"][path] = manifest["files"].pop(name)
        case "newer":
            manifest["format"] = 2
        case "odd":
            manifest["files"] = []
    members[MANIFEST_NAME] = json.dumps(manifest).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for each, content in members.items():
            info = zipfile.ZipInfo(each)
            kind = stat.S_IFLNK if change == "link" and each == name else stat.S_IFREG
            info.external_attr = (kind | 0o600) << 16
            archive.writestr(info, content)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("content", "与清单不符"), ("missing", "缺少"), ("more", "清单之外"), ("link", "链接"),
        ("outside", "文件名不合要求"), ("absolute", "文件名不合要求"), ("newer", "请升级医闻"),
        ("odd", "读不懂"),
    ],
)  # fmt: skip
def test_a_backup_that_was_changed_is_refused_and_nothing_is_touched(
    home: Path, tmp_path: Path, change: str, message: str
) -> None:
    file = tmp_path / "b.zip"
    back_up(file, show)
    rewrite(file, change)
    before = contents(home)
    with pytest.raises(InputError, match=message):
        restore(file, show)
    assert contents(home) == before
    assert not [path for path in tmp_path.iterdir() if "outside" in path.name]
    assert not [path for path in tmp_path.iterdir() if ".bak" in path.name]
    assert not (tmp_path / "home.restore").exists()


def test_whatever_byte_of_a_backup_is_damaged_nothing_is_touched(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "b.zip"
    back_up(file, show)
    sound = file.read_bytes()
    before, dice = contents(home), random.Random(1)
    n_refused = 0
    for _ in range(60):
        content = bytearray(sound)
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        file.write_bytes(content)
        try:
            kept = restore(file, show).kept
        except InputError:
            n_refused += 1
            assert contents(home) == before
        else:  # a bit that says nothing, such as a date
            assert contents(home).keys() == before.keys()
            assert kept is not None
            shutil.rmtree(kept)
            before = contents(home)
    assert n_refused > 30


@pytest.mark.parametrize("content", [b"", b"no zip" * 100])
def test_what_is_no_backup_is_refused(home: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    with pytest.raises(InputError):
        restore(tmp_path / "b.zip", show)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(InputError, match="不是医闻的备份"):
        restore(tmp_path / "b.zip", show)
    with pytest.raises(InputError, match="没有做成"):
        restore(tmp_path / "none.zip", show)
    assert home.exists()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a", True), ("a/b.txt", True), ("jobs/x/上传/a: b?.txt", True), ("", False), ("/a", False),
        ("../a", False), ("a/../b", False), ("a//b", False), ("./a", False), ("a/.", False),
        ("a\\b", False), ("C:a", False), ("a\0", False), ("\ud800", False), ("a" * 256, False),
    ],
)  # fmt: skip
def test_names_inside(name: str, expected: bool) -> None:
    assert is_inside(name) == expected


@pytest.mark.usefixtures("home")
def test_a_home_in_use_is_not_restored(tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    back_up(file, show)
    program = "import time; from serving.home.database import open_store; s = open_store(); " \
        "print('open', flush=True); time.sleep(60)"  # fmt: skip
    page = subprocess.Popen(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert page.stdout is not None
    page.stdout.readline()
    with pytest.raises(InputError, match="正在使用"):
        restore(file, show)
    back_up(file, show, is_forced=True)
    page.kill()
    page.wait()
    page.stdout.close()
    with LIFE.lock(), pytest.raises(InputError, match="正在使用"):
        restore(file, show)
    restore(file, show)


def has_bytes(path: Path, n_bytes: int) -> bool:
    return path.exists() and path.stat().st_size >= n_bytes


def test_a_run_that_is_backed_up_on_its_way_goes_on_after_the_restore(
    home: Path, tmp_path: Path
) -> None:
    rows = write_rows(tmp_path / "in.jsonl", [tell(i) for i in range(400)])
    quick_run(rows, tmp_path / "expected.jsonl")
    job = home / "jobs" / "abc"
    out = job / "result.jsonl"
    for number in range(3):
        process = subprocess.Popen([*QUICK, rows, out], env=ENVIRONMENT)
        more = 1 + (out.stat().st_size if out.exists() else 0)
        wait_until(partial(has_bytes, out, more))
        back_up(tmp_path / f"{number}.zip", show)
        process.kill()
        process.wait()
    for number in (0, 2):
        restore(tmp_path / f"{number}.zip", show)
        assert find_run(out).counts.n_tagged < 400
        quick_run(rows, out)
        assert out.read_bytes() == (tmp_path / "expected.jsonl").read_bytes()


RUN = "import sys; from pathlib import Path; from serving.home.{room} import {name}; " \
    "{name}(Path(sys.argv[1]), lambda *_: None)"  # fmt: skip


def kill(room: str, name: str, file: Path, later_s: float) -> None:
    command = [sys.executable, "-c", RUN.format(room=room, name=name), file]
    process = subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )
    time.sleep(later_s)
    process.kill()
    assert process.wait() in (0, 1, -signal.SIGKILL)


def test_a_kill_leaves_a_whole_backup_or_none_and_a_whole_home(home: Path, tmp_path: Path) -> None:
    """A few kills here; `python -m eval.bench.kills` does many."""
    (home / "jobs" / "abc" / "large").write_bytes(random.Random(1).randbytes(40_000_000))
    file, dice = tmp_path / "b.zip", random.Random(2)
    for _ in range(4):
        kill("backup", "back_up", file, dice.uniform(0.3, 1.5))
        if file.exists():
            restore(file, show)
            file.unlink()
    back_up(file, show)
    for _ in range(4):
        before = contents(home)
        kill("restore", "restore", file, dice.uniform(0.3, 1.5))
        kept = sorted(tmp_path.glob("home.bak-*"))
        assert home.exists() or kept
        assert contents(home if home.exists() else kept[-1]).keys() == before.keys()
    restore(file, show)
    assert Registry.at_home().verify("current").name == "m"
    assert not list(tmp_path.glob(".*.part"))


def test_the_commands_say_what_they_did_and_where_the_old_home_is(
    home: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "serving.cli"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def call(*arguments: str) -> str:
        done = subprocess.run(
            [*command, *arguments], cwd=tmp_path, env=environment, capture_output=True, check=False
        )
        return done.stderr.decode()

    assert "已备份 6 个文件" in call("backup", "b.zip")
    assert "已经存在；请换一个文件名，或用 --force 换掉它" in call("backup", "b.zip")
    said = call("restore", "b.zip")
    (kept,) = tmp_path.glob("home.bak-*")
    assert f"原来的在 {kept}" in said
    assert home.exists()
