"""What an earlier release left on a disk opens, and goes on, with this one.

`185a404/` was written by the program of that commit: `home` by its Python API (two corrected
articles and a queue, a batch job that is done, a training whose process was gone, a user, a
registry with two tiny models), `run` by an archive run that was stopped after three articles.
"""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from data.labels.files import read_labels
from model.analyzer import DEFAULT_MODEL
from serving.archive.control import find_run, recall_note
from serving.archive.ledger.beside import lock_ledger
from serving.archive.request import ArchiveRequest, run_request
from serving.corrections.review import list_waiting
from serving.corrections.store import read_corrections, read_history, read_state, undo
from serving.home.database import open_store
from serving.home.folder import STORE_NAME
from serving.home.migrations import MIGRATIONS, StoreError, migrate
from serving.home.schema import State
from serving.home.users import is_password_of
from serving.jobs import batch_jobs, batch_worker, trainings
from serving.jobs.batch_results import read_results
from serving.registry.versions import Registry
from tests.serving.archive.quick import quick_run

RELEASE = Path(__file__).parent / "185a404"
MAX_BYTES = 200_000
NEXT = len(MIGRATIONS) + 1
ALL_NOW = list(range(1, NEXT))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    shutil.copytree(RELEASE / "home", folder)
    monkeypatch.setenv("YIWEN_HOME", str(folder))
    monkeypatch.delenv("YIWEN_DB", raising=False)
    monkeypatch.setattr(socket, "gethostname", lambda: "release")
    return folder


@pytest.fixture
def store(home: Path) -> Iterator[Engine]:
    engine = open_store(f"sqlite:///{home / STORE_NAME}")
    yield engine
    engine.dispose()


def read_version(store: Engine) -> list[int]:
    with store.connect() as connection:
        return list(connection.execute(text("SELECT number FROM migrations")).scalars())


def test_the_files_of_releases_stay_small() -> None:
    files = [path for path in RELEASE.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MAX_BYTES


def test_corrections_and_users_of_a_release_are_read_and_go_on(store: Engine) -> None:
    assert read_version(store) == ALL_NOW
    accepted, changed = read_state(store, 1), read_state(store, 2)
    assert (accepted.done, accepted.by, accepted.labelled.borderline) == (True, "李", {"alliance"})
    assert (changed.done, changed.labelled.themes) == (False, frozenset())
    assert [event.what for event in read_history(store, 1)] == ["全文·医共体：存疑", "确认全文"]
    assert [waiting.document for waiting in list_waiting(store, 10)] == [2]
    undone = undo(store, 2, changed.number, "李")
    assert undone.labelled.themes == {"alliance"}
    assert undone.labelled.figures == changed.labelled.figures
    assert [found.by for found in read_corrections(store)] == ["李"]
    assert is_password_of(store, "王", "release password")
    assert not is_password_of(store, "王", "another password")


def test_a_batch_job_of_a_release_is_read_and_done_again(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path.cwd())  # and back: a worker goes into the jobs' folders
    monkeypatch.setattr(batch_jobs, "start_worker", lambda: None)
    (job,) = batch_jobs.list_jobs(store, "王")
    assert (job.state, job.n_tagged, job.n_reposts, job.n_failed) == (State.DONE, 3, 1, 1)
    before = read_results(job)
    assert [row.id for row in before.rows] == ["n0", "n1", "n2", "a.jsonl:4"]
    batch_jobs.resume_job(store, job, model=DEFAULT_MODEL, themes={"alliance": "医共体"})
    batch_worker.work(store)
    (again,) = batch_jobs.list_jobs(store, "王")
    assert (again.state, again.n_tagged, again.n_failed, again.message) == (State.DONE, 3, 1, "")
    assert [row.id for row in read_results(again).rows] == [row.id for row in before.rows]


def test_a_training_of_a_release_is_listed_and_goes_on(
    store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainings, "start_worker", lambda _: None)
    (training,) = trainings.list_trainings(store)
    assert (training.state, training.by, training.n_labels) == (State.INTERRUPTED, "王", 10)
    labels = read_labels(training.labels, {"alliance": "医共体"})
    assert len(labels.corrections) == training.n_labels
    trainings.resume_training(store, training)
    assert trainings.find_training(store, training.id).state == State.RUNNING
    trainings.cancel_training(store, training.id)
    trainings.settle(store)
    assert trainings.find_training(store, training.id).state == State.CANCELLED


def test_a_registry_of_a_release_is_read_and_switched(home: Path) -> None:
    registry = Registry.at_home()
    names = registry.names
    assert [switch.version for switch in names.switches] == [names.previous, names.current]
    assert [version.problem for version in registry.versions()] == ["", "", ""]
    record = home / "models" / f"{names.current}.run"
    assert {version.run for version in registry.versions()} >= {record}
    assert registry.roll_back(by="李").current == names.previous
    after = registry.promote(names.current, why="再试", by="李")
    assert (after.current, len(after.switches)) == (names.current, 4)


def test_a_run_of_a_release_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(RELEASE / "run", folder)
    monkeypatch.chdir(folder)
    out = Path("out.jsonl")
    before = out.read_bytes()
    status = find_run(out)
    assert (status.state, status.inputs) == ("stopped", ("in.jsonl",))
    assert (status.counts.n_tagged, status.counts.n_reposts) == (3, 1)
    with lock_ledger(out) as ledger:
        assert list(ledger.records()) == [json.loads(line) for line in before.splitlines()]
        fingerprint, _ = ledger.get("settings")
    outcome = quick_run(Path("in.jsonl"), out, fingerprint=fingerprint)
    assert (outcome.is_finished, outcome.n_new) == (True, 5)
    assert out.read_bytes().startswith(before)
    assert len(out.read_bytes().splitlines()) == 9
    assert find_run(out).state == "done"


def test_a_run_of_a_release_is_resumed_by_what_its_ledger_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(RELEASE / "run", folder)
    monkeypatch.chdir(folder)
    out = folder / "out.jsonl"
    note = recall_note(out) | {"model": str(DEFAULT_MODEL)}  # that of the release lay elsewhere
    request = ArchiveRequest.from_note(note, out)
    assert (request.inputs, request.format, request.limit_s) == (("in.jsonl",), "jsonl", 120)
    assert run_request(request, lambda _: None).is_finished
    assert recall_note(out)["folder"] == str(folder)
    assert [json.loads(line)["id"] for line in out.read_text(encoding="utf-8").splitlines()] == [
        *(f"n{i}" for i in range(8)), "in.jsonl:9",
    ]  # fmt: skip


def add_a_column(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE documents ADD COLUMN note TEXT DEFAULT '无'"))


def test_a_migration_runs_once_on_an_old_store_and_keeps_its_rows(store: Engine) -> None:
    for _ in range(2):
        migrate(store, (*MIGRATIONS, add_a_column))
    assert read_version(store) == [*ALL_NOW, NEXT]
    with store.connect() as connection:
        rows = connection.execute(text("SELECT name, note FROM documents")).all()
    assert [tuple(row) for row in rows] == [("a0", "无"), ("a1", "无")]


def fail(connection: Connection) -> None:
    add_a_column(connection)
    raise RuntimeError


def test_a_new_store_has_the_newest_tables_and_runs_no_migration(tmp_path: Path) -> None:
    store = create_engine(f"sqlite:///{tmp_path / 'new.db'}")
    migrate(store, (*MIGRATIONS, fail))
    assert read_version(store) == [*ALL_NOW, NEXT]
    store.dispose()


def test_a_migration_that_fails_leaves_the_store_as_it_was(store: Engine) -> None:
    with pytest.raises(RuntimeError):
        migrate(store, (*MIGRATIONS, fail))
    assert read_version(store) == ALL_NOW
    migrate(store, (*MIGRATIONS, add_a_column))
    assert read_version(store) == [*ALL_NOW, NEXT]


def test_a_store_of_a_newer_release_is_refused_and_left_alone(store: Engine, home: Path) -> None:
    migrate(store, (*MIGRATIONS, add_a_column))
    store.dispose()
    before = (home / STORE_NAME).read_bytes()
    with pytest.raises(StoreError, match=f"由更新版本的医闻写成：库的版本是 {NEXT}") as caught:
        open_store()
    assert caught.value.code == "store_too_new"
    assert caught.value.fields == {"version": NEXT, "newest": NEXT - 1}
    assert (home / STORE_NAME).read_bytes() == before


@pytest.mark.usefixtures("home")
def test_many_who_open_an_old_store_at_once_migrate_it_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: open_store(), range(8)))
    assert [read_version(store) for store in stores] == [ALL_NOW] * 8
