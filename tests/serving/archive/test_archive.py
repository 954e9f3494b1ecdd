"""Archive runs: stopped and refused ones, what is set aside, and stories told again."""

from __future__ import annotations

import csv
import errno
import os
import resource
import signal
import subprocess
import time
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from openpyxl import load_workbook

from model import Analyzer, Article, InputError
from serving.archive.analysis_queue import AnalysisQueue
from serving.archive.control import cancel, find_run, forget, list_runs
from serving.archive.feed.sources import Source, find_sources
from serving.archive.ledger.beside import ledger_path, lock_ledger
from serving.archive.ledger.ledger import LedgerError
from serving.archive.run import Progress, run
from serving.cli.advice import explain
from serving.output.writers import XlsxWriter
from tests.conftest import ARTICLE
from tests.serving.archive.archives import (
    ENVIRONMENT,
    QUICK,
    read_rows,
    tell,
    wait_until,
    write_rows,
)
from tests.serving.archive.quick import quick_run, quick_task, read_while_it_grows

LIMIT_S = 2.0  # long enough for a good article on a loaded machine


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "in.jsonl", [tell(i) for i in range(6)])


def test_a_second_run_does_only_what_is_new(rows: Path, tmp_path: Path) -> None:
    log, out = tmp_path / "log", tmp_path / "out.jsonl"
    assert quick_run(rows, out, log=log).n_new == 6
    before = out.read_bytes()
    assert quick_run(rows, out, log=log).n_new == 0
    assert out.read_bytes() == before
    texts = [tell(9), *(tell(i) for i in range(5)), tell(8)]
    assert quick_run(write_rows(rows, texts), out, log=log).n_new == 2
    quick_run(rows, tmp_path / "fresh.jsonl")
    assert out.read_bytes() == (tmp_path / "fresh.jsonl").read_bytes()
    assert len(log.read_text(encoding="utf-8").splitlines()) == 8


def test_another_model_does_everything_anew(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    quick_run(rows, out)
    assert quick_run(rows, out, fingerprint="quick 2").n_new == 6
    assert len(read_rows(out)) == 6


def test_an_output_that_was_deleted_or_cut_is_written_again(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    quick_run(rows, out)
    before = out.read_bytes()
    out.write_bytes(before[:500])
    assert quick_run(rows, out).n_new == 0
    assert out.read_bytes() == before


def test_two_runs_on_one_output_are_refused_with_who_holds_it(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with lock_ledger(out), pytest.raises(LedgerError, match=f"进程 {os.getpid()}，自 20"):
        quick_run(rows, out)
    quick_run(rows, out)


def test_a_full_disk_is_a_clear_message_and_costs_nothing(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000))

    done = subprocess.run(
        [*QUICK, archive, out], env=ENVIRONMENT, preexec_fn=limit, capture_output=True, check=False
    )
    message = done.stderr.decode().splitlines()[-1]
    assert done.returncode != 0
    assert "再运行同一命令即可接着做" in message
    n_kept = find_run(out).counts.n_tagged
    assert 0 < quick_run(archive, out).n_new < 150 - n_kept / 2
    quick_run(archive, tmp_path / "expected.jsonl")
    assert out.read_bytes() == (tmp_path / "expected.jsonl").read_bytes()


def test_a_folder_that_cannot_be_written_is_a_clear_message(rows: Path) -> None:
    with pytest.raises(InputError, match=r"无法写入|写不进去"):
        quick_run(rows, Path("/proc/1/out.jsonl"))


def test_a_damaged_ledger_is_a_clear_message(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    ledger_path(out).write_bytes(b"no database" * 500)
    with pytest.raises(LedgerError, match="已损坏") as caught:
        quick_run(rows, out)
    assert "请运行 yiwen runs forget" in explain(caught.value)
    forget(out)
    quick_run(rows, out)


def test_ctrl_c_finishes_the_article_in_hand(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    process = subprocess.Popen([*QUICK, archive, out], env=ENVIRONMENT)
    wait_until(lambda: out.exists() and out.stat().st_size > 0)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0
    n_done = len(read_rows(out))
    assert 0 < n_done < 172
    found = find_run(out)
    assert found.state == "stopped"
    assert found.counts.n_tagged + found.counts.n_failed == n_done


def test_runs_are_listed_cancelled_and_forgotten(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    process = subprocess.Popen([*QUICK, archive, out], env=ENVIRONMENT)
    wait_until(lambda: out.exists() and out.stat().st_size > 0)
    (found,) = list_runs(tmp_path)
    assert (found.out, found.state) == (out, "running")
    with pytest.raises(LedgerError, match="正在写") as caught:
        forget(out)
    assert "请先 yiwen runs cancel" in explain(caught.value)
    cancel(out)
    process.wait()
    assert find_run(out).state == "cancelled"
    quick_run(archive, out)
    assert find_run(out).state == "done"
    assert find_run(out).counts.n_failed == 2
    forget(out)
    assert list_runs(tmp_path) == []
    assert out.exists()


def test_what_fails_is_set_aside_and_taken_up_again(tmp_path: Path) -> None:
    log, out = tmp_path / "log", tmp_path / "out.jsonl"
    bad = ["令人崩溃。", "令人猝死。", "没完没了。"]
    texts = [tell(0), *(tell(i + 1) + word for i, word in enumerate(bad)), tell(5)]
    rows = write_rows(tmp_path / "in.jsonl", texts)
    quick_run(rows, out, log=log, limit_s=LIMIT_S)
    reports = read_rows(out)
    reasons = ["ValueError：崩溃", "意外退出", "没有回应"]
    assert ["error" in r for r in reports] == [False, True, True, True, False]
    assert all(reason in r["error"] for reason, r in zip(reasons, reports[1:], strict=False))
    assert quick_run(rows, out, log=log, limit_s=LIMIT_S).n_new == 0
    log.unlink()
    assert quick_run(rows, out, log=log, limit_s=LIMIT_S, retry_failed=True).n_new == 3
    assert set(log.read_text(encoding="utf-8").split()) == {"n1", "n2", "n3"}
    assert read_rows(out) == reports


def test_articles_around_one_that_kills_its_process_are_not_to_blame(tmp_path: Path) -> None:
    texts = [tell(i) + "令人猝死。" * (i == 20) for i in range(40)]
    rows, out = write_rows(tmp_path / "in.jsonl", texts), tmp_path / "out.jsonl"
    assert quick_run(rows, out).n_new == 40
    reports = read_rows(out)
    assert [r["id"] for r in reports] == [f"n{i}" for i in range(40)]
    assert [r["id"] for r in reports if "error" in r] == ["n20"]


def test_an_article_reads_the_same_whatever_is_read_beside_it(analyzer: Analyzer) -> None:
    texts = [ARTICLE, ARTICLE.replace("83名", "93名") * 9, tell(1, 40), ARTICLE[:90], tell(2)]
    articles = [Article.from_raw(text, id=i) for i, text in enumerate(texts)]
    with closing(AnalysisQueue(partial(Analyzer.load, threads=1), LIMIT_S * 60)) as analyst:
        for article in articles:
            analyst.submit(article)
        together = [analyst.collect() for _ in articles]
    assert together == [analyzer.analyze(article).to_dict() for article in articles]


def test_files_that_hang_or_kill_their_reader_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from serving.archive.feed import local
    from tests.serving.archive.quick import read_oddly

    monkeypatch.setattr(local, "GRACE_S", 0.5)
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b-slow", "c", "d-deaf", "e-dies", "f"):
        (folder / f"{name}.txt").write_text(tell(ord(name[0])), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    quick_run(folder, out, limit_s=LIMIT_S, read=read_oddly)
    reports = read_rows(out)
    errors = {r["id"]: r["error"] for r in reports if "error" in r}
    late, retry = (
        "已搁置；可用 --time-limit 放宽，再用 --retry-failed 重试",
        "修好后用 --retry-failed 重试",
    )
    assert errors["b-slow.txt"] == f"读取超过 2 秒，{late}"
    assert errors["d-deaf.txt"] == f"读取时没有回应，进程已终止，文件已搁置；{retry}"
    reasons = {r["id"]: r.get("error", "")[:8] for r in reports}
    assert reasons == {
        "a.txt": "", "b-slow.txt": "读取超过 2 秒", "c.txt": "", "d-deaf.txt": "读取时没有回应，",
        "e-dies.txt": "读取时进程意外退", "f.txt": "",
    }  # fmt: skip
    start = time.monotonic()
    quick_run(folder, out, limit_s=LIMIT_S, read=read_oddly)
    assert time.monotonic() - start < 10
    assert read_rows(out) == reports
    quick_run(folder, out, retry_failed=True)
    assert not any("error" in r for r in read_rows(out))


def test_a_file_that_is_gone_when_its_turn_comes_is_a_line_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    lost = write_rows(folder / "a.jsonl", [tell(9)])
    write_rows(folder / "b.jsonl", [tell(i) for i in range(6)])

    def find_and_lose(*given: Any) -> list[Source]:
        sources = find_sources(*given)
        lost.unlink()
        return sources

    monkeypatch.setattr("serving.archive.run.find_sources", find_and_lose)
    out = tmp_path / "out.jsonl"
    shown: list[Progress] = []
    run(quick_task(folder, out), shown.append)
    reports = read_rows(out)
    assert [r["id"] for r in reports] == ["a.jsonl", *(f"n{i}" for i in range(6))]
    assert [r["id"] for r in reports if "error" in r] == ["a.jsonl"]
    assert reports[0]["error"].startswith("文件无法读取")
    assert {progress.n_expected for progress in shown} == {7}


def test_a_file_that_changed_is_read_again(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    quick_run(rows, out)
    texts = [tell(i) for i in range(6)]
    texts[3] = tell(30)
    assert quick_run(write_rows(rows, texts), out).n_new == 1
    assert read_rows(out)[3]["text"] == tell(30)


def test_a_file_that_changes_while_it_is_read_is_named_and_read_again(
    rows: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    assert quick_run(rows, out, read=read_while_it_grows).changed_files == (str(rows),)
    assert len(read_rows(out)) == 6
    assert quick_run(rows, out).changed_files == ()
    assert len(read_rows(out)) == 7


def test_a_workbook_that_does_not_fit_on_the_disk_leaves_the_old_one_and_the_ledger(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.xlsx"
    quick_run(archive / "a00.txt", out)
    before = out.read_bytes()
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(out))
    monkeypatch.setattr(XlsxWriter, "close", Mock(side_effect=full))
    with pytest.raises(LedgerError, match="接着做"):
        quick_run(archive, out)
    monkeypatch.undo()
    assert out.read_bytes() == before
    assert not list(tmp_path.glob(".*.part"))
    assert quick_run(archive, out).n_new == 0
    assert load_workbook(out)["文章"].max_row == 171


def test_a_text_told_again_is_analysed_once_and_a_story_has_one_cluster(tmp_path: Path) -> None:
    log, out = tmp_path / "log", tmp_path / "out.jsonl"
    near = tell(1)[:-5] + "名。"
    dropped = tell(1)[: tell(1).rindex("。", 0, -1) + 1]
    texts = [tell(1), tell(2), tell(1), near, dropped, tell(2)]
    quick_run(write_rows(tmp_path / "in.jsonl", texts), out, log=log)
    reports = read_rows(out)
    assert [r["cluster"] for r in reports] == ["n0", "n1", "n0", "n0", "n0", "n1"]
    assert [r["id"] for r in reports] == [f"n{i}" for i in range(6)]
    assert sorted(log.read_text(encoding="utf-8").split()) == ["n0", "n1", "n3", "n4"]
    for report in reports:
        (span,) = report["summary"]["sentences"]
        assert report["summary"]["text"] == report["text"][span["start"] : span["end"]]
        assert report["themes"][0]["evidence"][0]["text"] in report["text"]


def test_figures_that_differ_between_reposts_are_flagged(tmp_path: Path) -> None:
    from serving.archive.task import ArchiveTask

    changed = ARTICLE.replace("83名", "93名")
    path = write_rows(tmp_path / "in.jsonl", [ARTICLE, changed, ARTICLE])
    out = tmp_path / "out.jsonl"
    task = ArchiveTask((str(path),), out, "jsonl", "default", {"alliance": "医共体"}, Analyzer.load)
    run(task, lambda _: None)
    first, second, third = read_rows(out)
    assert (second["cluster"], third["cluster"]) == ("n0", "n0")
    assert "“93名”在首篇为“83名”" in second["warnings"][-1]
    assert not first["warnings"]
    assert not third["warnings"]
    assert second["summary"]["text"] == first["summary"]["text"].replace("83名", "93名")
    assert [f["value"] for f in second["figures"]] == [
        93 if f["value"] == 83 else f["value"] for f in first["figures"]
    ]


def test_csv_has_one_header_after_a_resumed_run(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    task = quick_task(archive, out)
    quick_run(archive / "a00.txt", out)
    run(replace(task, inputs=(str(archive),)), lambda _: None)
    with out.open(encoding="utf-8-sig", newline="") as stream:
        ids = [row["编号"] for row in csv.DictReader(stream)]
    assert len(ids) == 172
    assert ids.count("编号") == 0
