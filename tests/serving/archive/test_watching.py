from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from model.analyzer import DEFAULT_MODEL
from serving.archive.ledger.ledger import LedgerError
from serving.archive.request import ArchiveRequest, run_request
from serving.archive.watching import MAX_UNSETTLED_LOOKS, look, watch_folder
from tests.conftest import ARTICLE


def ids(out: Path) -> list[str]:
    return [json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()]


def run(folder: Path, out: Path, **settings: int) -> int:
    request = ArchiveRequest((str(folder),), out, DEFAULT_MODEL, appends=True, **settings)
    return run_request(request, lambda _: None).n_new


def test_new_lines_go_behind_and_old_ones_stay(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out.jsonl"
    folder.mkdir()
    (folder / "m.txt").write_text(ARTICLE, encoding="utf-8")
    assert run(folder, out) == 1
    first = out.read_bytes()
    (folder / "a.txt").write_text(ARTICLE.replace("云岭", "青川"), encoding="utf-8")
    assert run(folder, out) == 1
    assert out.read_bytes().startswith(first)
    (folder / "m.txt").unlink()  # filed elsewhere
    changed = ARTICLE.replace("云岭", "白水")
    (folder / "a.txt").write_text(changed, encoding="utf-8")
    assert run(folder, out) == 1
    assert run(folder, out) == 0
    assert ids(out) == ["m.txt", "a.txt", "a.txt"]
    with pytest.raises(LedgerError, match="不能接着写"):
        run(folder, out, summary_chars=100)
    assert ids(out) == ["m.txt", "a.txt", "a.txt"]


def test_a_file_is_taken_when_it_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = tmp_path / "a.txt", tmp_path / "out.jsonl"
    sizes: list[int] = []

    def copy_on(_: float) -> None:
        """One more look: the file grows three times, then it is whole."""
        if len(sizes) < 3:
            path.write_text("字" * (len(sizes) + 1), encoding="utf-8")
        sizes.append(len(sizes))
        assert len(sizes) < 50

    monkeypatch.setattr(time, "sleep", copy_on)
    changes = watch_folder(tmp_path, out, 1.0)
    assert next(changes) == 1
    assert len(sizes) == 4
    out.write_text("x", encoding="utf-8")
    assert len(look(tmp_path, out)) == 1
    (tmp_path / "b.txt").write_text("字", encoding="utf-8")
    path.unlink()
    assert next(changes) == 1


def test_a_folder_that_is_never_quiet_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Path] = []

    def add(_: float) -> None:
        looks.append(tmp_path / f"{len(looks)}.txt")
        looks[-1].touch()

    monkeypatch.setattr(time, "sleep", add)
    next(watch_folder(tmp_path, tmp_path / "out.jsonl", 1.0))
    assert len(looks) == MAX_UNSETTLED_LOOKS + 1


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_the_command_reads_what_comes_and_ends_cleanly(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out.jsonl"
    folder.mkdir()
    command = [sys.executable, "-m", "serving.cli", "watch", str(folder), "-o", str(out)]
    process = subprocess.Popen(
        [*command, "--every", "0.2"], stderr=subprocess.PIPE, encoding="utf-8",
        cwd=Path(__file__).parents[3], env=dict(os.environ),
    )  # fmt: skip
    killer = threading.Timer(180, process.kill)
    killer.start()
    try:
        for number, name in enumerate(("b.txt", "a.txt"), 1):
            text = ARTICLE.replace("云岭", "青川" * number)
            (folder / name).write_text(text, encoding="utf-8")
            wait_for(lambda n=number: out.exists() and len(ids(out)) == n)
        process.send_signal(signal.SIGINT)
        _, messages = process.communicate(timeout=120)
    finally:
        killer.cancel()
        process.kill()
    assert process.returncode == 0, messages
    assert "已停下" in messages
    assert "Traceback" not in messages
    assert ids(out) == ["b.txt", "a.txt"]
