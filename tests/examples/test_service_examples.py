"""The examples of the HTTP service run against it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.home.database import open_store
from serving.home.keys import add_key
from tests.conftest import ARTICLE
from tests.serving.http.test_serve import ROOT, serving


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and key of a service that runs."""
    home = tmp_path_factory.mktemp("home")
    store = open_store(f"sqlite:///{home / 'yiwen.db'}")
    key = add_key(store, "example")
    store.dispose()
    with serving(home, "--workers", "1", "--time-limit", "60") as (url, _):
        yield url, key


def run(service: tuple[str, str], *command: str) -> str:
    url, key = service
    environment = {**os.environ, "YIWEN_KEY": key, "PYTHONIOENCODING": "utf-8"}
    program, *arguments = command
    return subprocess.run(
        [*program.split(), url, *arguments], cwd=ROOT, env=environment, check=True,
        capture_output=True, encoding="utf-8",
    ).stdout  # fmt: skip


def python(script: str) -> str:
    return f"{sys.executable} examples/{script}"


def test_files_are_analysed(service: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "b.txt").write_text("太短", encoding="utf-8")
    names = (str(tmp_path / name) for name in ("a.txt", "b.txt"))
    first, second = run(service, python("service_client.py"), *names).splitlines()
    assert first.startswith("a.txt\t医共体\t")
    assert second.startswith("b.txt\tunusable_input\t")


def test_a_batch_goes_on_where_it_was_cut(service: tuple[str, str], tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = ({"id": i, "text": f"第{i}期\n{ARTICLE}"} for i in range(3))
    source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    command = (python("service_batch.py"), str(source), str(out))
    assert run(service, *command) == "done: 3 tagged, 0 failed\n"
    whole = out.read_bytes()
    out.write_bytes(whole[: len(whole) // 2])
    run(service, *command)
    assert out.read_bytes() == whole
    assert [json.loads(line)["id"] for line in whole.splitlines()] == [0, 1, 2]


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl_gets_the_same_report_each_way(service: tuple[str, str], tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text(ARTICLE, encoding="utf-8")
    ready, *reports = map(
        json.loads, run(service, "sh examples/service.sh", str(article)).splitlines()
    )
    assert ready == {"status": "ok"}
    assert len(reports) == 3
    assert all(report["figures"] == reports[0]["figures"] != [] for report in reports)
