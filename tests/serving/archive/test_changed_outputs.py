"""An output that somebody else changed is not written to; what a run lost is written again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from serving.archive.control import forget
from serving.archive.ledger.beside import lock_ledger
from serving.archive.ledger.ledger import LedgerError
from serving.archive.outputs import TextOutput, open_output
from serving.archive.written import check_output
from serving.cli.advice import explain
from tests.serving.archive.archives import read_rows, tell, write_rows
from tests.serving.archive.quick import quick_run

NAMES = {"alliance": "医共体"}
ROWS = Path("in.jsonl")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six articles, and a run of them that is done, as jsonl and as csv."""
    folder = tmp_path_factory.mktemp("done")
    write_rows(folder / ROWS, [tell(i) for i in range(6)])
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        for kind in ("jsonl", "csv"):
            assert quick_run(ROWS, Path(f"out.{kind}")).n_new == 6
    return folder


@pytest.fixture
def rows(done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The articles, and in the same folder what the run made of them, for the test alone."""
    shutil.copytree(done, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return ROWS


def add_article(rows: Path) -> None:
    with rows.open("a", encoding="utf-8") as stream:
        stream.write(rows.read_text(encoding="utf-8").splitlines()[0].replace('"n0"', '"n9"'))


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
@pytest.mark.parametrize("change", ["same size", "longer", "shorter", "appended", "other program"])
def test_an_edited_output_is_not_written_to(
    rows: Path, tmp_path: Path, kind: str, change: str
) -> None:
    out = tmp_path / f"out.{kind}"
    content = out.read_bytes()
    at = content.index(b"n2")
    out.write_bytes({
        "same size": content[:at] + b"N" + content[at + 1 :],
        "longer": content[:at] + b"my " + content[at:],
        "shorter": content[:at] + content[at + 1 :],
        "appended": content + b"mine\n",
        "other program": content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\r\n"),
    }[change])  # fmt: skip
    edited = out.read_bytes()
    add_article(rows)
    with pytest.raises(LedgerError, match="改动过") as caught:
        quick_run(rows, out)
    assert out.read_bytes() == edited
    assert "第 6 行之后多出了内容" in str(caught.value) or change != "appended"
    assert "第 3 行" in str(caught.value) or change in ("appended", "other program")
    assert "yiwen runs forget" in explain(caught.value)
    forget(out)
    assert quick_run(rows, out).n_new == 6
    assert out.read_bytes() != edited


def test_another_model_writes_over_no_edited_output(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_bytes(out.read_bytes().replace(b"n2", b"my"))
    for settings in ({"fingerprint": "quick 2"}, {"retry_failed": True}):
        with pytest.raises(LedgerError, match="第 3 行与写成时不同"):
            quick_run(rows, out, **settings)


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
@pytest.mark.parametrize("n_lost", [1, 300, 10_000_000])
def test_lines_that_an_output_lost_are_written_again_and_it_says_so(
    rows: Path, tmp_path: Path, kind: str, n_lost: int
) -> None:
    out = tmp_path / f"out.{kind}"
    before = out.read_bytes()
    out.write_bytes(before[: max(0, len(before) - n_lost)])
    outcome = quick_run(rows, out)
    assert outcome.n_new == 0
    assert "按账本" in outcome.restored
    assert out.read_bytes() == before
    assert quick_run(rows, out).restored == ""


@pytest.mark.usefixtures("rows")
def test_a_kill_between_ledger_and_output_is_made_good(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    before = out.read_bytes()
    with lock_ledger(out) as ledger:
        ledger.set(state="running")
        ledger.commit()
    for n_bytes in range(0, len(before), 997):
        out.write_bytes(before[:n_bytes])
        with lock_ledger(out) as ledger:
            check_output(out, ledger, NAMES)
        assert out.read_bytes() == (before if n_bytes else b"")


def test_an_edited_workbook_is_kept(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    quick_run(rows, out)
    quick_run(rows, out)
    book = load_workbook(out)
    book["文章"]["B2"] = "我的标题"
    book.save(out)
    edited = out.read_bytes()
    with pytest.raises(LedgerError, match="写成之后被改动过"):
        quick_run(rows, out)
    assert out.read_bytes() == edited
    out.unlink()
    assert quick_run(rows, out).n_new == 0
    assert load_workbook(out)["文章"]["B2"].value != "我的标题"


CHANGES = {
    "deleted": lambda out: out.unlink(),
    "moved": lambda out: out.rename(out.with_name("mine")),
    "replaced": lambda out: shutil.copy(out, out.with_name("new")).replace(out),
    "truncated": lambda out: os.truncate(out, 10),
    "emptied": lambda out: os.truncate(out, 0),
    "overwritten": lambda out: overwrite(out, b"X"),
    "appended": lambda out: overwrite(out, b"mine", os.SEEK_END),
}


def overwrite(out: Path, content: bytes, whence: int = os.SEEK_SET) -> None:
    with out.open("r+b") as stream:
        stream.seek(0, whence)
        stream.write(content)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_during_the_run_is_noticed_at_the_next_commit(tmp_path: Path, change: str) -> None:
    out = tmp_path / "out.jsonl"
    records = read_rows(out)
    with lock_ledger(out) as ledger:
        output = open_output(out, "jsonl", NAMES, ledger)
        assert isinstance(output, TextOutput)
        os.utime(out)  # a program that only touches it is nobody's edit
        output.write(records[0])
        output.note(ledger)
        output.flush()
        CHANGES[change](out)
        found = out.read_bytes() if out.exists() else b""
        output.write(records[1])
        with pytest.raises(LedgerError, match="在运行中"):
            output.note(ledger)
        output.close()
    assert (out.read_bytes() if out.exists() else b"") == found


def test_the_output_of_a_release_without_hashes_is_checked_by_its_lines(
    rows: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    with lock_ledger(out) as ledger:
        ledger.set(written=None)
        ledger.commit()
    before = out.read_bytes()
    out.write_bytes(before + b'{"id": "half')  # such a release wrote before it committed
    assert quick_run(rows, out).n_new == 0
    assert out.read_bytes() == before
    with lock_ledger(out) as ledger:
        ledger.set(written=None)
        ledger.commit()
    out.write_bytes(before.replace(b"n2", b"mine"))
    with pytest.raises(LedgerError, match="第 3 行的长度与写成时不同"):
        quick_run(rows, out)


def test_the_command_says_what_changed_and_leaves_with_an_error(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "serving.cli", "tag", "in.txt", "-o", "out.jsonl"]
    (tmp_path / "in.txt").write_text(tell(1), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    out = tmp_path / "out.jsonl"
    out.write_bytes(out.read_bytes() + b"mine\n")
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 2
    assert "第 1 行之后多出了内容" in done.stderr.decode().replace("\n", "")
    assert out.read_bytes().endswith(b"mine\n")
