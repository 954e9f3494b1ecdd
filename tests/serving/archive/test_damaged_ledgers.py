"""Damaged ledgers: a message that says so, whatever byte it is, and other runs are listed."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from model import InputError
from serving.archive.control import cancel, find_run, forget, list_runs, recall_note
from serving.archive.ledger.beside import ledger_path, lock_ledger
from serving.archive.ledger.ledger import LedgerError
from serving.archive.reposts import compare_figures, find_head, sign
from serving.archive.request import ArchiveRequest
from serving.archive.written import check_output
from serving.cli.advice import explain
from serving.output.stats import take_stock
from tests.serving.archive.archives import tell, write_rows
from tests.serving.archive.quick import quick_run

# Flipped bits and runs of random bytes in turn; thousands with LEDGER_FLIPS=5000.
N_FLIPS = int(os.environ.get("LEDGER_FLIPS", "100"))
OUT = Path("out.jsonl")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of six articles that is done, in one file."""
    folder = tmp_path_factory.mktemp("done")
    rows = write_rows(folder / "in.jsonl", [tell(i if i < 5 else 0) for i in range(6)])
    quick_run(rows, folder / "out.jsonl")
    with closing(sqlite3.connect(ledger_path(folder / "out.jsonl"))) as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ledger.execute("PRAGMA journal_mode = DELETE")
    return folder


def test_whatever_byte_is_damaged_the_message_is_planned(
    done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(N_FLIPS)
    sound = ledger_path(done / "out.jsonl").read_bytes()
    shutil.copytree(done, tmp_path / "runs")
    monkeypatch.chdir(tmp_path / "runs")
    n_noticed = 0
    for i in range(N_FLIPS):
        content = bytearray(sound)
        at = dice.randrange(len(content))
        if i % 2:
            content[at] ^= 1 << dice.randrange(8)
        else:
            content[at : at + 40] = dice.randbytes(40)
        shutil.copyfile(done / "out.jsonl", OUT)
        for leftover in tmp_path.glob(f"runs/{ledger_path(OUT).name}*"):
            leftover.unlink()
        ledger_path(OUT).write_bytes(content)
        n_noticed += bool(try_everything(with_run=i % 50 < 2))
    assert n_noticed > N_FLIPS / 10


def try_everything(*, with_run: bool) -> list[str]:
    """Do all that reads a ledger; return the messages of what refused it."""
    refusals = []
    for act in (find_run, resume, read_all, *([run_again] if with_run else []), cancel):
        try:
            act(OUT)
        except InputError as error:
            refusals.append(str(error))
    assert [status.out for status in list_runs(Path())] == [OUT]
    forget(OUT)
    return refusals


def resume(out: Path) -> None:
    ArchiveRequest.from_note(QUICK_NOTE | recall_note(out), out)


def run_again(out: Path) -> None:
    quick_run(Path("in.jsonl"), out)


def read_all(out: Path) -> None:
    """Read what a run reads, and note what it would."""
    with lock_ledger(out) as ledger:
        check_output(out, ledger, {"alliance": "医共体"})
        take_stock(ledger.records())
        list(ledger.files())
        ledger.abandoned_files()
        for number in range(ledger.n_entries):
            ledger.digest_at(number)
        found = find_head(sign(tell(0)), ledger)
        first = ledger.report(found.report) if found else None
        if found and isinstance(first, dict):
            compare_figures(found, first, first)
        ledger.forget_failures()
        ledger.drop_from(1)
        ledger.drop_unused()


QUICK_NOTE = {
    "inputs": ["in.jsonl"], "folder": "/", "format": "jsonl", "limit_s": 120.0,
    "summary_chars": 200, "model": "/",
}  # fmt: skip


@pytest.mark.parametrize(
    "note",
    [
        {"inputs": 5}, {"folder": None}, {"limit_s": "long"}, {"summary_chars": 0.5},
        {"engine": "steam"}, {"rewriter": 7}, {"model": []}, {"format": {}},
    ],
)  # fmt: skip
def test_a_damaged_note_is_a_clear_message(note: dict, tmp_path: Path) -> None:
    with pytest.raises((LedgerError, InputError), match="已损坏") as caught:
        ArchiveRequest.from_note(QUICK_NOTE | note, tmp_path / "out.jsonl")
    assert "请运行 yiwen runs forget" in explain(caught.value)


def test_a_damaged_ledger_hides_no_other_run(done: Path, tmp_path: Path) -> None:
    shutil.copytree(done, tmp_path / "runs")
    other = tmp_path / "runs" / "a.jsonl"
    ledger_path(other).write_bytes(b"no database" * 500)
    found = {status.out.name: status for status in list_runs(tmp_path / "runs")}
    assert found["out.jsonl"].state == "done"
    assert found["a.jsonl"].state == "unusable"
    assert "已损坏" in found["a.jsonl"].problem
