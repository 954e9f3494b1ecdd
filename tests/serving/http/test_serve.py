"""`yiwen serve` as a process: it answers, and ends gracefully when asked."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from tests.conftest import ARTICLE

ROOT = Path(__file__).parents[3]
START_S = 400.0  # a busy machine takes long


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(home: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start the service; yield its address and process once it is ready."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    process = subprocess.Popen(
        [sys.executable, "-m", "serving.cli", "serve", "--port", str(port), *options],
        cwd=ROOT, env={**os.environ, "YIWEN_HOME": str(home)}, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_until_ready(url, process)
        yield url, process
    finally:
        process.kill()
        process.communicate()


def wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    end = monotonic() + START_S
    while monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz", timeout=10).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        sleep(0.2)
    raise AssertionError(process.communicate(timeout=1)[1] if process.poll() else "not ready")


def test_it_serves_and_answers_what_is_under_way_before_it_ends(tmp_path: Path) -> None:
    patient = ("--workers", "1", "--time-limit", "60", "--grace", "300")
    with serving(tmp_path, *patient) as (url, process):
        statuses: list[int] = []

        def ask() -> None:
            answer = httpx.post(f"{url}/v1/articles", json={"text": ARTICLE * 5}, timeout=300)
            statuses.append(answer.status_code)

        asking = [threading.Thread(target=ask) for _ in range(3)]
        for thread in asking:
            thread.start()
        while "yiwen_analyses_running 1.0" not in httpx.get(f"{url}/metrics").text:
            sleep(0.02)
        process.send_signal(signal.SIGTERM)
        for thread in asking:
            thread.join()
        _, messages = process.communicate(timeout=60)
    assert statuses == [200, 200, 200]
    assert process.returncode in {0, -signal.SIGTERM, 128 + signal.SIGTERM}
    assert b"Traceback" not in messages


def test_the_page_is_served_beside_it_and_its_own_interface_stays_closed(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "1", "--page") as (url, _):
        assert "医闻" in httpx.get(url, timeout=60).text
        assert httpx.get(f"{url}/v1/models").json()["models"]
        assert httpx.get(f"{url}/docs").is_success
        started = httpx.post(f"{url}/gradio_api/call/analyze", json={"data": [ARTICLE]})
        assert started.status_code in {403, 404, 405}


def test_an_address_for_others_is_not_opened_without_keys(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "serving.cli", "serve", "--host", "0.0.0.0"], check=False,
        cwd=ROOT, env={**os.environ, "YIWEN_HOME": str(tmp_path)}, capture_output=True,
        encoding="utf-8",
    )  # fmt: skip
    assert ended.returncode == 2
    assert "yiwen keys add" in ended.stderr


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
def test_no_worker_outlives_the_service(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "1", "--time-limit", "60") as (url, process):
        answer = httpx.post(f"{url}/v1/articles", json={"text": ARTICLE}, timeout=300)
        assert answer.is_success, answer.text
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        process.wait()
        end = monotonic() + 20
        while any(is_alive(child) for child in children) and monotonic() < end:
            sleep(0.1)
        assert not any(is_alive(child) for child in children)


def is_alive(process: str) -> bool:
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
