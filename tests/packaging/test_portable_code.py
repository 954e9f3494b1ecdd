"""What Windows lacks or does otherwise: none of it in the code but where a place is named here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from data.readers import read_file
from model import Article
from model.analyzer import DEFAULT_MODEL
from serving.archive.control import forget
from serving.archive.request import ArchiveRequest, run_request
from serving.home.database import open_store
from serving.home.folder import UPLOADS
from serving.home.schema import State
from serving.jobs import batch_jobs
from serving.jobs.batch_files import free_place
from serving.jobs.batch_worker import work
from tests.conftest import ARTICLE
from tests.packaging.portability import (
    DEVICE_NAME,
    FORBIDDEN_NAME,
    ROOT,
    find_all,
    find_in,
    find_in_names,
)

# Places that ask first, or that need not run on Windows.
ALLOWED = {
    ("data/readers/pages/parser_process.py", "import resource"): "only where it can be imported",
    ("serving/analysis/worker.py", "import resource"): "only where it can be imported",
    ("serving/archive/feed/file_reader.py", "signal.SIGALRM"): "only where there is setitimer",
    ("serving/home/folder.py", "os.getuid"): "only where there is one",
    ("serving/home/scratch.py", "os.getuid"): "only where there is one",
    ("serving/jobs/batch_worker.py", "os.nice"): "only where there is one",
    ("serving/jobs/shared_worker.py", "os.nice"): "only where there is one",
    ("serving/atlas/facts_folder.py", "a name that Windows cannot have"): "DuckDB matches it",
    ("serving/archive/control.py", "os.kill"): "on Windows it ends the run; its ledger survives",
    # A folder cannot be replaced: the target has been moved away or is new.
    ("serving/home/restore.py", ".rename()"): "of folders, to names that are free",
    ("serving/registry/versions.py", ".rename()"): "of folders, to names that are free",
    ("training/packaging/model_folder.py", ".rename()"): "of folders, to names that are free",
}
# Measurements of ours, which run on Linux.
MEASUREMENTS = ("eval/bench/", "training/experiments/")


def test_the_code_uses_nothing_that_windows_lacks() -> None:
    found = [one for one in find_all() if not one.path.startswith(MEASUREMENTS)]
    unknown = [f"{one.path}:{one.line}: {one.what}" for one in found if one.key not in ALLOWED]
    assert unknown == []
    assert set(ALLOWED) <= {one.key for one in found}  # what is gone is taken off the list


def test_no_path_in_the_repository_is_one_that_windows_cannot_have() -> None:
    assert list(find_in_names()) == []


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import fcntl", "import fcntl"),
        ("from resource import getrusage", "import resource"),
        ("import os\nos.fork()", "os.fork"),
        ("from signal import SIGKILL", "signal.SIGKILL"),
        ("path.symlink_to(other)", ".symlink_to()"),
        ("open('/tmp/a', 'rb')", "the place /tmp/a"),
        ("open(path)", "open() in the platform's encoding"),
        ("open(path, 'w')", "open() in the platform's encoding"),
        ("path.open('w')", "open() in the platform's encoding"),
        ("path.read_text()", ".read_text() in the platform's encoding"),
        ("path.write_text('a')", ".write_text() in the platform's encoding"),
        ("run(['a'], text=True)", "a process's text in the platform's encoding"),
        ("get_context()", "processes that are not spawned"),
        ("get_context('fork')", "processes that are not spawned"),
        ("folder / 'a:b'", "a name that Windows cannot have"),
        ("folder / f'{a}?{b}'", "a name that Windows cannot have"),
        ("folder / f'{a}.'", "a name that Windows cannot have"),
        ("folder / f'{now.isoformat()}.txt'", "a name that Windows cannot have"),
        ("folder / 'con.txt'", "a name that Windows cannot have"),
    ],
)
def test_what_is_found(tmp_path: Path, code: str, what: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(code, encoding="utf-8")
    assert what in [finding.what for finding in find_in(path)]


@pytest.mark.parametrize(
    "code",
    ["open(path, 'rb')", "open(path, encoding='utf-8')", "path.open('wb')", "get_context('spawn')",
     "path.write_text('a', 'utf-8')", "'about /tmp'", "archive.open(name)", "folder / f'{a:02}.b'",
     "folder / 'a' / f'{name}.txt'"],
)  # fmt: skip
def test_what_is_not_found(tmp_path: Path, code: str) -> None:
    path = tmp_path / "a.py"
    path.write_text(code, encoding="utf-8")
    assert list(find_in(path)) == []


OPEN_FILES = Path("/proc/self/fd")


def list_open() -> set[str]:
    names = set()
    for descriptor in OPEN_FILES.iterdir():
        with suppress(OSError):  # closed since
            names.add(str(descriptor.readlink()))
    return names


def refuse_open(call: Callable[..., Any], n_paths: int) -> Callable[..., Any]:
    """Return a call that refuses open files; those by a folder's descriptor are let pass."""

    def checked(*arguments: Any, **options: Any) -> Any:
        paths = () if options else arguments[:n_paths]
        opened = list_open() if paths else set()
        for path in paths:
            if os.path.realpath(path) in opened:
                raise PermissionError(13, "in use", str(path))
        return call(*arguments, **options)

    return checked


@pytest.fixture
def windows_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse to delete, move or replace a file that this process has open, as Windows does."""
    if not OPEN_FILES.is_dir():
        pytest.skip("no list of open files")
    for name, n_paths in (("unlink", 1), ("remove", 1), ("replace", 2), ("rename", 2)):
        monkeypatch.setattr(os, name, refuse_open(getattr(os, name), n_paths))


@pytest.mark.usefixtures("windows_files")
def test_the_shim_refuses_open_files(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("w", encoding="utf-8"), pytest.raises(PermissionError):
        path.unlink()
    other = tmp_path / "b.txt"
    other.touch()
    with path.open(encoding="utf-8"), pytest.raises(PermissionError):
        other.replace(path)
    path.unlink()


@pytest.mark.usefixtures("windows_files")
@pytest.mark.parametrize("format", ["jsonl", "csv", "xlsx", "parquet"])
def test_an_archive_run_deletes_and_replaces_no_open_file(tmp_path: Path, format: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(ARTICLE, encoding="utf-8")
    out = tmp_path / f"out.{format}"
    request = ArchiveRequest((str(folder),), out, DEFAULT_MODEL, format)
    assert run_request(request, lambda _: None).counts.n_tagged == 1
    (folder / "b.txt").write_text(ARTICLE.replace("83", "84") * 2, encoding="utf-8")
    assert run_request(request, lambda _: None).counts.n_tagged == 2
    forget(out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", out.name]


@pytest.mark.usefixtures("windows_files")
def test_a_job_of_the_page_deletes_and_replaces_no_open_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("YIWEN_DB", raising=False)
    monkeypatch.setattr(batch_jobs, "start_worker", lambda: None)
    before = Path.cwd()
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    store = open_store()
    try:
        job = batch_jobs.add_job(store, "", [path], model=DEFAULT_MODEL, themes={})
        work(store)
        done = batch_jobs.find_job(store, "", job.id)
        assert (done.state, done.n_tagged) == (State.DONE, 1)
        batch_jobs.delete_job(store, done)
        assert not done.folder.exists()
    finally:
        os.chdir(before)
        store.dispose()


@pytest.mark.parametrize(
    "name",
    ["a:b.txt", "con.txt", "NUL", "Com1.tar.txt", 'a"b?.txt', "a.txt.", "a .txt ", "长" * 300],
)
def test_an_uploaded_file_gets_a_name_that_windows_takes(tmp_path: Path, name: str) -> None:
    place = free_place(tmp_path, name)
    assert place.parent == tmp_path
    assert not FORBIDDEN_NAME.search(place.name)
    assert not DEVICE_NAME.fullmatch(place.name)
    assert len(place.name.encode()) <= 255


def test_a_console_of_chinese_windows_shows_any_message(tmp_path: Path) -> None:
    path = tmp_path / "𠮷😀.xyz"
    path.write_bytes(b"x")
    out = tmp_path / "o.csv"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "serving.cli", "tag", str(path), "-o", str(out)],
        capture_output=True, cwd=ROOT, check=False,
        env={**os.environ, "PYTHONIOENCODING": "cp936", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert b"Traceback" not in done.stderr


def test_lines_of_windows_are_read_as_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(ARTICLE.replace("\n", "\r\n").encode("gb18030"))
    (article,) = read_file(path, path.name)
    assert isinstance(article, Article)
    assert article.text == Article.from_raw(ARTICLE).text


def test_the_longest_file_of_a_job_has_room_below_a_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows takes 260 characters; `C:\\Users\\NAME\\.yiwen` takes some 40 of them."""
    home = tmp_path / "home"
    monkeypatch.setenv("YIWEN_HOME", str(home))
    monkeypatch.delenv("YIWEN_DB", raising=False)
    monkeypatch.setattr(batch_jobs, "start_worker", lambda: None)
    path = tmp_path / f"{'a' * 240}.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    store = open_store()
    job = batch_jobs.add_job(store, "", [path], model=DEFAULT_MODEL, themes={})
    store.dispose()
    (taken,) = (job.folder / UPLOADS).iterdir()
    assert len(str(taken.relative_to(home))) <= 200
