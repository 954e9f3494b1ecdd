"""Batch jobs: what is taken, one at a time, killed, cancelled and deleted ones, and results."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from model import InputError
from model.analyzer import DEFAULT_MODEL
from serving.archive.ledger.entries import LineCounts
from serving.archive.run import Outcome, Progress
from serving.home.database import open_store
from serving.home.folder import UPLOADS, jobs_folder
from serving.home.schema import BatchJob, State
from serving.jobs import batch_files, batch_worker, lifecycle
from serving.jobs import batch_jobs as jobs
from serving.jobs.batch_jobs import add_job, find_job, list_jobs, look_after
from serving.jobs.batch_results import (
    NO_THEME,
    RowFilter,
    read_record,
    read_results,
    read_unsure,
    save_results,
)
from serving.library.articles import ArticleFilter, list_articles
from serving.page.batch.view import show_counts, show_jobs, show_table
from tests.conftest import ARTICLE

ROOT = Path(__file__).parents[3]
WAIT_S = 90
NAMES = {"alliance": "医共体", "smart": "智慧医疗"}
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A store of its own, where nothing is done before a test has it done."""
    monkeypatch.setenv("YIWEN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("YIWEN_DB", raising=False)
    monkeypatch.setattr(jobs, "start_worker", lambda: None)
    engine = open_store()
    yield engine
    engine.dispose()


def write(path: Path, text: str = ARTICLE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def add(store: Engine, *files: Path, owner: str = "", name: str = "") -> BatchJob:
    return add_job(store, owner, files, model=DEFAULT_MODEL, themes=NAMES, name=name)


def work() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "serving.jobs.batch_worker"]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_job_holds_what_can_be_read_under_harmless_names(store: Engine, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for name in ("1.txt", "2.txt", "sub/3.docx", "photo.png"):
            archive.writestr(name, ARTICLE)
    lines = write(tmp_path / "c.jsonl", '{"id": 1}\n{"id": 2}\n')
    same = [write(tmp_path / folder / "a.txt") for folder in ("x", "y")]
    job = add(store, *same, tmp_path / "b.zip", lines, write(tmp_path / "d.exe"))
    uploads = job.folder / UPLOADS
    assert sorted(path.name for path in uploads.iterdir()) == [
        "a.txt", "a（2）.txt", "b.zip", "c.jsonl"
    ]  # fmt: skip
    assert (job.n_expected, job.n_files) == (2 + 3 + 2, 4)
    assert "d.exe" in job.message
    for name in ("../../x.txt", "..\\..\\x.txt", "/etc/x.txt", "\0\n.txt"):
        assert batch_files.free_place(uploads, name).parent == uploads


def test_what_cannot_be_taken_is_refused_and_leaves_nothing(
    store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [write(tmp_path / f"{i}.txt") for i in range(3)]
    with pytest.raises(InputError, match="还没有选文件"):
        add(store)
    with pytest.raises(InputError, match="格式读不了"):
        add(store, write(tmp_path / "x.exe"))
    monkeypatch.setattr(batch_files, "MAX_FILES", 2)
    with pytest.raises(InputError, match="最多 2 个文件"):
        add(store, *files)
    monkeypatch.setattr(batch_files, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="MB"):
        add(store, files[0])
    assert list_jobs(store, "") == []
    assert list(jobs_folder().glob("*/")) == []


def test_a_person_has_their_own_jobs_only(store: Engine, tmp_path: Path) -> None:
    job = add(store, write(tmp_path / "a.txt"), owner="li")
    assert [j.id for j in list_jobs(store, "li")] == [job.id]
    assert list_jobs(store, "wang") == []
    with pytest.raises(InputError, match="没有这个任务"):
        find_job(store, "wang", job.id)


def test_jobs_are_done_one_by_one_and_survive_a_kill(store: Engine, tmp_path: Path) -> None:
    rows = "".join(
        json.dumps({"id": i, "text": f"{ARTICLE}第{i}天。"}, ensure_ascii=False) + "\n"
        for i in range(300)
    )
    first, second = (add(store, write(tmp_path / f"{i}.jsonl", rows)) for i in range(2))

    def states() -> list[str]:
        return [jobs.LIFE.state_of(store, job.id) or "gone" for job in (first, second)]

    with work() as process:
        wait_until(lambda: states()[0] == State.RUNNING and first.result.exists())
        look_after(store)
        assert states() == [State.RUNNING, State.QUEUED]
        process.kill()
    wait_until(lambda: not look_after(store) and states()[0] != State.RUNNING)
    assert states() == [State.INTERRUPTED, State.QUEUED]
    jobs.resume_job(store, find_job(store, "", first.id), model=DEFAULT_MODEL, themes=NAMES)
    assert states() == [State.QUEUED, State.QUEUED]
    with work() as process:
        wait_until(lambda: states()[0] == State.RUNNING)
        jobs.cancel_job(store, find_job(store, "", first.id))
        wait_until(lambda: states()[1] == State.RUNNING)
        assert states()[0] == State.CANCELLED
        jobs.delete_job(store, find_job(store, "", second.id))
        assert [job.id for job in list_jobs(store, "")] == [first.id]
        assert process.wait(WAIT_S) == 0
    assert states() == [State.CANCELLED, "gone"]
    assert not second.folder.exists()
    stopped = find_job(store, "", first.id)
    assert stopped.n_done == read_results(stopped).n_articles < 300


def test_a_job_of_a_page_that_ignores_ctrl_c_is_cancelled_at_its_beginning(
    store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = add(store, write(tmp_path / "a.txt"))

    def load_for_long(*_: object, **__: object) -> None:
        jobs.cancel_job(store, job)
        for _ in range(500):
            time.sleep(0.01)

    monkeypatch.chdir(tmp_path)  # and back: a worker goes into the jobs' folders
    monkeypatch.setattr(lifecycle, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(batch_worker, "run_request", load_for_long)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        batch_worker.work(store)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert jobs.LIFE.state_of(store, job.id) == State.CANCELLED


def test_a_run_that_tells_its_progress_without_pause_is_cancelled(
    store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = add(store, write(tmp_path / "a.txt"))

    def tell_for_long(_: object, show: Callable[[Progress], None]) -> Outcome:
        end = time.monotonic() + 5
        n_done = 0
        while time.monotonic() < end:
            show(Progress(n_done := n_done + 1, 0, None))
            if n_done == 200_000:
                jobs.cancel_job(store, job)
        return Outcome(LineCounts(0, 0, 0), 0, True, (), None)

    monkeypatch.chdir(tmp_path)  # and back: a worker goes into the jobs' folders
    monkeypatch.setattr(lifecycle, "LOOK_EVERY_S", 0.001)
    monkeypatch.setattr(batch_worker, "run_request", tell_for_long)
    batch_worker.work(store)
    assert jobs.LIFE.state_of(store, job.id) == State.CANCELLED


def test_a_model_that_cannot_be_used_is_said_without_a_path_of_the_machine(
    store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # and back: a worker goes into the jobs' folders
    file = write(tmp_path / "a.txt")
    job = add_job(store, "", [file], model=tmp_path / "nowhere", themes=NAMES)
    batch_worker.work(store)
    failed = find_job(store, "", job.id)
    assert (failed.state, failed.message[:5]) == (State.FAILED, "模型不能用")
    assert str(tmp_path) not in failed.message


def test_a_waiting_job_is_cancelled_and_deleted_at_once(store: Engine, tmp_path: Path) -> None:
    job = add(store, write(tmp_path / "a.txt"))
    jobs.cancel_job(store, job)
    assert jobs.LIFE.state_of(store, job.id) == State.CANCELLED
    jobs.delete_job(store, job)
    assert list_jobs(store, "") == []
    assert not job.folder.exists()


def report(name: str, **values: object) -> dict[str, object]:
    themes = [{"theme": "alliance", "name": "医共体", "score": 0.9, "evidence": []}]
    record = {
        "id": name, "source": "上传/a", "title": "", "date": "2024-03-01", "text": "…",
        "themes": themes, "scores": {"alliance": 0.9, "smart": 0.5}, "primary": "alliance",
        "review": ["smart"], "figures": [], "summary": {"text": EVIL, "sentences": []},
        "warnings": [], "model": "m", "cluster": name,
    }  # fmt: skip
    return record | values


@pytest.fixture
def done(store: Engine, tmp_path: Path) -> BatchJob:
    job = add(store, write(tmp_path / "a.txt"), name=EVIL)
    records = [
        report("a", title="=1+1"),
        report("b", title="平常的事", themes=[], review=[], primary=None),
        report("c", title="又说一遍", cluster="a", review=[]),
        {"id": "d", "source": "上传/d", "error": "文件是空的"},
    ]
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    write(job.result, lines + '{"id": "half')
    return job


@pytest.mark.parametrize(
    ("choice", "ids"),
    [
        (RowFilter(), "abcd"),
        (RowFilter("alliance"), "ac"),
        (RowFilter(NO_THEME), "b"),
        (RowFilter(status="review"), "a"),
        (RowFilter(status="repost"), "c"),
        (RowFilter(status="error"), "d"),
        (RowFilter("alliance", words="一遍 又说"), "c"),
        (RowFilter(words="没有的字"), ""),
    ],
)
def test_results_are_chosen_by_theme_status_and_words(
    done: BatchJob, choice: RowFilter, ids: str
) -> None:
    rows = read_results(done).rows
    assert "".join(row.id for row in rows if choice.takes(row)) == ids
    assert [read_record(done, row)["id"] for row in rows] == list("abcd")


def test_results_as_files_run_nothing(done: BatchJob, tmp_path: Path) -> None:
    book = load_workbook(save_results(done, "xlsx", tmp_path))
    cells = [row[1] for row in book["文章"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == ["=1+1", "平常的事", "又说一遍"]
    assert [row[0].value for row in book["错误"].iter_rows(min_row=2)] == ["d"]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert "'=1+1" in save_results(done, "csv", tmp_path).read_text(encoding="utf-8-sig")
    lines = save_results(done, "jsonl", tmp_path).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == list("abcd")


def test_what_is_shown_is_escaped(done: BatchJob) -> None:
    results = read_results(done)
    row = results.rows[0]
    opened = (row.start, read_record(done, row))
    table = show_table(results.rows, 0, NAMES, opened)
    shown = show_jobs([done], "") + show_counts(done, results) + table
    assert "<img" not in shown
    assert "文件是空的" in shown
    assert "转载 1 篇" in shown


def test_what_a_job_made_is_in_the_library_unless_that_is_turned_off(
    store: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # and back: a worker goes into the jobs' folders
    for keep, text in (("0", ARTICLE), ("", ARTICLE.replace("云岭", "平湖"))):
        monkeypatch.setenv("YIWEN_KEEP", keep)
        add(store, write(tmp_path / f"{keep or 'kept'}.txt", text), owner="li")
        batch_worker.work(store)
    (kept,) = list_articles(store, ArticleFilter())
    assert "平湖" in kept.title


def test_a_file_holds_what_was_chosen_and_says_so(done: BatchJob, tmp_path: Path) -> None:
    path = save_results(done, "jsonl", tmp_path, RowFilter(status="review"))
    assert [json.loads(line)["id"] for line in path.read_text(encoding="utf-8").splitlines()] == [
        "a"
    ]
    assert path.stem.endswith("-筛选")
    assert not save_results(done, "jsonl", tmp_path).stem.endswith("-筛选")


def test_a_row_without_a_title_has_the_beginning_of_its_text(store: Engine, tmp_path: Path) -> None:
    job = add(store, write(tmp_path / "a.txt"))
    write(job.result, json.dumps(report("z.zip/00.txt", text="云岭县\n" + "的" * 60)) + "\n")
    (row,) = read_results(job).rows
    assert row.title.startswith("云岭县 的的")
    assert row.title.endswith("…")


def test_what_a_run_says_is_noted_before_its_ledger(store: Engine, tmp_path: Path) -> None:
    job = add(store, write(tmp_path / "a.txt"))
    jobs.LIFE.begin(store, job.id, {State.QUEUED})
    jobs.note_progress(store, job.id, Progress(7, 2, 20))
    noted = find_job(store, "", job.id)
    assert (noted.n_tagged, noted.n_failed, noted.n_done) == (5, 2, 7)


def test_the_unsure_articles_of_a_job(done: BatchJob) -> None:
    assert [record["id"] for record in read_unsure(done)] == ["a"]
