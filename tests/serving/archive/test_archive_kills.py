"""Archive runs that are killed: they end with the bytes of one that was left alone."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pyarrow import parquet

from serving.archive.control import forget
from serving.archive.ledger.beside import ledger_path
from tests.serving.archive.archives import ENVIRONMENT, N_LINES, QUICK, tell, wait_until
from tests.serving.archive.quick import quick_run


@pytest.mark.parametrize(("kind", "n_kills"), [("jsonl", 14), ("csv", 6)])
def test_killed_at_any_moment_a_run_ends_with_the_same_bytes(
    archive: Path, tmp_path: Path, kind: str, n_kills: int
) -> None:
    expected = tmp_path / f"expected.{kind}"
    quick_run(archive, expected)
    dice = random.Random(kind)
    out = tmp_path / f"out.{kind}"
    with endless(archive):
        for i in range(n_kills):
            if i % 4 == 0:
                forget_all(out)
            n_lines = count_lines(out)
            more = dice.randint(0, max(0, N_LINES * 3 // 4 - n_lines))
            kill_at(archive, out, n_lines + more, dice.uniform(0, 0.1))
    quick_run(archive, out)
    assert out.read_bytes() == expected.read_bytes()


@contextmanager
def endless(archive: Path) -> Iterator[None]:
    """Have a run of the archive wait at its end, so that it never ends before it is killed."""
    last = archive / "z.txt"
    last.write_text(tell(99) + "没完没了。", encoding="utf-8")
    yield
    last.unlink()


def kill_at(archive: Path, out: Path, n_lines: int, later_s: float = 0) -> None:
    """Kill a run once its ledger exists and has so many lines, or so much later."""
    process = subprocess.Popen([*QUICK, archive, out], env=ENVIRONMENT)
    wait_until(lambda: ledger_path(out).exists() and count_lines(out) >= n_lines)
    time.sleep(later_s)
    process.kill()
    assert process.wait() == -signal.SIGKILL


def count_lines(out: Path) -> int:
    """Look into a ledger that may not be there, or be made at this moment."""
    try:
        with closing(sqlite3.connect(f"file:{ledger_path(out)}?mode=ro", uri=True)) as ledger:
            (n_lines,) = ledger.execute("SELECT count(*) FROM entries").fetchone()
    except sqlite3.OperationalError:
        return 0
    return int(n_lines)


def forget_all(out: Path) -> None:
    if ledger_path(out).exists():
        forget(out)
    out.unlink(missing_ok=True)


def test_a_run_killed_before_its_workbook_is_written_writes_it(
    archive: Path, tmp_path: Path
) -> None:
    outs = {kind: tmp_path / f"out.{kind}" for kind in ("xlsx", "parquet")}
    for kind, out in outs.items():
        quick_run(archive, tmp_path / f"expected.{kind}")
        with endless(archive):
            kill_at(archive, out, N_LINES * 3 // 4)
        assert not out.exists()
        assert quick_run(archive, out).n_new < N_LINES / 4
        assert out.read_bytes() == (tmp_path / f"expected.{kind}").read_bytes()
    assert parquet.read_table(outs["parquet"]).num_rows == N_LINES
    book = load_workbook(outs["xlsx"])
    assert {sheet.title: sheet.max_row for sheet in book} == {
        "文章": 171, "主题": 171, "数字": 1, "错误": 3, "说明": 18,
    }  # fmt: skip
