"""Temporary folders: gone at the end, by SIGTERM too, and after a kill at the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from serving.home.scratch import scratch_folder, sweep

ROOT = Path(__file__).parents[3]
AT_WORK = """
import tempfile, time
from pathlib import Path
from serving.home.scratch import leave_on_sigterm, own_temporary_folder
leave_on_sigterm()
with own_temporary_folder():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "upload").write_bytes(bytes(1000))
        print(tempfile.gettempdir(), flush=True)
        time.sleep(60)
"""


def start(temp: Path) -> tuple[subprocess.Popen[str], Path]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(temp)}
    process = subprocess.Popen(
        [sys.executable, "-c", AT_WORK], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    folder = Path(process.stdout.readline().strip())
    process.stdout.close()
    assert folder.parent == temp
    return process, folder


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_asked_to_end_leaves_nothing(tmp_path: Path, number: int) -> None:
    process, _ = start(tmp_path)
    process.send_signal(number)
    process.wait()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed, left = start(tmp_path)
    alive, kept = start(tmp_path)
    killed.kill()
    killed.wait()
    (tmp_path / "yiwen-mine").mkdir()  # nobody's lock lies there
    assert left.exists()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with scratch_folder() as own:
        assert sorted(tmp_path.iterdir()) == sorted([kept, own, tmp_path / "yiwen-mine"])
    alive.terminate()
    alive.wait()
    assert list(tmp_path.iterdir()) == [tmp_path / "yiwen-mine"]


def test_an_upload_that_was_cut_goes_and_others_stay(tmp_path: Path) -> None:
    now = time.time()
    ages = {"tmpold": 700, "tmpnew": 10, "whole.docx": 7000, "yesterday.docx": 90_000}
    for name, age_s in ages.items():
        path = tmp_path / "page" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, (now - age_s, now - age_s))
    sweep(tmp_path)
    assert {path.name for path in (tmp_path / "page").iterdir()} == {"tmpnew", "whole.docx"}
