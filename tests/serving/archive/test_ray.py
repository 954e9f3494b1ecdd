"""The archive on a Ray cluster: the same bytes as on one machine, and no process left."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from model import InputError
from serving.archive.feed.ray import connect
from tests.serving.archive.archives import ENVIRONMENT, ROOT, tell, write_rows
from tests.serving.archive.quick import quick_run

needs_ray = pytest.mark.skipif(
    find_spec("ray") is None, reason='Ray is no part of make install: pip install "ray[data]"'
)


@pytest.mark.ray
@needs_ray
def test_two_nodes_write_what_one_machine_writes(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write_rows(folder / "a.jsonl", [tell(i % 50) for i in range(60)])
    with (folder / "a.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("broken\n")
    write_rows(folder / "b.jsonl", [tell(i) + "令人崩溃。" * (i == 45) for i in range(40, 80)])
    (folder / "c.docx").write_bytes(b"PK broken")
    expected, out, log = tmp_path / "expected.jsonl", tmp_path / "out.jsonl", tmp_path / "log"
    quick_run(folder, expected)
    for n, end in enumerate(("令人猝死。", "没完没了。")):
        write_rows(tmp_path / f"deadly{n}.jsonl", [tell(0), tell(1) + end, tell(2)])
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/serving/archive/ray_cluster.py"), folder, out, log],
        env=ENVIRONMENT | {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"},
        capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = re.findall(r"^told (\d+)$", done.stdout, re.MULTILINE)  # Ray talks in between
    n_new, n_again, n_nodes = map(int, told)
    assert out.read_bytes() == expected.read_bytes()
    assert (n_again, n_nodes) == (0, 2)
    assert n_new == 81
    lines = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    assert {name for _, name in lines} == {f"n{i}" for i in range(60)}
    assert len({node for node, _ in lines}) == 2
    assert done.stderr.count("去掉 --engine ray 再运行一次") == 2
    assert not find_processes(str(tmp_path))
    outcome = quick_run(tmp_path / "deadly0.jsonl", tmp_path / "out-deadly0.jsonl")
    assert (outcome.counts.n_tagged, outcome.counts.n_failed) == (2, 1)


def test_without_ray_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match="pip install"):
        connect()


def find_processes(word: str) -> list[str]:
    """Return the commands that run and hold a word."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if word in command and int(folder.name) != os.getpid():
            found.append(command)
    return found
